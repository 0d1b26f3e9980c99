// UTF-8 (RFC 3629). Pure, thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

namespace sallyport::codec {

// Length of the longest valid front: text.size() when all of it is valid. Overlong forms,
// surrogates and code points above U+10FFFF are invalid.
std::size_t valid_utf8_prefix(std::string_view text);
inline bool is_valid_utf8(std::string_view text) {
  return valid_utf8_prefix(text) == text.size();
}

}  // namespace sallyport::codec
