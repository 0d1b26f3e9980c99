// Request ids as UUIDs (RFC 9562 version 4).
#pragma once

#include <string>

#include "base/random.h"

namespace sallyport::api {

std::string new_request_id(Random& random);

}  // namespace sallyport::api
