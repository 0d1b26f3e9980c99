#include <sys/uio.h>

#include <utility>
#include <vector>

#include "storage/embedded_io.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

// What is held in memory until more comes or commit(): a small object costs one visit to the disk.
constexpr std::uint64_t kHoldBytes = 64 * 1024;

class EmbeddedWriter final : public ObjectWriter {
 public:
  EmbeddedWriter(CorePtr core, BucketPtr bucket, std::string key, PutOptions options)
      : core_(std::move(core)),
        bucket_(std::move(bucket)),
        key_(std::move(key)),
        options_(std::move(options)) {}

  ~EmbeddedWriter() override {
    if (!fd_.valid()) return;
    core_->disk.submit([bucket = bucket_, content = content_, fd = fd_.release()] {
      UniqueFd closing(fd);
      bucket->files.drop_staged(content);
    });
  }

  std::uint64_t size() const override { return size_; }

  Task<Result<void>> write(std::span<const iovec> from) override {
    CO_TRY(usable());
    std::uint64_t added = 0;
    for (const iovec& v : from) added += v.iov_len;
    if (!fd_.valid() && held_.size() + added <= kHoldBytes) {
      for (const iovec& v : from) held_.append(static_cast<const char*>(v.iov_base), v.iov_len);
      size_ += added;
      co_return ok();
    }
    const int rc = co_await core_->disk.run([&] { return append(from); });
    if (rc != 0) co_return fail(rc);
    size_ += added;
    co_return ok();
  }

  Task<Result<ObjectInfo>> commit() override {
    CO_TRY(usable());
    ended_ = true;
    // Where nothing is synced a commit is over in microseconds: one visit to the pool for
    // everything.
    if (!core_->options.sync_on_close) {
      co_return co_await core_->disk.run([&]() -> Result<ObjectInfo> {
        TRY_ASSIGN(auto staged, stage());
        return publish_blocking(core_, bucket_, key_, std::move(staged), options_.only_if_absent);
      });
    }
    CO_TRY_ASSIGN(auto staged, co_await core_->disk.run([&] { return stage(); }));
    co_return co_await publish(core_, bucket_, key_, std::move(staged), options_.only_if_absent,
                               nullptr);
  }

  Task<void> abort() override {
    ended_ = true;
    held_ = {};
    if (fd_.valid()) co_await core_->disk.run([&] { drop(); });
  }

 private:
  Result<void> usable() const {
    if (failure_) return *failure_;
    if (ended_) return Error(Errc::kInternal, "The writer was committed or aborted already");
    return ok();
  }

  // A body with a gap must never be published: the first failure is the answer to all that follows.
  Error fail(int rc) {
    failure_ = errno_error("writing the content of an object", -rc);
    return *failure_;
  }

  // The rest runs on the disk pool.

  int start() {
    for (;;) {
      content_ = core_->ids.next();
      const int fd = bucket_->files.create_staged(content_);
      if (fd >= 0) {
        fd_ = UniqueFd(fd);
        return 0;
      }
      if (fd != -EEXIST) return fd;
    }
  }

  int flush_held() {
    if (!fd_.valid()) {
      if (const int rc = start(); rc != 0) return rc;
    }
    if (held_.empty()) return 0;
    const iovec all{held_.data(), held_.size()};
    const int rc = write_fully(fd_.get(), 0, {&all, 1});
    held_ = {};
    return rc;
  }

  int append(std::span<const iovec> from) {
    if (const int rc = flush_held(); rc != 0) return rc;
    return write_fully(fd_.get(), size_, from);
  }

  Result<Staged> stage() {
    Staged staged;
    staged.has_file = size_ > 0 || !is_marker(key_);
    if (staged.has_file) {
      int rc = flush_held();
      if (rc == 0) rc = finish_staged(*core_, *bucket_, fd_.get(), staged.row.stamp);
      if (rc != 0) {
        if (fd_.valid()) drop();
        return fail(rc);
      }
      fd_.reset();
    }
    staged.row.content = content_;
    staged.row.modified_ms = core_->now_ms();
    staged.row.etag = core_->ids.etag();
    staged.row.content_type = std::move(options_.content_type);
    staged.row.metadata = index::encode_metadata(options_.metadata);
    return staged;
  }

  void drop() {
    fd_.reset();
    bucket_->files.drop_staged(content_);
  }

  const CorePtr core_;
  const BucketPtr bucket_;
  const std::string key_;
  PutOptions options_;
  std::string held_;
  UniqueFd fd_;
  std::uint64_t content_ = 0;
  std::uint64_t size_ = 0;
  std::optional<Error> failure_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ObjectWriter> make_writer(CorePtr core, BucketPtr bucket, std::string key,
                                          PutOptions options) {
  return std::make_unique<EmbeddedWriter>(std::move(core), std::move(bucket), std::move(key),
                                          std::move(options));
}

}  // namespace sallyport::storage
