// What a process gives up for good, before it meets untrusted bytes: new privileges, capabilities,
// system calls. Each call is for the calling thread and all it starts later, so they come before
// the first thread.
//
// Capabilities go but for two of the serving process, if they were there: CAP_NET_BIND_SERVICE, as
// servers' ports are bound while it runs, and, where the kernel lets only its holder put filters on
// sockets, CAP_NET_ADMIN for the allow lists. Refused calls: the signing process is killed (it
// needs few); for the other two they fail with EPERM. Errors: kIo with what was refused;
// kUnsupported when the kernel has no seccomp filters.
#pragma once

#include "base/result.h"

namespace sallyport::process {

// Allows everything but what a file server never does: programs, processes, tracing, mounts, kernel
// modules, …
Result<void> harden_server(bool seccomp);
// The same, but processes may be started.
Result<void> harden_watcher(bool seccomp);
// Allows memory, random numbers, the sockets that are open, and the end.
Result<void> harden_signing_process(bool seccomp);

// The same two for the processes that act as users on file systems: they keep the capabilities to be
// others and to do what root may do with files, as far as they were there.
Result<void> harden_file_watcher(bool seccomp);
// Allows what changes files and directories, the ids of the calling thread, and the sockets that are
// open. Refused calls kill it.
Result<void> harden_file_process(bool seccomp);

// Whether this build's sanitizers need calls that are refused otherwise.
bool hardening_is_lenient();

}  // namespace sallyport::process
