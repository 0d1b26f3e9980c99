// Faults in Amazon S3's own codes and words (S3 API reference, "Error responses"). The table of
// codes and their HTTP status is in errors.cc; s3_error() of wire_error.h reads it.
#pragma once

#include <string>
#include <string_view>

#include "api/fault.h"

namespace sallyport::api {

// `code` is one of S3's ("NoSuchTagSet"); the status comes from the table.
Fault s3_fault(std::string_view code, std::string message);

// "<what> is not available in this version of Sallyport."
Fault s3_not_implemented(std::string_view what);
Fault s3_malformed_xml();
Fault s3_precondition_failed(std::string_view condition);
// With ArgumentName and ArgumentValue in the answer.
Fault s3_invalid_argument(std::string message, std::string_view name, std::string_view value);
Fault s3_invalid_request(std::string message);

}  // namespace sallyport::api
