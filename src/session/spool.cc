#include "session/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/vectored_io.h"

namespace sallyport::session {

namespace {

constexpr std::string_view kPrefix = "spool-";

Error full(std::string message) {
  return Error(Errc::kLimitExceeded, std::move(message), std::string(kSpoolFull));
}

Error spool_error(int error) {
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return full("The server has no room for this file now");
  }
  return errno_error("writing to the spool", error);
}

}  // namespace

Result<std::unique_ptr<Spool>> Spool::open(SpoolOptions options, net::BlockingPool& disk) {
  if (::mkdir(options.folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return errno_error("making the folder " + options.folder, errno);
  }
  UniqueFd folder(::open(options.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return errno_error("opening the folder " + options.folder, errno);
  DIR* const listing = ::opendir(options.folder.c_str());
  if (listing == nullptr) return errno_error("reading the folder " + options.folder, errno);
  while (const dirent* const entry = ::readdir(listing)) {
    if (std::string_view(entry->d_name).starts_with(kPrefix)) {
      ::unlinkat(folder.get(), entry->d_name, 0);
    }
  }
  ::closedir(listing);
  return std::unique_ptr<Spool>(new Spool(std::move(options), std::move(folder), disk));
}

Task<Result<struct statvfs>> Spool::volume() {
  struct statvfs out {};
  auto ask = [&] { return ::fstatvfs(folder_.get(), &out) == 0 ? 0 : errno; };
  const int error = co_await disk_.run(std::move(ask));
  if (error != 0) co_return errno_error("asking the file system for its size", error);
  co_return out;
}

SpoolFile::~SpoolFile() {
  spool_.quota_.give_back(user_, size_);
  // Freeing a large file takes its time.
  if (fd_.valid()) spool_.disk_.submit([fd = fd_.release()] { ::close(fd); });
}

// Nothing else is left of a process that dies in between: the name is gone before the first byte.
int SpoolFile::start() {
  const std::string name = std::string(kPrefix) + std::to_string(::getpid()) + "-" +
                           std::to_string(spool_.next_name_.fetch_add(1));
  const int fd = ::openat(spool_.folder_.get(), name.c_str(),
                          O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return errno;
  fd_ = UniqueFd(fd);
  return ::unlinkat(spool_.folder_.get(), name.c_str(), 0) == 0 ? 0 : errno;
}

Result<void> SpoolFile::grow(std::uint64_t size) {
  if (size <= size_) return ok();
  if (size > spool_.options_.file_bytes) {
    return full("The file is larger than files that are not written in order may be: " +
                std::to_string(spool_.options_.file_bytes) + " bytes");
  }
  switch (spool_.quota_.take(user_, size - size_)) {
    case SharedQuota::Answer::kNoneLeft:
      return full("The server has no room for files that are not written in order now");
    case SharedQuota::Answer::kUserHasTooMuch:
      return full("The user's files that are not written in order take all the room of one user");
    case SharedQuota::Answer::kYes: break;
  }
  size_ = size;
  return ok();
}

Task<Result<void>> SpoolFile::write(std::uint64_t offset, std::span<const iovec> from) {
  const std::uint64_t bytes = total_size(from);
  if (bytes == 0) co_return ok();
  const std::uint64_t most = spool_.options_.file_bytes;
  const bool reaches_over = offset > most || bytes > most - offset;
  CO_TRY(grow(reaches_over ? most + 1 : offset + bytes));
  auto put = [&] {
    if (const int error = fd_.valid() ? 0 : start(); error != 0) return error;
    return -write_fully(fd_.get(), offset, from);
  };
  const int error = co_await spool_.disk_.run(std::move(put));
  if (error != 0) co_return spool_error(error);
  co_return ok();
}

Task<Result<std::size_t>> SpoolFile::read_at(std::uint64_t offset, std::span<const iovec> into) {
  if (offset >= size_ || !fd_.valid()) co_return std::size_t{0};
  auto get = [&] { return read_fully(fd_.get(), offset, into); };
  const std::int64_t n = co_await spool_.disk_.run(std::move(get));
  if (n < 0) co_return errno_error("reading from the spool", static_cast<int>(-n));
  co_return static_cast<std::size_t>(n);
}

Task<Result<void>> SpoolFile::resize(std::uint64_t size) {
  CO_TRY(grow(std::min(size, spool_.options_.file_bytes + 1)));
  auto set = [&] {
    if (const int error = fd_.valid() ? 0 : start(); error != 0) return error;
    return ::ftruncate(fd_.get(), static_cast<off_t>(size)) == 0 ? 0 : errno;
  };
  const int error = co_await spool_.disk_.run(std::move(set));
  if (error != 0) co_return spool_error(error);
  if (size < size_) spool_.quota_.give_back(user_, size_ - size);
  size_ = size;
  co_return ok();
}

}  // namespace sallyport::session
