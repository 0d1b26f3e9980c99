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

namespace sallyport::session {

struct SpoolOptions {
  std::string folder;            // made with mode 0700 if it is not there
  std::uint64_t bytes = 0;       // of all files together
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
  explicit SpoolFile(Spool& spool) : spool_(spool) {}
  Result<void> grow(std::uint64_t size);
  int start();

  Spool& spool_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

// Thread-safe. Outlives its files.
class Spool {
 public:
  // Removes what an earlier process left. Blocking. `disk` outlives the spool.
  static Result<std::unique_ptr<Spool>> open(SpoolOptions options, net::BlockingPool& disk);

  std::unique_ptr<SpoolFile> create() { return std::unique_ptr<SpoolFile>(new SpoolFile(*this)); }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  // Of the file system that the spool lies on.
  Task<Result<struct statvfs>> volume();

 private:
  friend class SpoolFile;
  Spool(SpoolOptions options, UniqueFd folder, net::BlockingPool& disk)
      : options_(std::move(options)), folder_(std::move(folder)), disk_(disk) {}

  const SpoolOptions options_;
  const UniqueFd folder_;
  net::BlockingPool& disk_;
  std::atomic<std::uint64_t> used_{0};
  std::atomic<std::uint64_t> next_name_{0};
};

}  // namespace sallyport::session
