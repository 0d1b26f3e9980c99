// The processes that act as users on the file systems of servers with Domain=EFS.
//
//   serving process ── one socket pair each ── file processes, one request at a time each
//         └── watcher, their parent: starts one again when it has died
//
// As SigningProcess, but they keep the capabilities to act as others, where the program has them;
// each serves one file system, so that one that hangs holds up no other. A death fails the request
// under way if doing it twice could do harm.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "files/file_channel.h"
#include "files/file_system.h"

namespace sallyport::process {

struct FilePlan {
  std::string id;         // "fs-…"
  std::string directory;  // absolute
};

struct FileOptions {
  unsigned processes = 4;  // a file system
  bool seccomp = true;
};

// All calls from the thread that starts it; the channels may be used from any.
class FileProcess {
 public:
  // REQUIRES: no other thread is running. Errors: kUnsupported (openat2), kIo.
  static Result<std::unique_ptr<FileProcess>> start(const std::vector<FilePlan>& plans,
                                                    const FileOptions& options);
  // Ends them and waits for it; they are killed after two seconds. The channels must be gone.
  ~FileProcess();

  struct Channels {
    std::string id;
    std::vector<std::unique_ptr<files::FileChannel>> channels;
  };
  // In the order of the plans; once.
  std::vector<Channels> take_channels() { return std::move(channels_); }
  const files::ActingRights& rights() const { return rights_; }
  // Whether the watcher is alive.
  bool alive();
  // Kills them all, whatever they are at: for a program that ends while one hangs.
  void kill();
  pid_t watcher() const { return watcher_; }

 private:
  FileProcess() = default;
  pid_t watcher_ = 0;
  std::vector<Channels> channels_;
  files::ActingRights rights_;
};

}  // namespace sallyport::process
