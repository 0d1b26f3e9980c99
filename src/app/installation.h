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

  // Whether the process that holds the host keys is there: without it nobody can log in any more.
  bool healthy();
  // Brings up the API and every server that should be up, and answers health checks from then on.
  Result<void> start();
  // Where the API listens.
  std::string api_address() const;
  // Takes over the [servers] sections of newly loaded settings; other settings wait for a restart.
  Result<void> apply_server_sections(const config::Settings& settings);
  // Looks for files that other programs put into bucket folders; does not wait for the end.
  void scan_buckets();
  // Ends it: no new connections, live transfers get the settings' grace, then everything is closed.
  void stop();

 private:
  struct Impl;
  explicit Installation(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::app
