#include "storage/embedded_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "storage/embedded_core.h"
#include "storage/embedded_io.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

using iam::Action;

// How often a move starts again because its source changed under it.
constexpr int kMoveTries = 100;
// A copy gives the pool's thread back in between, so that it cannot hold up small work.
constexpr std::uint64_t kCopySlice = 32 * 1024 * 1024;

Result<void> check(const iam::Permit& permit, Action action, std::string_view bucket,
                   std::string_view key) {
  if (permit.covers(action, bucket, key)) return ok();
  return Error(Errc::kInternal, "The permit does not cover the call");
}

Result<BucketPtr> bucket_of(const EmbeddedCore& core, const ObjectRef& object) {
  TRY(check_key(object.key));
  return core.buckets.find(object.bucket);
}

bool needs_file(std::string_view key, std::uint64_t size) {
  return size > 0 || !is_marker(key);
}

// A new name in staging made by `make(content)`. Blocking.
template <class F>
int new_staged(EmbeddedCore& core, std::uint64_t& content, F make) {
  int rc;
  do {
    content = core.ids.next();
    rc = make(content);
  } while (rc == -EEXIST);
  return rc;
}

// A body of its own with the content of `from`, in staging of `bucket`.
Task<Result<Staged>> stage_copy(CorePtr core, BucketPtr bucket, std::string key, Found from) {
  Staged staged{std::move(from.row), true};
  staged.row.modified_ms = core->now_ms();
  staged.row.etag = core->ids.etag();
  staged.has_file = needs_file(key, staged.row.stamp.size);
  if (!staged.has_file) co_return staged;

  const std::uint64_t size = staged.row.stamp.size;
  UniqueFd to;
  std::uint64_t done = 0;
  int rc = 0;
  do {
    rc = co_await core->disk.run([&] {
      if (!to.valid()) {
        const int fd = new_staged(*core, staged.row.content, [&](std::uint64_t content) {
          return bucket->files.create_staged(content);
        });
        if (fd < 0) return fd;
        to = UniqueFd(fd);
      }
      const std::uint64_t slice = std::min(kCopySlice, size - done);
      int result = copy_range(from.fd.get(), to.get(), done, slice);
      done += slice;
      if (result == 0 && done == size) {
        result = finish_staged(*core, *bucket, to.get(), staged.row.stamp);
      }
      if (result != 0) bucket->files.drop_staged(staged.row.content);
      return result;
    });
  } while (rc == 0 && done < size);
  if (rc == -ENODATA) co_return Error(Errc::kConflict, "The source became shorter meanwhile");
  if (rc != 0) co_return errno_error("copying the content of an object", -rc);
  co_return staged;
}

// A second name for the body of `from` where links are known, else a copy.
Task<Result<Staged>> stage_move(CorePtr core, BucketPtr bucket, std::string key, Found from) {
  if (needs_file(key, from.row.stamp.size) && from.fd.valid()) {
    Staged staged{from.row, true};
    staged.row.modified_ms = core->now_ms();
    const int rc = co_await core->disk.run([&] {
      return new_staged(*core, staged.row.content, [&](std::uint64_t content) {
        return bucket->files.link_to_staged(from.fd.get(), content);
      });
    });
    if (rc == 0) co_return staged;
  }
  const std::string etag = from.row.etag;
  CO_TRY_ASSIGN(auto staged, co_await stage_copy(core, bucket, key, std::move(from)));
  staged.row.etag = etag;
  co_return staged;
}

}  // namespace

state::MigrationSet EmbeddedObjectStore::migrations() {
  return index::migrations();
}

Result<std::unique_ptr<EmbeddedObjectStore>> EmbeddedObjectStore::open(EmbeddedOptions options,
                                                                       state::Database& database,
                                                                       net::BlockingPool& disk,
                                                                       const Clock& clock,
                                                                       Random& random) {
  const std::string path = options.data_dir + "/buckets";
  if (::mkdir(path.c_str(), 0770) != 0 && errno != EEXIST) {
    return errno_error("making the folder " + path, errno);
  }
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return errno_error("opening the folder " + path, errno);
  auto core = std::make_shared<EmbeddedCore>(std::move(options), database, disk, clock, random,
                                             std::move(folder));

  TRY_ASSIGN(const auto rows, database.read_blocking(index::all_buckets));
  for (const index::BucketRow& row : rows) {
    TRY_ASSIGN(auto files, BucketFiles::open(core->buckets_folder.get(), row.name, false));
    BucketInfo info{row.name, core->options.region, from_unix_ms(row.created_ms)};
    core->buckets.add(
        std::make_shared<const Bucket>(Bucket{row.id, std::move(info), std::move(files)}));
  }
  TRY(recover(*core));
  return std::unique_ptr<EmbeddedObjectStore>(new EmbeddedObjectStore(std::move(core)));
}

EmbeddedObjectStore::EmbeddedObjectStore(CorePtr core) : core_(std::move(core)) {}
EmbeddedObjectStore::~EmbeddedObjectStore() = default;

Task<Result<ScanReport>> EmbeddedObjectStore::scan() {
  ScanReport total;
  for (const BucketPtr& bucket : core_->buckets.all()) {
    const auto report = co_await scan_bucket(core_, bucket);
    if (!report.ok()) {
      if (report.error().reason == "NoSuchBucket") continue;  // deleted meanwhile
      co_return report.error();
    }
    total.taken_in += report->taken_in;
    total.renewed += report->renewed;
    total.dropped += report->dropped;
    total.ignored += report->ignored;
  }
  co_return total;
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::head(iam::Permit permit, ObjectRef object) {
  CO_TRY(check(permit, Action::kGetObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object));
  CO_TRY_ASSIGN(const auto found, co_await look_up(core_, bucket, object.key, Want::kLook));
  co_return index::info_of(std::move(object.key), found.row);
}

Task<Result<std::unique_ptr<ObjectReader>>> EmbeddedObjectStore::open(iam::Permit permit,
                                                                      ObjectRef object) {
  CO_TRY(check(permit, Action::kGetObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object));
  CO_TRY_ASSIGN(auto found, co_await look_up(core_, bucket, object.key, Want::kRead));
  co_return make_reader(core_, index::info_of(std::move(object.key), found.row),
                        std::move(found.fd));
}

Task<Result<std::unique_ptr<ObjectWriter>>> EmbeddedObjectStore::create(iam::Permit permit,
                                                                        ObjectRef object,
                                                                        PutOptions options) {
  CO_TRY(check(permit, Action::kPutObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object));
  CO_TRY(check_put_options(options));
  co_return make_writer(core_, std::move(bucket), std::move(object.key), std::move(options));
}

Task<Result<void>> EmbeddedObjectStore::remove(iam::Permit permit, ObjectRef object) {
  CO_TRY(check(permit, Action::kDeleteObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object));
  co_return co_await erase_object(core_, std::move(bucket), std::move(object.key));
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::copy(iam::Permit read, iam::Permit write,
                                                   ObjectRef from, ObjectRef to) {
  CO_TRY(check(read, Action::kGetObject, from.bucket, from.key));
  CO_TRY(check(write, Action::kPutObject, to.bucket, to.key));
  CO_TRY_ASSIGN(auto from_bucket, bucket_of(*core_, from));
  CO_TRY_ASSIGN(auto to_bucket, bucket_of(*core_, to));
  CO_TRY_ASSIGN(auto found, co_await look_up(core_, from_bucket, from.key, Want::kRead));
  CO_TRY_ASSIGN(auto staged, co_await stage_copy(core_, to_bucket, to.key, std::move(found)));
  co_return co_await publish(core_, to_bucket, to.key, std::move(staged), false, nullptr);
}

Task<Result<void>> EmbeddedObjectStore::move(iam::Permit read, iam::Permit write, iam::Permit erase,
                                             ObjectRef from, ObjectRef to) {
  CO_TRY(check(read, Action::kGetObject, from.bucket, from.key));
  CO_TRY(check(write, Action::kPutObject, to.bucket, to.key));
  CO_TRY(check(erase, Action::kDeleteObject, from.bucket, from.key));
  CO_TRY_ASSIGN(auto from_bucket, bucket_of(*core_, from));
  CO_TRY_ASSIGN(auto to_bucket, bucket_of(*core_, to));
  const bool onto_itself = from_bucket == to_bucket && from.key == to.key;
  for (int i = 0; i < kMoveTries; ++i) {
    CO_TRY_ASSIGN(auto found, co_await look_up(core_, from_bucket, from.key, Want::kRead));
    if (onto_itself) co_return ok();
    auto source = std::make_unique<Source>(Source{from.key, found.row, from_bucket});
    auto staged = co_await stage_move(core_, to_bucket, to.key, std::move(found));
    if (staged.ok()) {
      auto moved =
          co_await publish(core_, to_bucket, to.key, std::move(*staged), false, std::move(source));
      if (moved.ok()) co_return ok();
      if (moved.error().code != Errc::kConflict) co_return std::move(moved).error();
    } else if (staged.error().code != Errc::kConflict) {
      co_return std::move(staged).error();
    }
  }
  co_return Error(Errc::kConflict, "The source of the move changes faster than it can be moved");
}

Task<Result<ListPage>> EmbeddedObjectStore::list(iam::Permit permit, ListRequest request) {
  CO_TRY(check(permit, Action::kListBucket, request.bucket, request.prefix));
  CO_TRY_ASSIGN(auto bucket, core_->buckets.find(request.bucket));
  auto act = [&](state::Connection& db) { return index::list(db, bucket->id, request); };
  co_return co_await core_->database.read(std::move(act));
}

}  // namespace sallyport::storage
