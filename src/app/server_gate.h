// What of a server's configuration this version can serve. Pure.
#pragma once

#include "base/result.h"
#include "model/server.h"

namespace sallyport::app {

// Errors: kUnsupported with the sentence that becomes the reason of START_FAILED. `file_systems`:
// there are some.
Result<void> check_served(const model::Server& server, bool file_systems);

}  // namespace sallyport::app
