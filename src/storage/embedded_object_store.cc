#include "storage/embedded_object_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_io.h"
#include "storage/embedded_publish.h"

namespace sallyport::storage {

using iam::Action;

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
    BucketInfo info{row.name, row.region.empty() ? core->options.region : row.region,
                    from_unix_ms(row.created_ms)};
    core->buckets.add(
        std::make_shared<const Bucket>(row.id, std::move(info), std::move(files), row.versioning));
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
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY_ASSIGN(const auto found, co_await look_up(core_, bucket, object.key, Want::kLook));
  co_return index::info_of(std::move(object.key), found.row, bucket->versioned);
}

Task<Result<std::unique_ptr<ObjectReader>>> EmbeddedObjectStore::open(iam::Permit permit,
                                                                      ObjectRef object) {
  CO_TRY(check(permit, Action::kGetObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY_ASSIGN(auto found, co_await look_up(core_, bucket, object.key, Want::kRead));
  co_return make_reader(core_, index::info_of(std::move(object.key), found.row, bucket->versioned),
                        std::move(found.fd));
}

Task<Result<std::unique_ptr<ObjectWriter>>> EmbeddedObjectStore::create(iam::Permit permit,
                                                                        ObjectRef object,
                                                                        PutOptions options) {
  CO_TRY(check(permit, Action::kPutObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY(check_put_options(options));
  co_return make_writer(core_, std::move(bucket), std::move(object.key), std::move(options));
}

Task<Result<void>> EmbeddedObjectStore::remove(iam::Permit permit, ObjectRef object) {
  CO_TRY(check(permit, Action::kDeleteObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY(co_await erase_object(core_, std::move(bucket), std::move(object.key), std::nullopt));
  co_return ok();
}

Task<Result<ListPage>> EmbeddedObjectStore::list(iam::Permit permit, ListRequest request) {
  CO_TRY(check(permit, Action::kListBucket, request.bucket, request.prefix));
  CO_TRY_ASSIGN(auto bucket, core_->buckets.find(request.bucket));
  auto act = [&](state::Connection& db) { return index::list(db, bucket->id, request); };
  co_return co_await core_->database.read(std::move(act));
}

}  // namespace sallyport::storage
