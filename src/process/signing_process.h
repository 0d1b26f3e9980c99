// The processes that hold the private host keys.
//
//   serving process ── one socket pair each ── signing processes, one request at a time each
//         └── watcher, their parent: starts one again when it has died
//
// A watcher and its signing processes are forks made while the program has one thread. A signing
// process opens sealed keys, signs, makes and takes in keys; it has the master key, no file and no
// capability, and a list of a few system calls it may make. Its death loses nothing: the watcher
// tells through the same socket and starts another, and the serving process asks again. The
// watcher's death ends all of them; the serving process is told by SIGCHLD and by every request's
// failing.
#pragma once

#include <sys/types.h>

#include <memory>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "process/message_vault.h"

namespace sallyport::process {

struct SigningOptions {
  unsigned processes = 2;
  bool seccomp = true;
};

// All calls from the thread that starts it; the channels may be used from any.
class SigningProcess {
 public:
  // REQUIRES: no other thread is running. SIGINT, SIGTERM and SIGHUP should be blocked: a terminal
  // sends them to the signing processes, too, which end with their sockets. Errors: kIo.
  static Result<std::unique_ptr<SigningProcess>> start(const SecretString& master,
                                                       const SigningOptions& options);
  // Ends them and waits for it. The channels must be gone.
  ~SigningProcess();

  // The channels, one a process; once.
  std::vector<std::unique_ptr<KeyChannel>> take_channels() { return std::move(channels_); }
  // Whether the watcher is alive.
  bool alive();
  pid_t watcher() const { return watcher_; }

 private:
  SigningProcess(pid_t watcher, std::vector<std::unique_ptr<KeyChannel>> channels)
      : watcher_(watcher), channels_(std::move(channels)) {}
  pid_t watcher_;
  std::vector<std::unique_ptr<KeyChannel>> channels_;
};

}  // namespace sallyport::process
