// What goes on when its caller has left.
#pragma once

#include <functional>

#include "base/task.h"

namespace sallyport::s3 {

// Starts a task on the calling thread's loop and counts it, so that the program can wait for its
// end. REQUIRES: net::Loop::current() != null.
using Spawn = std::function<void(Task<void>)>;

}  // namespace sallyport::s3
