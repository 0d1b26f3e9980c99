// A string of a policy: text with the wildcards `*` and `?` and with policy variables
// (IAM user guide, "IAM JSON policy elements: Variables and tags").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::iam {

// One value of a condition key; a key with several values is several entries. Names are compared
// without regard to letter case.
struct ContextEntry {
  std::string key;
  std::string value;
};
using Context = std::vector<ContextEntry>;

// The first value of a key, or null.
const std::string* find_context(const Context& context, std::string_view key);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string ascii_lower(std::string_view text);

// Literal runs with `*` between them. A run may hold "any byte" places, for `?`. Matching takes
// each run at its leftmost place and never goes back over a `*`: the time is linear in the text for
// runs without `?`, and at most the text's length times a run's length for others. Immutable,
// thread-safe.
class Glob {
 public:
  Glob() : runs_(1) {}
  void append_text(std::string_view text);
  void append_any_one();
  void append_any_run();
  bool matches(std::string_view text) const;

 private:
  struct Run {
    std::string bytes;
    std::vector<std::uint32_t> any;  // rising places of `?` in bytes
  };
  static bool matches_at(const Run& run, std::string_view text, std::size_t at);
  static std::size_t find(const Run& run, std::string_view text, std::size_t from);
  std::vector<Run> runs_;  // never empty
};

enum class MatchResult : std::uint8_t {
  kNo,
  kYes,
  kUnresolved,  // a variable has no value in this request: no match, and nothing may follow from it
};

// Immutable, thread-safe.
class Pattern {
 public:
  struct Syntax {
    bool wildcards = true;  // `*` and `?`
    bool variables = true;  // ${name}, ${name, 'default'}, ${*}, ${?}, ${$}: policies of 2012-10-17
    bool ignore_case = false;
  };
  // Errors: kInvalidArgument (a variable that is not closed, nested or without a name).
  static Result<Pattern> parse(std::string_view text, Syntax syntax);
  MatchResult matches(std::string_view text, const Context& context) const;
  const std::string& text() const { return text_; }

 private:
  struct Piece {
    enum class Kind : std::uint8_t { kText, kAnyOne, kAnyRun, kVariable };
    Kind kind;
    std::string text;      // of kText; the name of kVariable
    std::string fallback;  // of kVariable
    bool has_fallback = false;
  };
  Result<void> add_variable(std::string_view inside);
  // False when a variable has no value.
  bool compile(const Context& context, Glob& out) const;

  std::string text_;
  std::vector<Piece> pieces_;
  bool has_variables_ = false;
  bool ignore_case_ = false;
  Glob glob_;  // when there are no variables
};

}  // namespace sallyport::iam
