#include <utility>

#include "base/vectored_io.h"
#include "storage/embedded_access.h"
#include "storage/embedded_body.h"
#include "storage/embedded_copy.h"
#include "storage/embedded_upload_index.h"

namespace sallyport::storage {

namespace {

using iam::Action;
using index::PartRow;

Result<void> check_number(std::uint32_t number) {
  if (number >= 1 && number <= kMaxParts) return ok();
  return Error(Errc::kInvalidArgument, "A part number is from 1 to 10,000", "InvalidArgument");
}

Error too_large() {
  return Error(Errc::kInvalidArgument, "A part has at most 5 GiB", "EntityTooLarge");
}

// Makes the file on the shelf of parts the part of its number. On error the file is gone. A crash
// in between leaves a file that start-up removes.
Task<Result<void>> keep_part(CorePtr core, BucketPtr bucket, UploadRef upload, PartRow row) {
  auto act = [&](state::Connection& db) -> Result<std::uint64_t> {
    TRY(index::find_upload(db, bucket->id, upload));
    return index::put_part(db, bucket->id, upload.upload_id, row);
  };
  const auto before = co_await core->database.write(std::move(act));
  const std::uint64_t unwanted = before.ok() ? *before : row.content;
  if (unwanted != 0) {
    co_await core->disk.run([&] { bucket->files.drop(Shelf::kParts, unwanted); });
  }
  if (!before.ok()) co_return before.error();
  co_return ok();
}

class PartWriter final : public ObjectWriter {
 public:
  PartWriter(CorePtr core, BucketPtr bucket, UploadRef upload, std::uint32_t number)
      : core_(std::move(core)),
        bucket_(std::move(bucket)),
        upload_(std::move(upload)),
        number_(number),
        body_(core_, bucket_, Shelf::kParts) {}

  std::uint64_t size() const override { return body_.size(); }
  void describe(ContentDigest digest) override { digest_ = std::move(digest); }
  void set_metadata(Metadata) override {}  // is the upload's
  Task<void> abort() override { return body_.abandon(); }

  Task<Result<void>> write(std::span<const iovec> from) override {
    const std::uint64_t added = total_size(from);
    if (added > kMaxPartBytes || size() > kMaxPartBytes - added) co_return too_large();
    co_return co_await body_.write(from);
  }

  Task<Result<ObjectInfo>> commit() override {
    CO_TRY(body_.end());
    CO_TRY(co_await core_->disk.run([this] { return body_.finish(); }));
    PartRow row;
    row.number = number_;
    row.content = body_.content();
    row.size = size();
    row.modified_ms = core_->now_ms();
    row.etag = digest_.etag.empty() ? core_->ids.etag() : std::move(digest_.etag);
    row.checksums = index::encode(digest_.checksums);
    CO_TRY(co_await keep_part(core_, bucket_, upload_, row));
    ObjectInfo info;
    info.key = upload_.key;
    info.size = row.size;
    info.modified = from_unix_ms(row.modified_ms);
    info.etag = std::move(row.etag);
    info.checksums = std::move(digest_.checksums);
    co_return info;
  }

 private:
  const CorePtr core_;
  const BucketPtr bucket_;
  const UploadRef upload_;
  const std::uint32_t number_;
  ContentDigest digest_;
  NewBody body_;
};

Task<Result<void>> require_upload(CorePtr core, BucketPtr bucket, UploadRef upload) {
  auto look = [&](state::Connection& db) { return index::find_upload(db, bucket->id, upload); };
  CO_TRY(co_await core->database.read(std::move(look)));
  co_return ok();
}

}  // namespace

Task<Result<std::unique_ptr<ObjectWriter>>> EmbeddedObjectStore::create_part(iam::Permit permit,
                                                                             UploadRef upload,
                                                                             std::uint32_t number) {
  CO_TRY(check(permit, Action::kPutObject, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  CO_TRY(check_number(number));
  CO_TRY(co_await require_upload(core_, bucket, upload));
  co_return std::unique_ptr<ObjectWriter>(
      std::make_unique<PartWriter>(core_, std::move(bucket), std::move(upload), number));
}

Task<Result<PartInfo>> EmbeddedObjectStore::copy_part(iam::Permit read, iam::Permit write,
                                                      VersionRef from, Range range,
                                                      UploadRef upload, std::uint32_t number,
                                                      CopyOptions options) {
  const auto reading = from.version.empty() ? Action::kGetObject : Action::kGetObjectVersion;
  CO_TRY(check(read, reading, from.bucket, from.key));
  CO_TRY(check(write, Action::kPutObject, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto from_bucket, bucket_of(*core_, from.bucket, from.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  CO_TRY(check_number(number));
  CO_TRY(co_await require_upload(core_, bucket, upload));
  CO_TRY_ASSIGN(auto found, co_await look_up_version(core_, from_bucket, from, Want::kRead));
  CO_TRY(check_source(options, found.row));
  const std::uint64_t size = found.row.stamp.size;
  const bool to_the_end = range.count == ~0ull;
  if (range.first > size || (!to_the_end && range.count > size - range.first)) {
    co_return Error(Errc::kInvalidArgument, "The range is not within the source", "InvalidRange");
  }
  PartRow row;
  row.number = number;
  row.size = to_the_end ? size - range.first : range.count;
  if (row.size > kMaxPartBytes) co_return too_large();
  Slices slices(core_, bucket, Shelf::kParts);
  CO_TRY(co_await slices.add(found.fd.get(), range.first, row.size));
  CO_TRY(co_await slices.finish());
  row.content = slices.content();
  row.modified_ms = core_->now_ms();
  row.etag = core_->ids.etag();
  CO_TRY(co_await keep_part(core_, bucket, std::move(upload), row));
  co_return index::info_of(row);
}

}  // namespace sallyport::storage
