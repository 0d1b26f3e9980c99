// Errors in the words and the form of each protocol: AWS JSON 1.1, AWS Query, S3's XML.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/fault.h"
#include "api/shape.h"
#include "http/message.h"
#include "http/sigv4_error.h"

namespace sallyport::api {

// One error as a service says it.
struct WireError {
  std::string code;
  int status = 400;
  std::string message;
  std::vector<std::pair<std::string, std::string>> members;  // more of them, in order
};

// Each walks all of Errc. Details of what went wrong inside (kIo, kCorrupt, kInternal) are not
// told. `operation` null: the errors common to all.
WireError transfer_error(const Fault& fault, const OperationModel* operation);
WireError logs_error(const Fault& fault);
WireError query_error(const Fault& fault);
// Of the program's own operations (support/service.h): as JSON services, with HTTP's own status.
WireError support_error(const Fault& fault);
WireError s3_error(const Fault& fault);  // its table of codes is in s3/errors.cc

// The fault's message, or a sentence that tells nothing where the cause lies inside.
std::string public_message(const Fault& fault);

WireError wire_error(const http::SigFailure& failure, http::SigDialect dialect);

// Each sets the request id header of its protocol.
http::HttpResponse json_error_response(const WireError& error, std::string_view request_id);
http::HttpResponse query_error_response(const WireError& error, std::string_view xmlns,
                                        std::string_view request_id);
http::HttpResponse s3_error_response(const WireError& error, std::string_view resource,
                                     std::string_view request_id);

}  // namespace sallyport::api
