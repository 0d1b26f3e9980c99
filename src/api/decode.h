// Request bodies against the model: types, required members, lengths, patterns, enums, ranges.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "api/fault.h"
#include "api/shape.h"

namespace sallyport::api {

// The violations of one value, all of them counted, the first of them told.
class Violations {
 public:
  // How many are written out in the message.
  static constexpr std::size_t kMaxTold = 100;

  void add(std::string text);
  bool empty() const { return count_ == 0; }
  // "2 validation errors detected: Value at 'x' failed to satisfy constraint: Member must …; …"
  std::string message() const;

 private:
  std::size_t count_ = 0;
  std::vector<std::string> told_;
};

// Checks the JSON types of `value` and removes, in place, members that are null or that the shape
// does not know; the paths of the latter go to `unknown` (at most 16). SerializationException
// otherwise.
Outcome<Done> check_types(nlohmann::json& value, const Shape& shape,
                          std::vector<std::string>& unknown);

// Checks the constraints. REQUIRES: check_types() passed. Values are never told, so nothing
// sensitive shows.
void check_constraints(const nlohmann::json& value, const Shape& shape, Violations& violations);

// The first half of reading a request: an object of the types that the shape describes. An empty
// body is an empty object. SerializationException. Include <nlohmann/json.hpp> where it is called.
Outcome<nlohmann::json> parse_request(std::string_view body, const Shape& shape,
                                      std::vector<std::string>& unknown);
// The second: ValidationException with all violations.
Outcome<Done> check_request(const nlohmann::json& value, const Shape& shape);
// Both.
Outcome<nlohmann::json> decode_request(std::string_view body, const Shape& shape,
                                       std::vector<std::string>& unknown);

}  // namespace sallyport::api
