// Percent-encoding (RFC 3986 section 2.1) in the one form that AWS Signature Version 4 accepts
// ("UriEncode": unreserved characters A-Z a-z 0-9 - . _ ~ stay, all other bytes become %XX with
// upper-case digits), and its decoding. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::codec {

// For query names and values, and any single component: `/` is encoded too.
std::string percent_encode(std::string_view bytes);
// For an S3 object key or a URI path: `/` stays.
std::string percent_encode_path(std::string_view bytes);

// kInvalidArgument for a `%` that is not followed by two hexadecimal digits. `+` stays a plus. The
// result is bytes: it may hold NUL, `/` or invalid UTF-8, which the caller judges.
Result<std::string> percent_decode(std::string_view text);
// The same for application/x-www-form-urlencoded: `+` is a space.
Result<std::string> form_decode(std::string_view text);

}  // namespace sallyport::codec
