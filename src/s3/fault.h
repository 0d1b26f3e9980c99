// What S3 and STS say when they refuse ("Error responses" in the Amazon S3 API reference).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "http/headers.h"

namespace sallyport::s3 {

struct Fault {
  int status = 0;
  std::string code;     // "NoSuchKey"; made from the status where the body says none
  std::string message;  // the store's own words; may be empty
  std::string region;   // of a bucket that lives elsewhere
  RemoteIds ids;
};

// Reads a root of Error (S3) or ErrorResponse (STS); a body that is neither counts as empty.
Fault parse_fault(int status, const http::Headers& headers, std::string_view body);

// As callers of storage::ObjectStore know it; `reason` is the code. `what` names the attempted act.
Error error_of(const Fault& fault, std::string_view what);

// What Error::remote is when a store was asked and no answer came.
const std::shared_ptr<const RemoteIds>& unanswered_ids();
// Whether the error is an answer, whatever it said: that of a store or an STS (error_of()).
bool was_answered(const Error& error);

}  // namespace sallyport::s3
