#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "base/vectored_io.h"
#include "files/file_status.h"
#include "files/file_system.h"

namespace sallyport::files {

namespace {

constexpr std::size_t kMaxTryVectors = 1024;  // IOV_MAX

// 0 or errno. Some file systems have nothing that could be synced.
int synced(int fd) {
  if (::fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP) return 0;
  return errno;
}

}  // namespace

Task<Result<std::size_t>> OpenFile::read_at(std::uint64_t offset, std::span<const iovec> into) {
  auto work = [this, offset, into] { return read_fully(fd_.get(), offset, into); };
  const std::int64_t n = co_await pool_->run(work);
  if (n < 0) co_return posix_error(static_cast<int>(-n));
  co_return static_cast<std::size_t>(n);
}

std::optional<Result<std::size_t>> OpenFile::try_read_at(std::uint64_t offset,
                                                         std::span<const iovec> into) {
  if (!may_try_ || into.size() > kMaxTryVectors) return std::nullopt;
  const ssize_t n = ::preadv2(fd_.get(), into.data(), static_cast<int>(into.size()),
                              static_cast<off_t>(offset), RWF_NOWAIT);
  if (n < 0) {
    // Not every file system can tell.
    if (errno == EOPNOTSUPP || errno == ENOSYS) may_try_ = false;
    return std::nullopt;
  }
  // Less than asked for: the rest is not in memory, or the file ends there.
  if (static_cast<std::size_t>(n) < total_size(into)) return std::nullopt;
  return Result<std::size_t>(static_cast<std::size_t>(n));
}

Task<Result<void>> OpenFile::write_at(std::uint64_t offset, std::span<const iovec> from) {
  auto work = [this, offset, from] { return write_fully(fd_.get(), offset, from); };
  const int error = co_await pool_->run(work);
  if (error != 0) co_return posix_error(-error);
  co_return ok();
}

Task<Result<FileStatus>> OpenFile::look() {
  struct stat st {};
  auto work = [this, &st] { return ::fstat(fd_.get(), &st) == 0 ? 0 : errno; };
  int error = 0;
  if (on_disk_) {
    error = work();
  } else {
    error = co_await pool_->run(work);
  }
  if (error != 0) co_return posix_error(error);
  co_return status_of(st);
}

Task<Result<void>> OpenFile::sync() {
  auto work = [this] { return synced(fd_.get()); };
  const int error = co_await pool_->run(work);
  if (error != 0) co_return posix_error(error);
  co_return ok();
}

Task<Result<void>> OpenFile::close() {
  // A disk of this machine has nothing to say that it did not say at the writes.
  if (on_disk_ && !syncs_at_close_) {
    fd_ = AsideFd();
    co_return ok();
  }
  auto work = [fd = fd_.release(), sync = syncs_at_close_] {
    const int unsynced = sync ? synced(fd) : 0;
    // Linux has closed it, whatever else it says.
    const int unclosed = ::close(fd) == 0 || errno == EINTR ? 0 : errno;
    return unsynced != 0 ? unsynced : unclosed;
  };
  const int error = co_await pool_->run(work);
  if (error != 0) co_return posix_error(error);
  co_return ok();
}

}  // namespace sallyport::files
