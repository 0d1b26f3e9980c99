#include "events/line_format.h"

#include <fmt/format.h>

#include <iterator>

#include "codec/utf8.h"
#include "events/json_text.h"

namespace sallyport::events {
namespace {

constexpr std::size_t kMaxFieldBytes = 8 * 1024;
// A key is only of use whole; the largest that an SSH packet can carry fits.
constexpr std::size_t kMaxKeyBytes = 64 * 1024;

struct Field {
  std::string_view key;         // in JSON
  std::string_view word = {};   // in text; empty: not shown there
  std::string_view leads = {};  // the activity whose text line begins with this field
  bool always_quoted = false;   // in text
  std::size_t max_bytes = kMaxFieldBytes;
};

// In the order of the text format.
constexpr Field kFields[] = {
    {.key = "method", .word = "Method"},
    {.key = "user", .word = "User"},
    {.key = "home-dir", .word = "HomeDir"},
    {.key = "client", .word = "Client"},
    {.key = "role", .word = "Role"},
    {.key = "message", .word = "Message", .always_quoted = true},
    {.key = "kex", .word = "Kex"},
    {.key = "ciphers", .word = "Ciphers"},
    {.key = "operation", .word = "Operation"},
    {.key = "path", .word = "Path"},
    {.key = "new-path", .word = "NewPath"},
    {.key = "link-path", .word = "LinkPath"},
    {.key = "target-path", .word = "TargetPath"},
    {.key = "mode", .word = "Mode"},
    {.key = "bytes-in", .word = "BytesIn"},
    {.key = "bytes-out", .word = "BytesOut"},
    {.key = "source-ip", .word = "SourceIP", .leads = "CONNECTED"},
    {.key = "proxy-protocol-v2-header", .word = "ProxyProtocolV2Header"},
    {.key = "macs"},
    {.key = "user-policy"},
    {.key = "ssh-public-key", .max_bytes = kMaxKeyBytes},
    {.key = "ssh-public-key-type"},
    {.key = "ssh-public-key-fingerprint"},
    {.key = "request-id"},
    {.key = "s3extended-request-id"},
    {.key = "session-id"},
    {.key = "resource-arn"},
};

// Messages that the two formats word differently.
struct Wording {
  std::string_view activity, json, text;
};
constexpr Wording kWordings[] = {
    {"AUTH_FAILURE", "Authentication failure", "The user is unrecognized"},
};

std::size_t bound_of(std::string_view key) {
  for (const Field& field : kFields) {
    if (field.key == key) return field.max_bytes;
  }
  return kMaxFieldBytes;
}

// ---- JSON. ----

// Keys are ASCII words of the table; anything else is this program's mistake, and harmless.
void append_json_field(std::string& out, std::string_view key, std::string_view value) {
  if (value.empty()) return;
  if (out.size() > 1) out.push_back(',');
  append_json_string(out, clean_utf8(key, kMaxFieldBytes));
  out.push_back(':');
  append_json_string(out, clean_utf8(value, bound_of(key)));
}

// ---- Text. ----

std::string_view text_wording(std::string_view activity, std::string_view message) {
  for (const Wording& wording : kWordings) {
    if (wording.activity == activity && wording.json == message) return wording.text;
  }
  return message;
}

// Characters beyond ASCII that end a line, separate words or turn the writing direction for some
// reader.
bool is_deceptive(char32_t c) {
  return (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 || c == 0xfeff;
}

// The character at the front of `text`, which is valid UTF-8 and not empty, and its length.
std::pair<char32_t, std::size_t> front_of(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&byte](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3f); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xe0) return {(first & 0x1fu) << 6 | tail(1), 2};
  if (first < 0xf0) return {(first & 0x0fu) << 12 | tail(1) << 6 | tail(2), 3};
  return {(first & 0x07u) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4};
}

bool is_plain(std::string_view text) {
  while (!text.empty()) {
    const auto [c, size] = front_of(text);
    if (c <= ' ' || c == '"' || c == '\\' || is_deceptive(c)) return false;
    text.remove_prefix(size);
  }
  return true;
}

void append_quoted(std::string& out, std::string_view text) {
  out.push_back('"');
  while (!text.empty()) {
    const auto [c, size] = front_of(text);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(static_cast<char>(c));
    } else if (c < ' ' || is_deceptive(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(c));
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  out.push_back('"');
}

void append_text_field(std::string& out, const ServerEvent& event, const Field& field) {
  std::string_view value;
  for (const auto& [key, given] : event.fields) {
    if (key == field.key) value = given;
  }
  if (value.empty()) return;
  if (field.key == "message") value = text_wording(event.activity_type, value);
  out.push_back(' ');
  out.append(field.word).push_back('=');
  const std::string clean = clean_utf8(value, field.max_bytes);
  if (field.always_quoted || !is_plain(clean)) {
    append_quoted(out, clean);
  } else {
    out.append(clean);
  }
}

}  // namespace

std::string json_line(const ServerEvent& event, std::string_view arn) {
  std::string out = "{";
  append_json_field(out, "activity-type", event.activity_type);
  for (const auto& [key, value] : event.fields) append_json_field(out, key, value);
  append_json_field(out, "resource-arn", arn);
  out.push_back('}');
  return out;
}

std::string text_line(const ServerEvent& event, bool errors_stream) {
  std::string out = errors_stream ? "ERRORS " : "";
  out.append(event.activity_type);
  const auto leads = [&event](const Field& field) { return field.leads == event.activity_type; };
  for (const Field& field : kFields) {
    if (leads(field)) append_text_field(out, event, field);
  }
  for (const Field& field : kFields) {
    if (!field.word.empty() && !leads(field)) append_text_field(out, event, field);
  }
  return out;
}

}  // namespace sallyport::events
