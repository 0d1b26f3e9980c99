#include "ssh/authorized_key.h"

#include <utility>

#include "codec/base64.h"

namespace sallyport::ssh {
namespace {

Error refused_line() {
  return Error(Errc::kInvalidArgument, "Unsupported or invalid SSH public key format");
}

constexpr std::string_view kBlank = " \t";

std::string_view trim(std::string_view text, std::string_view what) {
  const std::size_t first = text.find_first_not_of(what);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

// The text up to the next blank; `rest` is left at what follows the blanks.
std::string_view take_word(std::string_view& rest) {
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlank));
  rest = trim(rest.substr(word.size()), kBlank);
  return word;
}

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) return true;
  }
  return false;
}

}  // namespace

Result<AuthorizedKey> parse_authorized_key(std::string_view line) {
  if (line.size() > kMaxAuthorizedKeySize) return refused_line();
  std::string_view rest = trim(line, " \t\r\n");
  if (has_control_character(rest)) return refused_line();
  const std::string_view type = take_word(rest);
  const std::string_view body = take_word(rest);
  if (type.empty() || body.empty()) return refused_line();
  auto blob = codec::base64_decode(body);
  if (!blob.ok()) return refused_line();
  ByteReader reader(*blob);
  if (reader.text() != type || reader.failed()) return refused_line();
  return AuthorizedKey{std::string(type), std::move(*blob), std::string(rest)};
}

}  // namespace sallyport::ssh
