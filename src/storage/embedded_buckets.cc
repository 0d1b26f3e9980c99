#include <unistd.h>

#include <utility>

#include "storage/embedded_core.h"
#include "storage/embedded_keys.h"
#include "storage/embedded_upload_index.h"

namespace sallyport::storage {

namespace {

using iam::Action;

Error uncovered() {
  return Error(Errc::kInternal, "The permit does not cover the call");
}

Error not_empty() {
  return Error(Errc::kConflict, "The bucket you tried to delete is not empty", "BucketNotEmpty");
}

// Ends the reservation of a bucket's name with the call that made it.
class NameHold {
 public:
  NameHold(BucketTable& table, std::string name) : table_(table), name_(std::move(name)) {}
  ~NameHold() { table_.release(name_); }
  NameHold(const NameHold&) = delete;
  NameHold& operator=(const NameHold&) = delete;

 private:
  BucketTable& table_;
  const std::string name_;
};

// The row first, so that only who made the bucket touches its folder.
Task<Result<BucketPtr>> make_bucket(CorePtr core, std::string name, std::string region) {
  index::BucketRow row{static_cast<std::int64_t>(core->ids.next()), name, core->now_ms(),
                       std::move(region), Versioning::kUnversioned};
  auto insert = [&](state::Connection& db) { return index::insert_bucket(db, row); };
  CO_TRY(co_await core->database.write(std::move(insert)));
  auto files = co_await core->disk.run([&]() -> Result<BucketFiles> {
    TRY_ASSIGN(auto made, BucketFiles::open(core->buckets_folder.get(), name, true));
    if (core->options.sync_on_close) {
      if (const int rc = made.sync_folder(""); rc != 0) {
        return errno_error("syncing the folder of bucket " + name, -rc);
      }
      if (::fsync(core->buckets_folder.get()) != 0) {
        return errno_error("syncing the folder of the buckets", errno);
      }
    }
    return made;
  });
  if (!files.ok()) {
    auto undo = [&](state::Connection& db) { return index::delete_bucket(db, row.id); };
    (void)co_await core->database.write(std::move(undo));
    co_return std::move(files).error();
  }
  BucketInfo info{name, row.region, from_unix_ms(row.created_ms)};
  co_return std::make_shared<const Bucket>(row.id, std::move(info), std::move(*files),
                                           row.versioning);
}

// Objects, older versions and delete markers; uploads in parts do not count.
Result<bool> is_filled(state::Connection& db, const Bucket& bucket) {
  TRY_ASSIGN(const bool objects, index::has_objects(db, bucket.id));
  if (objects) return true;
  return index::has_versions(db, bucket.id);
}

}  // namespace

Task<Result<BucketInfo>> EmbeddedObjectStore::create_bucket(iam::Permit permit, std::string bucket,
                                                            std::string region) {
  if (!permit.covers(Action::kCreateBucket, bucket, "")) co_return uncovered();
  CO_TRY(check_bucket_name(bucket));
  if (region.empty()) region = core_->options.region;
  CO_TRY(core_->buckets.reserve(bucket));
  const NameHold hold(core_->buckets, bucket);
  CO_TRY_ASSIGN(auto made, co_await make_bucket(core_, bucket, std::move(region)));
  core_->buckets.add(made);
  co_return made->info;
}

Task<Result<void>> EmbeddedObjectStore::delete_bucket(iam::Permit permit, std::string name) {
  if (!permit.covers(Action::kDeleteBucket, name, "")) co_return uncovered();
  CO_TRY(core_->buckets.reserve(name));
  const NameHold hold(core_->buckets, name);
  CO_TRY_ASSIGN(auto bucket, core_->buckets.find(name));
  auto look = [&](state::Connection& db) { return is_filled(db, *bucket); };
  CO_TRY_ASSIGN(const bool full, co_await core_->database.read(std::move(look)));
  if (full) co_return not_empty();
  // Files that other programs left here are objects too.
  CO_TRY(co_await scan_bucket(core_, bucket));
  auto act = [&](state::Connection& db) -> Result<void> {
    TRY_ASSIGN(const bool filled, is_filled(db, *bucket));
    if (filled) return not_empty();
    TRY(index::drop_uploads(db, bucket->id));
    return index::delete_bucket(db, bucket->id);
  };
  CO_TRY(co_await core_->database.write(std::move(act)));
  core_->buckets.remove(name);
  co_await core_->disk.run([&] { remove_bucket_folder(core_->buckets_folder.get(), name); });
  co_return ok();
}

Task<Result<BucketInfo>> EmbeddedObjectStore::head_bucket(iam::Permit permit, std::string bucket) {
  const iam::ActionScope scope = iam::action_scope(permit.action());
  if (scope != iam::ActionScope::kPrefix && scope != iam::ActionScope::kBucket)
    co_return uncovered();
  if (!permit.covers(permit.action(), bucket, "")) co_return uncovered();
  CO_TRY_ASSIGN(auto found, core_->buckets.find(bucket));
  co_return found->info;
}

Task<Result<std::vector<BucketInfo>>> EmbeddedObjectStore::list_buckets(iam::Permit permit) {
  if (!permit.covers(Action::kListAllMyBuckets, "", "")) co_return uncovered();
  std::vector<BucketInfo> out;
  for (const BucketPtr& bucket : core_->buckets.all()) out.push_back(bucket->info);
  co_return out;
}

}  // namespace sallyport::storage
