#include "codec/utf8.h"

#include <cstdint>
#include <cstring>

namespace sallyport::codec {
namespace {

// The length of the sequence at p, 0 when it is invalid or cut off.
std::size_t sequence(const unsigned char* p, std::size_t n) {
  const unsigned char b = p[0];
  if (b < 0x80) return 1;
  if (b < 0xc2 || b > 0xf4) return 0;
  const std::size_t size = b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
  if (n < size) return 0;
  // The second byte's range rules out overlong forms, surrogates and what lies beyond U+10FFFF.
  const unsigned char low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
  if (p[1] < low || p[1] > high) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if ((p[i] & 0xc0) != 0x80) return 0;
  return size;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0;
  while (i < text.size()) {
    std::uint64_t eight;
    if (text.size() - i >= 8) {
      std::memcpy(&eight, p + i, 8);
      if ((eight & 0x8080808080808080u) == 0) {
        i += 8;
        continue;
      }
    }
    const std::size_t n = sequence(p + i, text.size() - i);
    if (n == 0) return i;
    i += n;
  }
  return i;
}

}  // namespace sallyport::codec
