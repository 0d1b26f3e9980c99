// Which service a request is for, and in which words its caller is spoken to. Pure. Inside
// FrontDoor only.
#pragma once

#include <cstdint>
#include <string_view>

#include "api/fault.h"
#include "api/wire_error.h"
#include "http/message.h"
#include "http/sigv4_error.h"

namespace sallyport::api {

enum class Service : std::uint8_t { kTransfer, kLogs, kIam, kSts, kS3, kUnknown };

// By the name in the signature's scope.
Service service_of_scope(std::string_view name);
// By X-Amz-Target.
Service service_of_target(std::string_view target);
// By the Action of a Query request.
Service service_of_action(std::string_view form_text);

// "transfer.amazonaws.com"; empty for kUnknown.
std::string_view event_source_of(Service service);
// What an audit event calls a request that did not come as far as its service: the operation's
// name where it is known, "REST.GET.OBJECT" and the like for S3 (as in its access logs), or empty.
std::string event_name_of(Service service, const http::HttpRequest& request,
                          std::string_view form_text);

bool is_form(const http::HttpRequest& request);
// No JSON target, no form: what a browser sends for an object.
bool looks_like_s3(const http::HttpRequest& request);

http::SigDialect dialect_of(Service service);
// To a caller whose signature says nothing: by the look of the request.
http::SigDialect dialect_of(const http::HttpRequest& request);

WireError wire_error(const Fault& fault, http::SigDialect dialect);
http::HttpResponse error_response(http::SigDialect dialect, const WireError& error,
                                  std::string_view request_id);

}  // namespace sallyport::api
