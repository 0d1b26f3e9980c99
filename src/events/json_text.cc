#include "events/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "codec/utf8.h"

namespace sallyport::events {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

// Drops whole characters from the end until `size` bytes are left at most. `text` is valid UTF-8.
void cut(std::string& text, std::size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
}

}  // namespace

std::string clean_utf8(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  // More than that is cut in any case, as replacing never makes a text shorter.
  std::string_view rest = bytes.substr(0, max_bytes + 1);
  out.reserve(rest.size());
  while (!rest.empty()) {
    const std::size_t valid = codec::valid_utf8_prefix(rest);
    out.append(rest.substr(0, valid));
    rest.remove_prefix(valid);
    if (rest.empty()) break;
    out.append(kReplacement);
    rest.remove_prefix(1);
  }
  if (out.size() > max_bytes) {
    cut(out, max_bytes - kEllipsis.size());
    out.append(kEllipsis);
  }
  return out;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    // Most texts are one run of what stands for itself. DEL and C1 controls are left as they are:
    // JSON allows them.
    const auto escaped = std::find_if(text.begin(), text.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
    });
    out.append(text.begin(), escaped);
    text.remove_prefix(static_cast<std::size_t>(escaped - text.begin()));
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      default:
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    }
  }
  out.push_back('"');
}

}  // namespace sallyport::events
