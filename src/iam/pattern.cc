#include "iam/pattern.h"

#include <algorithm>
#include <cstring>

namespace sallyport::iam {

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* find_context(const Context& context, std::string_view key) {
  const auto found = std::find_if(context.begin(), context.end(), [key](const ContextEntry& e) {
    return equal_ignoring_case(e.key, key);
  });
  return found == context.end() ? nullptr : &found->value;
}

void Glob::append_text(std::string_view text) {
  runs_.back().bytes.append(text);
}

void Glob::append_any_one() {
  runs_.back().any.push_back(static_cast<std::uint32_t>(runs_.back().bytes.size()));
  runs_.back().bytes.push_back('?');
}

void Glob::append_any_run() {
  // "**" is "*"; only the first run may be empty, as it ties the pattern to the text's beginning.
  if (runs_.size() > 1 && runs_.back().bytes.empty()) return;
  runs_.emplace_back();
}

bool Glob::matches_at(const Run& run, std::string_view text, std::size_t at) {
  if (text.size() < at || text.size() - at < run.bytes.size()) return false;
  const std::string_view here = text.substr(at, run.bytes.size());
  const std::string_view bytes = run.bytes;
  std::size_t from = 0;
  for (const std::uint32_t any : run.any) {
    if (here.substr(from, any - from) != bytes.substr(from, any - from)) return false;
    from = any + 1;
  }
  return here.substr(from) == bytes.substr(from);
}

std::size_t Glob::find(const Run& run, std::string_view text, std::size_t from) {
  if (text.size() < run.bytes.size()) return std::string_view::npos;
  if (run.any.empty()) {
    // memmem is linear, std::string_view::find is not.
    const void* found =
        ::memmem(text.data() + from, text.size() - from, run.bytes.data(), run.bytes.size());
    return found == nullptr
               ? std::string_view::npos
               : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
  }
  for (std::size_t at = from; at + run.bytes.size() <= text.size(); ++at)
    if (matches_at(run, text, at)) return at;
  return std::string_view::npos;
}

bool Glob::matches(std::string_view text) const {
  const Run& first = runs_.front();
  if (runs_.size() == 1) return text.size() == first.bytes.size() && matches_at(first, text, 0);
  if (!matches_at(first, text, 0)) return false;

  std::size_t at = first.bytes.size();
  for (std::size_t i = 1; i + 1 < runs_.size(); ++i) {
    const std::size_t found = find(runs_[i], text, at);
    if (found == std::string_view::npos) return false;
    at = found + runs_[i].bytes.size();
  }
  const Run& last = runs_.back();
  return text.size() - at >= last.bytes.size() &&
         matches_at(last, text, text.size() - last.bytes.size());
}

Result<void> Pattern::add_variable(std::string_view inside) {
  const auto refuse = [this](std::string_view why) {
    return Error(Errc::kInvalidArgument, "\"" + text_ + "\" " + std::string(why));
  };
  if (inside == "*" || inside == "?" || inside == "$") {
    pieces_.push_back({Piece::Kind::kText, std::string(inside), {}, false});
    return ok();
  }
  if (inside.find('{') != std::string_view::npos)
    return refuse("holds a variable inside a variable; write them one after the other");
  Piece piece{Piece::Kind::kVariable, {}, {}, false};
  std::string_view name = inside;
  if (const std::size_t comma = inside.find(','); comma != std::string_view::npos) {
    std::string_view fallback = inside.substr(comma + 1);
    while (!fallback.empty() && fallback.front() == ' ') fallback.remove_prefix(1);
    while (!fallback.empty() && fallback.back() == ' ') fallback.remove_suffix(1);
    if (fallback.size() < 2 || fallback.front() != '\'' || fallback.back() != '\'')
      return refuse("holds a default value without quotes; write ${name, 'value'}");
    piece.fallback = fallback.substr(1, fallback.size() - 2);
    piece.has_fallback = true;
    name = inside.substr(0, comma);
  }
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  if (name.empty()) return refuse("holds a variable without a name; write ${name}");
  piece.text = name;
  pieces_.push_back(std::move(piece));
  has_variables_ = true;
  return ok();
}

Result<Pattern> Pattern::parse(std::string_view text, Syntax syntax) {
  Pattern out;
  out.text_ = text;
  out.ignore_case_ = syntax.ignore_case;
  std::string literal;
  const auto flush = [&] {
    if (literal.empty()) return;
    out.pieces_.push_back({Piece::Kind::kText, std::move(literal), {}, false});
    literal.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (syntax.variables && text.substr(i, 2) == "${") {
      const std::size_t end = text.find('}', i);
      if (end == std::string_view::npos)
        return Error(Errc::kInvalidArgument,
                     "\"" + out.text_ + "\" opens a variable with \"${\" and does not close it");
      flush();
      TRY(out.add_variable(text.substr(i + 2, end - i - 2)));
      i = end;
    } else if (syntax.wildcards && (text[i] == '*' || text[i] == '?')) {
      flush();
      out.pieces_.push_back(
          {text[i] == '*' ? Piece::Kind::kAnyRun : Piece::Kind::kAnyOne, {}, {}, false});
    } else {
      literal.push_back(text[i]);
    }
  }
  flush();
  if (!out.has_variables_) out.compile({}, out.glob_);
  return out;
}

bool Pattern::compile(const Context& context, Glob& out) const {
  const auto append = [&](std::string_view text) {
    out.append_text(ignore_case_ ? ascii_lower(text) : std::string(text));
  };
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::kText: append(piece.text); break;
      case Piece::Kind::kAnyOne: out.append_any_one(); break;
      case Piece::Kind::kAnyRun: out.append_any_run(); break;
      case Piece::Kind::kVariable: {
        const std::string* value = find_context(context, piece.text);
        if (value == nullptr && !piece.has_fallback) return false;
        append(value != nullptr ? *value : piece.fallback);
        break;
      }
    }
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
  if (!has_variables_) return answer(glob_);
  Glob glob;
  if (!compile(context, glob)) return MatchResult::kUnresolved;
  return answer(glob);
}

}  // namespace sallyport::iam
