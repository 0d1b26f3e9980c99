// The AWS SDKs' shared credentials file ("Using shared config and credentials files", AWS SDKs and
// Tools reference guide). Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/sigv4.h"

namespace sallyport::s3 {

// The keys of [PROFILE]. Error: kInvalidArgument (there is no such profile with both parts of a
// key); quotes nothing of the text.
Result<http::Credentials> parse_shared_credentials(std::string_view text, std::string_view profile);

}  // namespace sallyport::s3
