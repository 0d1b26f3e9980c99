// Hexadecimal text to bytes, for test vectors only: malformed text gives a short result.
#pragma once

#include <charconv>
#include <string_view>

#include "base/bytes.h"

namespace sallyport::crypto {

inline Bytes from_hex(std::string_view text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto parsed = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (parsed.ptr != text.data() + i + 2) break;
    out.push_back(byte);
  }
  return out;
}

}  // namespace sallyport::crypto
