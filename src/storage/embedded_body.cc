#include "storage/embedded_body.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/vectored_io.h"
#include "storage/embedded_io.h"
#include "storage/embedded_publish.h"

namespace sallyport::storage {

namespace {

// What is held in memory until more comes or the end: a small body costs one visit to the disk.
constexpr std::uint64_t kHoldBytes = 64 * 1024;

}  // namespace

int create_body(EmbeddedCore& core, const Bucket& bucket, Shelf shelf, std::uint64_t& content) {
  for (;;) {
    content = core.ids.next();
    const int fd = bucket.files.create_on(shelf, content);
    if (fd != -EEXIST) return fd;
  }
}

NewBody::~NewBody() {
  if (!file_) return;
  core_->disk.submit(
      [bucket = bucket_, shelf = shelf_, content = content_, fd = file_->release().release()] {
        UniqueFd closing(fd);
        bucket->files.drop(shelf, content);
      });
}

Task<Result<void>> NewBody::write(std::span<const iovec> from) {
  CO_TRY(usable());
  const std::uint64_t added = total_size(from);
  if (!file_ && held_.size() + added <= kHoldBytes) {
    for (const iovec& v : from) held_.append(static_cast<const char*>(v.iov_base), v.iov_len);
    size_ += added;
    co_return ok();
  }
  auto append = [&] {
    const int rc = flush_held();
    return rc == 0 ? file_->append(from) : rc;
  };
  const int rc = co_await core_->disk.run(std::move(append));
  if (rc != 0) co_return fail(rc);
  size_ += added;
  co_return ok();
}

Task<Result<std::size_t>> NewBody::read_back(std::uint64_t offset, std::span<const iovec> into) {
  CO_TRY(usable());
  if (!file_) {
    std::size_t done = 0;
    for (const iovec& v : into) {
      if (offset + done >= held_.size()) break;
      const std::size_t n = std::min<std::size_t>(v.iov_len, held_.size() - offset - done);
      std::memcpy(v.iov_base, held_.data() + offset + done, n);
      done += n;
    }
    co_return done;
  }
  auto read = [&]() -> std::int64_t {
    if (const int rc = file_->settle(); rc != 0) return rc;
    return read_fully(file_->fd(), offset, into);
  };
  const std::int64_t n = co_await core_->disk.run(std::move(read));
  if (n < 0) co_return errno_error("reading what was written", static_cast<int>(-n));
  co_return static_cast<std::size_t>(n);
}

Result<void> NewBody::usable() const {
  if (failure_) return *failure_;
  if (ended_) return Error(Errc::kInternal, "The writer was committed or aborted already");
  return ok();
}

Result<void> NewBody::end() {
  TRY(usable());
  ended_ = true;
  return ok();
}

// The first failure is the answer to all that follows.
Error NewBody::fail(int rc) {
  failure_ = errno_error("writing the content of an object", -rc);
  return *failure_;
}

int NewBody::start() {
  const int fd = create_body(*core_, *bucket_, shelf_, content_);
  if (fd < 0) return fd;
  file_.emplace(UniqueFd(fd), core_->blocks, core_->options.direct_from);
  return 0;
}

int NewBody::flush_held() {
  if (!file_) {
    if (const int rc = start(); rc != 0) return rc;
  }
  if (held_.empty()) return 0;
  const std::string held = std::exchange(held_, {});
  const iovec all{const_cast<char*>(held.data()), held.size()};
  return file_->append({&all, 1});
}

Result<FileStamp> NewBody::finish() {
  FileStamp stamp;
  int rc = flush_held();
  if (rc == 0) rc = file_->settle();
  if (rc == 0) rc = finish_file(*core_, *bucket_, shelf_, file_->fd(), stamp);
  if (rc != 0) {
    drop();
    return fail(rc);
  }
  file_.reset();
  return stamp;
}

Task<void> NewBody::abandon() {
  ended_ = true;
  held_ = {};
  if (file_) co_await core_->disk.run([this] { drop(); });
}

void NewBody::drop() {
  if (!file_) return;
  file_.reset();
  bucket_->files.drop(shelf_, content_);
}

}  // namespace sallyport::storage
