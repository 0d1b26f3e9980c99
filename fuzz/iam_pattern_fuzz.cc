// The matcher of wildcards and variables agrees with their definition, worked out the slow way. The
// input is "pattern\ntext\nvalue": `value` is what the variable ${v} stands for.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "iam/pattern.h"

namespace {

using sallyport::iam::ascii_lower;
using sallyport::iam::Context;
using sallyport::iam::MatchResult;
using sallyport::iam::Pattern;

constexpr std::size_t kMost = 2048;  // of each part: the oracle takes their product

// A byte to be matched, or a wildcard.
struct Sign {
  char byte;
  bool wildcard;
};
using Signs = std::vector<Sign>;

Signs with_wildcards(std::string_view text) {
  Signs out;
  for (const char c : text) out.push_back({c, c == '*' || c == '?'});
  return out;
}

// Only patterns whose every "${" opens "${v}", "${*}", "${?}" or "${$}".
std::optional<Signs> with_variables(std::string_view text, std::string_view value) {
  Signs out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) != "${") {
      out.push_back({text[i], text[i] == '*' || text[i] == '?'});
      continue;
    }
    const std::string_view name = text.substr(i + 2, 1);
    if (text.substr(i + 3, 1) != "}") return std::nullopt;
    if (name == "v") {
      for (const char c : value) out.push_back({c, false});
    } else if (name == "*" || name == "?" || name == "$") {
      out.push_back({name[0], false});
    } else {
      return std::nullopt;
    }
    i += 3;
  }
  return out;
}

bool matches_by_definition(const Signs& pattern, std::string_view text) {
  std::vector<char> row(text.size() + 1, 0);
  row[0] = 1;
  for (const Sign& p : pattern) {
    std::vector<char> next(text.size() + 1, 0);
    for (std::size_t j = 0; j <= text.size(); ++j) {
      if (p.wildcard && p.byte == '*') {
        next[j] = row[j] || (j > 0 && next[j - 1]);
      } else if (j > 0 && (p.wildcard || p.byte == text[j - 1])) {
        next[j] = row[j - 1];
      }
    }
    row = std::move(next);
  }
  return row[text.size()] != 0;
}

void check(std::string_view pattern, Pattern::Syntax syntax, std::string_view text,
           const Context& context, bool expected) {
  const auto parsed = Pattern::parse(pattern, syntax);
  if (!parsed.ok()) std::abort();
  if (parsed->matches(text, context) != (expected ? MatchResult::kYes : MatchResult::kNo))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = input.substr(0, input.find('\n'));
  const std::string_view rest = input.substr(std::min(input.size(), pattern.size() + 1));
  const std::string_view text = rest.substr(0, rest.find('\n'));
  const std::string_view value = rest.substr(std::min(rest.size(), text.size() + 1));
  if (pattern.size() > kMost || text.size() > kMost || value.size() > kMost) return 0;
  const Context context{{"V", std::string(value)}};

  check(pattern, {.variables = false}, text, context,
        matches_by_definition(with_wildcards(pattern), text));
  check(pattern, {.variables = false, .ignore_case = true}, text, context,
        matches_by_definition(with_wildcards(ascii_lower(pattern)), ascii_lower(text)));
  check(pattern, {.wildcards = false, .variables = false}, text, context, pattern == text);
  if (const auto signs = with_variables(pattern, value); signs && signs->size() <= 2 * kMost)
    check(pattern, {}, text, context, matches_by_definition(*signs, text));
  // What cannot be read is refused, not matched.
  const auto any = Pattern::parse(pattern, {});
  if (any.ok()) static_cast<void>(any->matches(text, context));
  return 0;
}
