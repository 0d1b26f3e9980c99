#include <utility>

#include "storage/embedded_body.h"
#include "storage/embedded_io.h"
#include "storage/embedded_keys.h"
#include "storage/embedded_publish.h"

namespace sallyport::storage {

namespace {

class EmbeddedWriter final : public ObjectWriter {
 public:
  EmbeddedWriter(CorePtr core, BucketPtr bucket, std::string key, PutOptions options)
      : core_(std::move(core)),
        bucket_(std::move(bucket)),
        key_(std::move(key)),
        options_(std::move(options)),
        body_(core_, bucket_, Shelf::kStaging) {}

  std::uint64_t size() const override { return body_.size(); }
  Task<Result<void>> write(std::span<const iovec> from) override { return body_.write(from); }
  bool reads_back() const override { return true; }
  Task<Result<std::size_t>> read_back(std::uint64_t offset, std::span<const iovec> into) override {
    return body_.read_back(offset, into);
  }
  void set_metadata(Metadata metadata) override { options_.metadata = std::move(metadata); }
  void describe(ContentDigest digest) override { digest_ = std::move(digest); }

  Task<Result<ObjectInfo>> commit() override {
    CO_TRY(body_.end());
    const Conditions conditions{options_.only_if_absent, options_.only_if_etag};
    std::optional<Result<Staged>> staged;
    // Where nothing is synced a commit is over in microseconds: one visit to the pool for
    // everything.
    const bool at_once = !core_->options.sync_on_close;
    auto on_disk = [&]() -> std::optional<Result<ObjectInfo>> {
      staged = stage();
      if (!staged->ok()) return Result<ObjectInfo>(staged->error());
      if (!at_once) return std::nullopt;
      return publish_blocking(core_, bucket_, key_, **staged, conditions);
    };
    auto done = co_await core_->disk.run(std::move(on_disk));
    if (done) co_return std::move(*done);
    co_return co_await publish(core_, bucket_, key_, std::move(**staged), conditions);
  }

  Task<void> abort() override { co_await body_.abandon(); }

 private:
  // On the disk pool.
  Result<Staged> stage() {
    Staged staged;
    staged.has_file = size() > 0 || !is_marker(key_);
    if (staged.has_file) {
      TRY_ASSIGN(staged.row.stamp, body_.finish());
      staged.row.content = body_.content();
    }
    staged.row.modified_ms = core_->now_ms();
    staged.row.etag = digest_.etag.empty() ? core_->ids.etag() : std::move(digest_.etag);
    staged.row.checksums = index::encode(digest_.checksums);
    staged.row.tags = index::encode(options_.tags);
    index::describe(staged.row, options_);
    return staged;
  }

  const CorePtr core_;
  const BucketPtr bucket_;
  const std::string key_;
  PutOptions options_;
  ContentDigest digest_;
  NewBody body_;
};

}  // namespace

std::unique_ptr<ObjectWriter> make_writer(CorePtr core, BucketPtr bucket, std::string key,
                                          PutOptions options) {
  return std::make_unique<EmbeddedWriter>(std::move(core), std::move(bucket), std::move(key),
                                          std::move(options));
}

}  // namespace sallyport::storage
