// Message heads as bytes (RFC 9112). Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/head_parser.h"
#include "http/message.h"

namespace sallyport::http {

struct ResponsePlan {
  std::string head;  // up to and including the empty line
  BodyKind body = BodyKind::kNone;
  bool keep_alive = true;  // false also where only the end of the connection ends the body
};

// The head that answers `request_method` on a connection of the peer's `version`. `date` is an HTTP
// date, empty for none. Fields whose name is not a token are left out; CR, LF and NUL in values
// become spaces.
ResponsePlan plan_response(const HttpResponse& response, std::string_view request_method,
                           Version version, bool keep_alive, std::string_view date);

// The head of a request with a body of `length` bytes; Content-Length is added for methods that
// carry one or when length is not 0. Host is the caller's.
std::string request_head(const HttpRequest& request, std::uint64_t length);

}  // namespace sallyport::http
