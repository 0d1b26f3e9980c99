#include "iam/pattern.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace sallyport::iam {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

Error refuse(std::string_view whole, std::string_view why) {
  return Error(Errc::kInvalidArgument, "\"" + std::string(whole) + "\" " + std::string(why));
}

// A key with several values cannot be a variable (IAM user guide, "Variables and tags").
const std::string* only_value(const Context& context, std::string_view key) {
  const std::string* found = nullptr;
  for (const ContextEntry& entry : context) {
    if (!equal_ignoring_case(entry.key, key)) continue;
    if (found != nullptr) return nullptr;
    found = &entry.value;
  }
  return found;
}

void trim(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return x == y || lower(x) == lower(y);
         });
}

const std::string* find_context(const Context& context, std::string_view key) {
  const auto found = std::find_if(context.begin(), context.end(), [key](const ContextEntry& e) {
    return equal_ignoring_case(e.key, key);
  });
  return found == context.end() ? nullptr : &found->value;
}

void Glob::append_text(std::string_view text) {
  bytes_.append(text);
}

void Glob::append_any_one() {
  any_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  bytes_.push_back('?');
}

void Glob::append_any_run() {
  // "**" is "*".
  if (!stars_.empty() && stars_.back() == bytes_.size()) return;
  stars_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

void Glob::clear() {
  bytes_.clear();
  any_.clear();
  stars_.clear();
}

bool Glob::run_matches(std::size_t begin, std::size_t end, const char* text) const {
  if (begin == end) return true;  // the text may be null then
  const char* const run = bytes_.data() + begin;
  std::size_t from = begin;
  if (!any_.empty()) {
    for (auto any = std::lower_bound(any_.begin(), any_.end(), begin);
         any != any_.end() && *any < end; ++any) {
      if (std::memcmp(run + (from - begin), text + (from - begin), *any - from) != 0) return false;
      from = *any + 1;
    }
  }
  return std::memcmp(run + (from - begin), text + (from - begin), end - from) == 0;
}

// Tries 64 places at once: each byte of the run strikes out the places where the text differs.
std::size_t Glob::find_masked(std::size_t begin, std::size_t end, std::string_view text) const {
  constexpr std::size_t kPlaces = 64;
  const std::size_t length = end - begin;
  for (std::size_t base = 0; base + length <= text.size(); base += kPlaces) {
    const std::size_t count = std::min(kPlaces, text.size() - length - base + 1);
    std::array<std::uint8_t, kPlaces> alive;
    alive.fill(1);
    std::uint8_t left = 1;
    auto any = std::lower_bound(any_.begin(), any_.end(), begin);
    for (std::size_t i = begin; i < end && left != 0; ++i) {
      if (any != any_.end() && *any == i) {
        ++any;
        continue;
      }
      const char wanted = bytes_[i];
      const char* const here = text.data() + base + (i - begin);
      left = 0;
      for (std::size_t place = 0; place < count; ++place) {
        alive[place] = static_cast<std::uint8_t>(alive[place] & (here[place] == wanted ? 1 : 0));
        left = static_cast<std::uint8_t>(left | alive[place]);
      }
    }
    if (left != 0)
      return base + static_cast<std::size_t>(
                        std::find(alive.begin(), alive.begin() + static_cast<std::ptrdiff_t>(count),
                                  std::uint8_t{1}) -
                        alive.begin());
  }
  return std::string_view::npos;
}

std::size_t Glob::find_run(std::size_t begin, std::size_t end, std::string_view text) const {
  const auto any = std::lower_bound(any_.begin(), any_.end(), begin);
  if (any != any_.end() && *any < end) return find_masked(begin, end, text);
  // memmem is linear, std::string_view::find is not.
  const void* found = ::memmem(text.data(), text.size(), bytes_.data() + begin, end - begin);
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

bool Glob::matches(std::string_view text) const {
  if (stars_.empty())
    return text.size() == bytes_.size() && run_matches(0, bytes_.size(), text.data());
  const std::size_t first = stars_.front(), last = stars_.back(), tail = bytes_.size() - last;
  if (text.size() < bytes_.size() || !run_matches(0, first, text.data()) ||
      !run_matches(last, bytes_.size(), text.data() + text.size() - tail))
    return false;
  text = text.substr(first, text.size() - first - tail);
  for (std::size_t i = 0; i + 1 < stars_.size(); ++i) {
    const std::size_t found = find_run(stars_[i], stars_[i + 1], text);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + stars_[i + 1] - stars_[i]);
  }
  return true;
}

Result<Pattern::Piece> Pattern::variable(std::string_view inside, std::string_view whole) {
  if (inside == "*" || inside == "?" || inside == "$")
    return Piece{Piece::Kind::kText, std::string(inside), {}};
  if (inside.find('{') != std::string_view::npos)
    return refuse(whole, "holds a variable inside a variable; write them one after the other");
  Piece piece{Piece::Kind::kVariable, {}, {}};
  std::string_view name = inside;
  if (const std::size_t comma = inside.find(','); comma != std::string_view::npos) {
    std::string_view fallback = inside.substr(comma + 1);
    trim(fallback);
    if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'')
      return refuse(whole, "holds a default value without quotes; write ${name, 'value'}");
    piece.fallback = std::string(fallback.substr(1, fallback.size() - 2));
    name = inside.substr(0, comma);
  }
  if (name.find_first_not_of(' ') == std::string_view::npos)
    return refuse(whole, "holds a variable without a name; write ${name}");
  if (name.find(' ') != std::string_view::npos)
    return refuse(whole, "holds a space in the name of a variable; write ${name}");
  piece.text = name;
  return piece;
}

Result<Pattern> Pattern::parse(std::string_view text, Syntax syntax) {
  Pattern out;
  out.text_ = text;
  out.ignore_case_ = syntax.ignore_case;
  std::string literal;
  bool has_variables = false;
  const auto flush = [&] {
    if (literal.empty()) return;
    out.pieces_.push_back({Piece::Kind::kText, std::move(literal), {}});
    literal.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (syntax.variables && text.substr(i, 2) == "${") {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos)
        return refuse(text, "opens a variable with \"${\" and does not close it");
      flush();
      TRY_ASSIGN(Piece piece, variable(text.substr(i + 2, end - i - 2), text));
      has_variables = has_variables || piece.kind == Piece::Kind::kVariable;
      out.pieces_.push_back(std::move(piece));
      i = end;
    } else if (syntax.wildcards && (text[i] == '*' || text[i] == '?')) {
      flush();
      out.pieces_.push_back({text[i] == '*' ? Piece::Kind::kAnyRun : Piece::Kind::kAnyOne, {}, {}});
    } else {
      literal.push_back(text[i]);
    }
  }
  flush();
  if (!has_variables) {
    for (const Piece& piece : out.pieces_) append(piece, {}, out.ignore_case_, out.glob_);
    out.pieces_.clear();
  }
  return out;
}

bool Pattern::append(const Piece& piece, const Context& context, bool ignore_case, Glob& out) {
  const std::string* text = &piece.text;
  switch (piece.kind) {
    case Piece::Kind::kAnyOne: out.append_any_one(); return true;
    case Piece::Kind::kAnyRun: out.append_any_run(); return true;
    case Piece::Kind::kText: break;
    case Piece::Kind::kVariable: {
      const std::string* value = only_value(context, piece.text);
      if (value == nullptr && !piece.fallback) return false;
      text = value != nullptr ? value : &*piece.fallback;
      break;
    }
  }
  if (ignore_case) {
    out.append_text(ascii_lower(*text));
  } else {
    out.append_text(*text);
  }
  return true;
}

MatchResult Pattern::matches(std::string_view text, const Context& context) const {
  std::string folded;
  if (ignore_case_) {
    folded = ascii_lower(text);
    text = folded;
  }
  const auto answer = [text](const Glob& glob) {
    return glob.matches(text) ? MatchResult::kYes : MatchResult::kNo;
  };
  if (pieces_.empty()) return answer(glob_);
  // Keeps its memory from one match to the next.
  static thread_local Glob filled;
  filled.clear();
  for (const Piece& piece : pieces_)
    if (!append(piece, context, ignore_case_, filled)) return MatchResult::kUnresolved;
  return answer(filled);
}

}  // namespace sallyport::iam
