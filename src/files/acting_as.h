// Acting as another user, for file system calls alone: the calling thread's file system ids, its
// supplementary groups and its capabilities in force, set by raw system calls, as the C library's
// would change every thread. Permission checks are then the kernel's.
//
// For processes with one thread. What cannot be set is refused, and what cannot be set back ends
// the process: nothing is ever done as somebody else than asked for.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "files/file_messages.h"

namespace sallyport::files {

class ActingAs {
 public:
  // Looks at who the process is and what it may do. Error: kIo.
  static Result<ActingAs> from_this_process();

  // Whether it has the capabilities to act as anybody (CAP_SETUID and CAP_SETGID).
  bool anybody() const { return anybody_; }
  // False: this process cannot act so, and is itself. Without the capabilities it can act only as
  // the user and group that it is itself. Nobody but uid 0 has capabilities over files.
  bool become(const PosixIdentity& who);
  // As the process began. Capabilities are in force again.
  void return_to_self();

 private:
  bool take_ids(const PosixIdentity& who);

  std::uint32_t own_uid_ = 0, own_gid_ = 0;
  std::vector<gid_t> own_groups_;
  std::uint64_t permitted_ = 0;
  bool anybody_ = false;
  bool away_ = false;
};

}  // namespace sallyport::files
