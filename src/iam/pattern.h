// A string of a policy: text with the wildcards `*` and `?` and with policy variables
// (IAM user guide, "IAM JSON policy elements: Variables and tags").
#pragma once

#include <cstdint>
#include <optional>
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

// Runs of bytes with `*` between them; a run may hold "any byte" places, for `?`. Matching takes
// each run at its leftmost place and never goes back over a `*`. The time is linear in the text for
// runs without `?`; a run with `?` costs at most the text's length times the run's length byte
// comparisons, done 64 at a time. Matching allocates nothing. Const calls are thread-safe.
class Glob {
 public:
  void append_text(std::string_view text);
  void append_any_one();
  void append_any_run();
  // Empty again; keeps its memory.
  void clear();
  bool matches(std::string_view text) const;

 private:
  // A run is [begin, end) of bytes_.
  bool run_matches(std::size_t begin, std::size_t end, const char* text) const;
  std::size_t find_run(std::size_t begin, std::size_t end, std::string_view text) const;
  std::size_t find_masked(std::size_t begin, std::size_t end, std::string_view text) const;

  std::string bytes_;                 // all runs, one after the other
  std::vector<std::uint32_t> any_;    // rising places of `?` in bytes_
  std::vector<std::uint32_t> stars_;  // rising places in bytes_ where a `*` stands
};

enum class MatchResult : std::uint8_t {
  kNo,
  kYes,
  kUnresolved,  // a variable has no value in this request: nothing is equal to it or like it
};

// Immutable, thread-safe.
class Pattern {
 public:
  struct Syntax {
    bool wildcards = true;  // `*` and `?`
    bool variables = true;  // ${name}, ${name, 'default'}, ${*}, ${?}, ${$}: policies of 2012-10-17
    bool ignore_case = false;
  };
  // Errors: kInvalidArgument (a variable that is not closed, nested, with a space in its name or
  // without a name).
  static Result<Pattern> parse(std::string_view text, Syntax syntax);
  // A variable takes the one value of its key; a key with several values has none for it.
  MatchResult matches(std::string_view text, const Context& context) const;
  const std::string& text() const { return text_; }

 private:
  struct Piece {
    enum class Kind : std::uint8_t { kText, kAnyOne, kAnyRun, kVariable };
    Kind kind;
    std::string text;                     // of kText; the name of kVariable
    std::optional<std::string> fallback;  // of kVariable
  };
  static Result<Piece> variable(std::string_view inside, std::string_view whole);
  // False when a variable has no value.
  static bool append(const Piece& piece, const Context& context, bool ignore_case, Glob& out);

  std::string text_;
  std::vector<Piece> pieces_;  // when there are variables
  bool ignore_case_ = false;
  Glob glob_;  // when there are none
};

}  // namespace sallyport::iam
