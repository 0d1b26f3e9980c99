// Datagrams over a socket pair, each with at most one descriptor beside it (SCM_RIGHTS). Blocking
// unless `flags` say MSG_DONTWAIT.
#pragma once

#include <sys/types.h>

#include "base/bytes.h"
#include "base/unique_fd.h"

namespace sallyport::files {

// False when the other end is gone, with errno set. `passed` < 0: none.
bool send_message(int socket, ByteView message, int passed, int flags = 0);
// The size of what came, 0 at the end, or -1 with errno set; what is longer than the buffer is
// EMSGSIZE. Descriptors beyond the first are closed.
ssize_t receive_message(int socket, MutableBytes buffer, UniqueFd& passed, int flags = 0);

}  // namespace sallyport::files
