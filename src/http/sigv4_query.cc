#include "http/sigv4_query.h"

#include <algorithm>
#include <array>

namespace sallyport::http {
namespace {

constexpr std::array<bool, 256> unreserved_table() {
  std::array<bool, 256> t{};
  for (char c = '0'; c <= '9'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) t[static_cast<unsigned char>(c)] = true;
  for (char c : {'-', '.', '_', '~'}) t[static_cast<unsigned char>(c)] = true;
  return t;
}
constexpr std::array<bool, 256> kUnreserved = unreserved_table();

void append_byte(std::string& out, unsigned char c, Slash slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  if (kUnreserved[c] || (c == '/' && slash == Slash::kKeep)) {
    out.push_back(static_cast<char>(c));
    return;
  }
  out.push_back('%');
  out.push_back(kDigits[c >> 4]);
  out.push_back(kDigits[c & 15]);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte at text[i], moving i behind it.
unsigned char decoded_byte(std::string_view text, std::size_t& i, bool plus_is_space) {
  const char c = text[i];
  if (c == '%' && i + 2 < text.size()) {
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high >= 0 && low >= 0) {
      i += 3;
      return static_cast<unsigned char>(high << 4 | low);
    }
  }
  ++i;
  return static_cast<unsigned char>(c == '+' && plus_is_space ? ' ' : c);
}

}  // namespace

void append_uri_encoded(std::string& out, std::string_view bytes, Slash slash) {
  for (char c : bytes) append_byte(out, static_cast<unsigned char>(c), slash);
}

void append_reencoded(std::string& out, std::string_view text, Slash slash, bool plus_is_space) {
  for (std::size_t i = 0; i < text.size();)
    append_byte(out, decoded_byte(text, i, plus_is_space), slash);
}

bool next_query_field(std::string_view& query, std::string_view& name, std::string_view& value) {
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view field = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (field.empty()) continue;
    const std::size_t equals = std::min(field.find('='), field.size());
    name = field.substr(0, equals);
    value = field.substr(std::min(equals + 1, field.size()));
    return true;
  }
  return false;
}

std::optional<std::string> find_query(std::string_view query, std::string_view name) {
  std::string_view n;
  std::string_view v;
  while (next_query_field(query, n, v)) {
    if (n != name) continue;
    std::string out;
    for (std::size_t i = 0; i < v.size();)
      out.push_back(static_cast<char>(decoded_byte(v, i, true)));
    return out;
  }
  return std::nullopt;
}

}  // namespace sallyport::http
