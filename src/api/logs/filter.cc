#include "api/logs/filter.h"

#include <algorithm>

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxPattern = 1024;

Fault bad_pattern(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "InvalidParameterException"};
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// One term from the front of `text`: a word, or a phrase in double quotes with backslash escapes.
Outcome<std::string> take_term(std::string_view& text) {
  std::string term;
  if (!text.starts_with('"')) {
    while (!text.empty() && !is_space(text[0])) {
      term += text[0];
      text.remove_prefix(1);
    }
    return term;
  }
  for (text.remove_prefix(1); !text.empty(); text.remove_prefix(1)) {
    if (text[0] == '"') {
      text.remove_prefix(1);
      return term;
    }
    if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
    term += text[0];
  }
  return bad_pattern("Invalid filter pattern: a quotation mark is not closed");
}

}  // namespace

Outcome<LogFilter> LogFilter::parse(std::string_view pattern) {
  if (pattern.size() > kMaxPattern) return bad_pattern("Invalid filter pattern: too long");
  LogFilter filter;
  while (!pattern.empty()) {
    if (is_space(pattern[0])) {
      pattern.remove_prefix(1);
      continue;
    }
    if (pattern[0] == '{' || pattern[0] == '[' || pattern[0] == '%') {
      return bad_pattern(
          "Invalid filter pattern: JSON, column and regular-expression patterns are not available "
          "in this version of Sallyport");
    }
    const char kind = pattern[0];
    if (kind == '-' || kind == '?') pattern.remove_prefix(1);
    TRY_ASSIGN(std::string term, take_term(pattern));
    if (term.empty()) return bad_pattern("Invalid filter pattern: a term is empty");
    auto& list = kind == '-' ? filter.none_ : kind == '?' ? filter.any_ : filter.all_;
    list.push_back(std::move(term));
  }
  return filter;
}

bool LogFilter::matches(std::string_view message) const {
  const auto occurs = [message](const std::string& term) {
    return message.find(term) != std::string_view::npos;
  };
  return std::all_of(all_.begin(), all_.end(), occurs) &&
         std::none_of(none_.begin(), none_.end(), occurs) &&
         (any_.empty() || std::any_of(any_.begin(), any_.end(), occurs));
}

}  // namespace sallyport::api
