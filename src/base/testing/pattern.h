// Content for tests of what moves bytes.
#pragma once

#include <cstdint>
#include <string>

namespace sallyport {

// `size` bytes that repeat nowhere near a block's or page's size; the same at every call.
inline std::string patterned(std::size_t size) {
  std::string out(size, '\0');
  std::uint32_t state = 12345;
  for (char& c : out) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>(state >> 24);
  }
  return out;
}

}  // namespace sallyport
