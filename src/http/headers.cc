#include "http/headers.h"

#include <algorithm>

namespace sallyport::http {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void Headers::add(std::string_view name, std::string_view value) {
  const auto at = static_cast<std::uint32_t>(text_.size());
  text_.append(name).append(value);
  entries_.push_back({at, static_cast<std::uint32_t>(name.size()),
                      at + static_cast<std::uint32_t>(name.size()),
                      static_cast<std::uint32_t>(value.size())});
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

std::size_t Headers::remove(std::string_view name) {
  // The text stays in the buffer: sections are short-lived and removal is rare.
  return std::erase_if(entries_, [&](const Entry& e) {
    return equals_ignore_case(std::string_view(text_).substr(e.name_at, e.name_size), name);
  });
}

void Headers::clear() {
  text_.clear();
  entries_.clear();
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
  entries_.reserve(fields);
  text_.reserve(bytes);
}

Headers::Field Headers::at(std::size_t i) const {
  const Entry& e = entries_[i];
  const std::string_view text = text_;
  return {text.substr(e.name_at, e.name_size), text.substr(e.value_at, e.value_size)};
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (const Field f = at(i); equals_ignore_case(f.name, name)) return f.value;
  return std::nullopt;
}

std::size_t Headers::count(std::string_view name) const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) n += equals_ignore_case(at(i).name, name);
  return n;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Field f = at(i);
    if (!equals_ignore_case(f.name, name)) continue;
    std::string_view rest = f.value;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (equals_ignore_case(trim(rest.substr(0, comma)), token)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace sallyport::http
