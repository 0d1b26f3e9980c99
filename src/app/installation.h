// One Sallyport process: everything built from the settings in the order it depends on each other,
// started and ended as one.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/settings.h"

namespace sallyport::app {

// All calls from one thread that may block and is no event loop.
class Installation {
 public:
  // Opens the data folder, the databases and the buckets (what a crash left is put right here).
  // Starts the processes that hold the host keys, and gives up what this one never needs (process/hardening.h).
  // Nothing listens yet. REQUIRES: no other thread is running. Errors: those of the settings, the folder, the databases; each names the next step.
  static Result<std::unique_ptr<Installation>> open(config::Loaded loaded);
  ~Installation();

  // Whether the processes that hold the host keys and act as users are there: without them nobody can log in
  // any more, or nothing can be done.
  bool healthy();
  // Brings up the API and every server that should be up, and answers health checks from then on.
  Result<void> start();
  // Where the API listens.
  std::string api_address() const;
  // Takes over the [servers] sections of newly loaded settings; other settings wait for a restart.
  Result<void> apply_server_sections(const config::Settings& settings);
  // Looks for files that other programs put into bucket folders; does not wait for the end.
  void scan_buckets();
  // Ends it: no new connections, live transfers get the settings' grace, then everything is closed. False when
  // something has not ended some 25 seconds later, as where a mount hangs: log and state are written, and nothing but
  // _exit(2) may follow, as threads still use what a destructor would take away.
  [[nodiscard]] bool stop();

 private:
  struct Impl;
  explicit Installation(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::app
