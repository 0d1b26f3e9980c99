// Writing JSON text from bytes that anyone may have chosen. Inside src/events only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::events {

// `bytes` as valid UTF-8 of at most `max_bytes` (at least 3): each byte that is not part of it
// becomes U+FFFD, what is too long is cut between characters and ends in "…".
std::string clean_utf8(std::string_view bytes, std::size_t max_bytes);

// Appends a JSON string, quotes included (RFC 8259 section 7). REQUIRES: `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace sallyport::events
