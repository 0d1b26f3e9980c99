// The identification string (RFC 4253 section 4.2). Pure.
#pragma once

#include <string_view>

#include "base/result.h"

namespace sallyport::ssh {

// Whether a server may introduce itself so, CR LF not included.
// Errors: kInvalidArgument saying what would be right.
Result<void> check_ident(std::string_view ident);

}  // namespace sallyport::ssh
