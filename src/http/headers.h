// The header section of an HTTP message: an ordered list of fields with case-insensitive names
// (RFC 9110 section 5). All text lies in one buffer, so a section costs two allocations.
//
// A value type; not thread-safe. Views that it returns end with the next add(), set() or remove().
// Names and values are kept as given; a parser puts in only what RFC 9110 allows, and the
// serialisers refuse to emit CR, LF and NUL.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::http {

// ASCII case-insensitive equality, as field names and tokens are compared.
bool equals_ignore_case(std::string_view a, std::string_view b);
// ASCII lower case.
std::string to_lower(std::string_view text);
// Without leading and trailing spaces and tabs (OWS).
std::string_view trim(std::string_view text);

class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  Headers() = default;

  void add(std::string_view name, std::string_view value);
  // Replaces all fields of that name.
  void set(std::string_view name, std::string_view value);
  // How many fields went away.
  std::size_t remove(std::string_view name);
  void clear();
  void reserve(std::size_t fields, std::size_t bytes);

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  // REQUIRES: i < size().
  Field at(std::size_t i) const;

  // The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  // The first value, or "" without one.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  bool contains(std::string_view name) const { return find(name).has_value(); }
  std::size_t count(std::string_view name) const;
  // Whether a comma-separated list in any field of that name holds `token`, case-insensitively.
  bool has_token(std::string_view name, std::string_view token) const;

 private:
  struct Entry {
    std::uint32_t name_at, name_size, value_at, value_size;
  };
  std::string text_;
  std::vector<Entry> entries_;
};

}  // namespace sallyport::http
