// Waiting for descriptors that are no connections of this program's.
#pragma once

#include "base/result.h"
#include "base/task.h"

namespace sallyport::net {

// Resumes, on the loop that it was called on, once `fd` has something to be read or its other end
// is gone. `fd` stays the caller's, who keeps it open meanwhile; one waiter a descriptor. Error:
// kIo. REQUIRES: Loop::current() != null.
Task<Result<void>> until_readable(int fd);

}  // namespace sallyport::net
