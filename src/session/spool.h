// Files that are written out of order, until they are published: in a local folder, bounded in
// bytes, gone with the process. A file's logical size counts, holes included.
#pragma once

#include <sys/statvfs.h>
#include <sys/uio.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "base/unique_fd.h"
#include "net/blocking_pool.h"
#include "session/shared_quota.h"

namespace sallyport::session {

struct SpoolOptions {
  std::string folder;            // made with mode 0700 if it is not there
  std::uint64_t bytes = 0;       // of all files together; one user may have half
  std::uint64_t file_bytes = 0;  // of one file
};

// The reason of kLimitExceeded errors from here; the message is for the client.
inline constexpr std::string_view kSpoolFull = "SpoolFull";

class Spool;

// One file, without a name on the disk. Not thread-safe; one call at a time. Its bytes are free
// again when it is destroyed.
class SpoolFile {
 public:
  ~SpoolFile();
  SpoolFile(const SpoolFile&) = delete;
  SpoolFile& operator=(const SpoolFile&) = delete;

  std::uint64_t size() const { return size_; }
  // Errors: kLimitExceeded "SpoolFull" (then nothing was written), kIo. The buffers are borrowed
  // until the task ends.
  Task<Result<void>> write(std::uint64_t offset, std::span<const iovec> from);
  // As storage::ObjectReader::read_at.
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into);
  // Shorter, or longer by a hole. Errors as write().
  Task<Result<void>> resize(std::uint64_t size);

 private:
  friend class Spool;
  SpoolFile(Spool& spool, std::string user) : spool_(spool), user_(std::move(user)) {}
  Result<void> grow(std::uint64_t size);
  int start();

  Spool& spool_;
  const std::string user_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

// Thread-safe. Outlives its files.
class Spool {
 public:
  // Removes what an earlier process left. Blocking. `disk` outlives the spool.
  static Result<std::unique_ptr<Spool>> open(SpoolOptions options, net::BlockingPool& disk);

  // `user` as of SharedQuota.
  std::unique_ptr<SpoolFile> create(std::string user) {
    return std::unique_ptr<SpoolFile>(new SpoolFile(*this, std::move(user)));
  }
  std::uint64_t used() const { return quota_.used(); }
  // Of the file system that the spool lies on.
  Task<Result<struct statvfs>> volume();

 private:
  friend class SpoolFile;
  Spool(SpoolOptions options, UniqueFd folder, net::BlockingPool& disk)
      : options_(std::move(options)),
        folder_(std::move(folder)),
        disk_(disk),
        quota_(options_.bytes) {}

  const SpoolOptions options_;
  const UniqueFd folder_;
  net::BlockingPool& disk_;
  SharedQuota quota_;
  std::atomic<std::uint64_t> next_name_{0};
};

}  // namespace sallyport::session
