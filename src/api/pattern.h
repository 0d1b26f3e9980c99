// The regular expressions of the service model, in Java's syntax, matched in linear time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace sallyport::api {

// Immutable, thread-safe, cheap to copy. A match takes time linear in the text and bounded memory.
class Pattern {
 public:
  // kInvalidArgument for a pattern that cannot be translated.
  static Result<Pattern> compile(std::string_view java_syntax);

  // As in the model, for error texts.
  const std::string& text() const { return text_; }
  // Whether the whole of `value`, valid UTF-8, matches.
  bool matches(std::string_view value) const;

 private:
  Pattern(std::string text, std::shared_ptr<const re2::RE2> program)
      : text_(std::move(text)), program_(std::move(program)) {}
  std::string text_;
  std::shared_ptr<const re2::RE2> program_;
};

// The same expression in RE2's syntax: \uXXXX, \s, \S, \p{Print}, \p{Graph} and `.` mean in Java
// what RE2 does not know or understands differently. For tests.
std::string to_re2_syntax(std::string_view java_syntax);

}  // namespace sallyport::api
