// A ServerEvent as a line of text, in the managed service's two formats. Both are driven by one
// table of fields. Inside src/events only.
#pragma once

#include <string>
#include <string_view>

#include "events/server_log.h"

namespace sallyport::events {

// One JSON object: activity-type, the event's fields in their order, resource-arn.
std::string json_line(const ServerEvent& event, std::string_view arn);

// The older format: "CLOSE Path=/bucket/key BytesIn=121". Fields come in the order of the
// documented samples; what they do not show (keys, MACs, request ids, ARNs) is left out. A value
// that could be taken for more than itself (blanks, quotes, backslashes, control characters, what
// looks like none of them) stands in double quotes with JSON's escapes, so that a line is always
// one line and splitting it at unquoted blanks gives exactly its fields. In the stream ERRORS the
// line begins with the stream's name.
std::string text_line(const ServerEvent& event, bool errors_stream);

}  // namespace sallyport::events
