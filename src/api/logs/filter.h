// Filter patterns of CloudWatch Logs for unstructured lines ("Filter pattern syntax"): terms that
// must all occur, "-term" that must not, "?term" of which one must, "quoted phrases". Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/fault.h"

namespace sallyport::api {

class LogFilter {
 public:
  // InvalidParameterException for what is not such a pattern; the JSON, column and
  // regular-expression forms are refused by name.
  static Outcome<LogFilter> parse(std::string_view pattern);
  bool matches(std::string_view message) const;
  // Everything matches.
  bool empty() const { return all_.empty() && none_.empty() && any_.empty(); }

 private:
  std::vector<std::string> all_, none_, any_;
};

}  // namespace sallyport::api
