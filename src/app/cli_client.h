// The commands' way to the API: endpoint, credentials and region from flags and the usual AWS_*
// variables, one signed request at a time.
#pragma once

#include <string>

#include "base/result.h"
#include "http/sigv4.h"
#include "net/address.h"

namespace sallyport::app {

struct ApiTarget {
  net::Endpoint endpoint;
  std::string region;
  http::Credentials credentials;
};

// `api_url` as of --api; empty: AWS_ENDPOINT_URL, else http://127.0.0.1:4566. Credentials: AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY (AWS_SESSION_TOKEN), else the profile "default" of AWS_SHARED_CREDENTIALS_FILE.
// Errors: kInvalidArgument with what to set.
Result<ApiTarget> api_target(const std::string& api_url);

struct ApiAnswer {
  int status = 0;
  std::string date;  // the header, as sent
  std::string body;
};
// Sends one GET request, signed if told, and returns any answer. Blocks.
// Errors: kUnavailable (nobody listens), …
Result<ApiAnswer> api_exchange(const ApiTarget& target, const std::string& path, bool sign = true);
// The error that an answer other than 200 is: kPermissionDenied, kNotFound, kUnavailable or kInvalidArgument, with
// the API's own words and, where there is one, the next step.
Error api_error(const ApiAnswer& answer);

// Sends one signed request and returns the body of a 200 answer. Blocks. Errors as of the two above.
Result<std::string> api_get(const ApiTarget& target, const std::string& path);
// The same with another method, and no body.
Result<std::string> api_call(const ApiTarget& target, const std::string& method, const std::string& path);
// The same with a body, both as large as a whole installation's resources, and all the time it takes.
Result<std::string> api_bulk(const ApiTarget& target, const std::string& method, const std::string& path,
                             std::string body = {});
// An AWS JSON 1.1 call, e.g. service "logs", operation "Logs_20140328.FilterLogEvents".
Result<std::string> api_json(const ApiTarget& target, const std::string& service, const std::string& operation,
                             std::string body);

}  // namespace sallyport::app
