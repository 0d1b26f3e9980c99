#include "storage/embedded_copy.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_body.h"
#include "storage/embedded_etag.h"
#include "storage/embedded_io.h"

namespace sallyport::storage {

namespace {

using iam::Action;
using index::ObjectRow;

// How often a call starts again because its source changed under it.
constexpr int kCopyTries = 100;
// A copy gives the pool's thread back in between, so that it cannot hold up small work.
constexpr std::uint64_t kCopySlice = 32 * 1024 * 1024;

// What is true of the content of one object is true of its copy, save how it was put together.
void renew_for_copy(EmbeddedCore& core, ObjectRow& row) {
  if (!is_md5(row.etag)) row.etag = core.ids.etag();
  Checksums checksums = index::decode(row.checksums);
  std::erase_if(checksums,
                [](const auto& entry) { return entry.second.find('-') != std::string::npos; });
  row.checksums = index::encode(checksums);
  row.part_count = 0;
  row.modified_ms = core.now_ms();
}

// A body of its own with the content of `from`, in staging of `bucket`.
Task<Result<Staged>> stage_copy(CorePtr core, BucketPtr bucket, std::string key, Found from) {
  Staged staged{std::move(from.row), true};
  const std::uint64_t size = staged.row.stamp.size;
  staged.has_file = needs_file(key, size);
  if (!staged.has_file) {
    staged.row.content = 0;
    co_return staged;
  }
  Slices slices(core, bucket, Shelf::kStaging);
  CO_TRY(co_await slices.add(from.fd.get(), 0, size));
  CO_TRY_ASSIGN(staged.row.stamp, co_await slices.finish());
  staged.row.content = slices.content();
  co_return staged;
}

}  // namespace

Task<Result<Staged>> stage_move(CorePtr core, BucketPtr bucket, BucketPtr from_bucket,
                                std::string key, Found from) {
  const bool goes = !from_bucket->in_turns;
  if (goes && needs_file(key, from.row.stamp.size) && from.fd.valid()) {
    Staged staged{from.row, true, true};
    auto link = [&] {
      int rc;
      do {
        staged.row.content = core->ids.next();
        rc = bucket->files.link_to_staged(from.fd.get(), staged.row.content);
      } while (rc == -EEXIST);
      return rc;
    };
    if (co_await core->disk.run(std::move(link)) == 0) co_return staged;
  }
  co_return co_await stage_copy(core, bucket, std::move(key), std::move(from));
}

Slices::Slices(CorePtr core, BucketPtr bucket, Shelf shelf)
    : core_(std::move(core)), bucket_(std::move(bucket)), shelf_(shelf) {}

Slices::~Slices() {
  if (!to_.valid()) return;
  core_->disk.submit([bucket = bucket_, shelf = shelf_, content = content_, fd = to_.release()] {
    UniqueFd closing(fd);
    bucket->files.drop(shelf, content);
  });
}

int Slices::copy_slice(int from, std::uint64_t offset, std::uint64_t count) {
  if (!to_.valid()) {
    const int fd = create_body(*core_, *bucket_, shelf_, content_);
    if (fd < 0) return fd;
    to_ = UniqueFd(fd);
  }
  return copy_range(from, offset, to_.get(), size_, count);
}

Task<Result<void>> Slices::add(int from, std::uint64_t offset, std::uint64_t count) {
  do {
    const std::uint64_t slice = std::min(kCopySlice, count);
    auto step = [&] { return copy_slice(from, offset, slice); };
    const int rc = co_await core_->disk.run(std::move(step));
    if (rc == -ENODATA) co_return Error(Errc::kConflict, "The source became shorter meanwhile");
    if (rc != 0) co_return errno_error("copying the content of an object", -rc);
    size_ += slice;
    offset += slice;
    count -= slice;
  } while (count > 0);
  co_return ok();
}

Task<Result<FileStamp>> Slices::finish() {
  FileStamp stamp;
  auto end = [&] { return finish_file(*core_, *bucket_, shelf_, to_.get(), stamp); };
  const int rc = co_await core_->disk.run(std::move(end));
  if (rc != 0) co_return errno_error("copying the content of an object", -rc);
  to_.reset();
  co_return stamp;
}

Result<void> check_source(const CopyOptions& options, const ObjectRow& row) {
  using std::chrono::floor;
  using std::chrono::seconds;
  const Error failed(Errc::kConflict, "A condition on the source does not hold",
                     "PreconditionFailed");
  // HTTP dates have whole seconds.
  const auto modified = floor<seconds>(from_unix_ms(row.modified_ms));
  if (!options.source_if_match.empty()) {
    if (options.source_if_match != row.etag) return failed;
  } else if (modified > options.source_unmodified_since) {
    return failed;
  }
  if (!options.source_if_none_match.empty()) {
    if (options.source_if_none_match == row.etag) return failed;
  } else if (options.source_modified_since != WallTime::min() &&
             modified <= options.source_modified_since) {
    return failed;
  }
  return ok();
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::copy(iam::Permit read, iam::Permit write,
                                                   ObjectRef from, ObjectRef to) {
  VersionRef source(std::move(from.bucket), std::move(from.key));
  CopyOptions options;
  co_return co_await copy_version(std::move(read), std::move(write), std::move(source),
                                  std::move(to), std::move(options));
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::copy_version(iam::Permit read, iam::Permit write,
                                                           VersionRef from, ObjectRef to,
                                                           CopyOptions options) {
  const auto reading = from.version.empty() ? Action::kGetObject : Action::kGetObjectVersion;
  CO_TRY(check(read, reading, from.bucket, from.key));
  CO_TRY(check(write, Action::kPutObject, to.bucket, to.key));
  CO_TRY_ASSIGN(auto from_bucket, bucket_of(*core_, from.bucket, from.key));
  CO_TRY_ASSIGN(auto to_bucket, bucket_of(*core_, to.bucket, to.key));
  CO_TRY(check_put_options(options.put));
  const Conditions conditions{options.put.only_if_absent, options.put.only_if_etag};
  const bool onto_itself = from_bucket == to_bucket && from.key == to.key && from.version.empty();
  CO_TRY_ASSIGN(auto found, co_await look_up_version(core_, from_bucket, from, Want::kRead));
  CO_TRY(check_source(options, found.row));
  ObjectRow wanted = found.row;
  renew_for_copy(*core_, wanted);
  if (options.replace_metadata) index::describe(wanted, options.put);
  if (options.replace_tags) wanted.tags = index::encode(options.put.tags);
  if (onto_itself) {
    CO_TRY_ASSIGN(auto same,
                  co_await redescribe(core_, to_bucket, to.key, found.row, wanted, conditions));
    if (same) co_return std::move(*same);
  }
  found.row = std::move(wanted);
  CO_TRY_ASSIGN(auto staged, co_await stage_copy(core_, to_bucket, to.key, std::move(found)));
  co_return co_await publish(core_, to_bucket, to.key, std::move(staged), conditions);
}

Task<Result<void>> EmbeddedObjectStore::move(iam::Permit read, iam::Permit write, iam::Permit erase,
                                             ObjectRef from, ObjectRef to) {
  CO_TRY(check(read, Action::kGetObject, from.bucket, from.key));
  CO_TRY(check(write, Action::kPutObject, to.bucket, to.key));
  CO_TRY(check(erase, Action::kDeleteObject, from.bucket, from.key));
  CO_TRY_ASSIGN(auto from_bucket, bucket_of(*core_, from.bucket, from.key));
  CO_TRY_ASSIGN(auto to_bucket, bucket_of(*core_, to.bucket, to.key));
  const bool onto_itself = from_bucket == to_bucket && from.key == to.key;
  for (int i = 0; i < kCopyTries; ++i) {
    CO_TRY_ASSIGN(auto found, co_await look_up(core_, from_bucket, from.key, Want::kRead));
    if (onto_itself) co_return ok();
    auto source = std::make_unique<Source>(Source{from.key, found.row, from_bucket});
    auto staged = co_await stage_move(core_, to_bucket, from_bucket, to.key, std::move(found));
    if (staged.ok()) {
      staged->row.modified_ms = core_->now_ms();
      const Conditions none;
      auto moved =
          co_await publish(core_, to_bucket, to.key, std::move(*staged), none, std::move(source));
      if (moved.ok()) co_return ok();
      if (moved.error().code != Errc::kConflict) co_return std::move(moved).error();
    } else if (staged.error().code != Errc::kConflict) {
      co_return std::move(staged).error();
    }
  }
  co_return Error(Errc::kConflict, "The source of the move changes faster than it can be moved");
}

}  // namespace sallyport::storage
