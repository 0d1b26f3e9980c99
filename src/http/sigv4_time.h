// The time formats of Signature Version 4. Pure.
#pragma once

#include <string_view>

#include "base/clock.h"

namespace sallyport::http {

// "20130524T000000Z". False for anything else.
bool parse_iso8601_basic(std::string_view text, WallTime& out);
// "Fri, 24 May 2013 00:00:00 GMT" (RFC 9110 section 5.6.7, the preferred form), or with the zone
// "-0000" or "+0000" (RFC 5322 section 3.3), as botocore writes it. The day's name is not checked.
bool parse_http_date(std::string_view text, WallTime& out);

}  // namespace sallyport::http
