#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_io.h"
#include "storage/embedded_publish.h"

namespace sallyport::storage {

using iam::Action;

Task<Result<Versioning>> EmbeddedObjectStore::versioning(iam::Permit permit, std::string bucket) {
  CO_TRY(check(permit, Action::kGetBucketVersioning, bucket, ""));
  CO_TRY_ASSIGN(auto found, core_->buckets.find(bucket));
  auto look = [&](state::Connection& db) { return index::versioning_of(db, found->id); };
  co_return co_await core_->database.read(std::move(look));
}

Task<Result<void>> EmbeddedObjectStore::set_versioning(iam::Permit permit, std::string bucket,
                                                       Versioning versioning) {
  CO_TRY(check(permit, Action::kPutBucketVersioning, bucket, ""));
  if (versioning == Versioning::kUnversioned) {
    co_return Error(Errc::kInvalidArgument, "Versioning can be suspended, but not undone",
                    "IllegalVersioningConfigurationException");
  }
  CO_TRY_ASSIGN(auto found, core_->buckets.find(bucket));
  // Whoever comes from now on waits for its turn; who is under way notices in its transaction.
  found->in_turns.store(true, std::memory_order_release);
  auto act = [&](state::Connection& db) {
    return index::set_versioning(db, found->id, versioning);
  };
  CO_TRY(co_await core_->database.write(std::move(act)));
  found->versioned = true;
  co_return ok();
}

Task<Result<ObjectInfo>> EmbeddedObjectStore::head_version(iam::Permit permit, VersionRef object) {
  const auto action = object.version.empty() ? Action::kGetObject : Action::kGetObjectVersion;
  CO_TRY(check(permit, action, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY_ASSIGN(const auto found, co_await look_up_version(core_, bucket, object, Want::kLook));
  co_return index::info_of(std::move(object.key), found.row, bucket->versioned);
}

Task<Result<std::unique_ptr<ObjectReader>>> EmbeddedObjectStore::open_version(iam::Permit permit,
                                                                              VersionRef object) {
  const auto action = object.version.empty() ? Action::kGetObject : Action::kGetObjectVersion;
  CO_TRY(check(permit, action, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY_ASSIGN(auto found, co_await look_up_version(core_, bucket, object, Want::kRead));
  co_return make_reader(core_, index::info_of(std::move(object.key), found.row, bucket->versioned),
                        std::move(found.fd));
}

Task<Result<std::string>> EmbeddedObjectStore::current_marker(iam::Permit permit,
                                                              ObjectRef object) {
  CO_TRY(check(permit, Action::kGetObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  auto look = [&](state::Connection& db) -> Result<std::string> {
    TRY_ASSIGN(const auto current, index::find(db, bucket->id, object.key));
    if (current) return std::string();
    TRY_ASSIGN(const auto newest, index::newest_version(db, bucket->id, object.key));
    if (!newest || !newest->marker) return std::string();
    return index::public_id(newest->row.version_id);
  };
  co_return co_await core_->database.read(std::move(look));
}

Task<Result<Removal>> EmbeddedObjectStore::remove_version(iam::Permit permit, VersionRef object) {
  const bool named = !object.version.empty();
  const auto action = named ? Action::kDeleteObjectVersion : Action::kDeleteObject;
  CO_TRY(check(permit, action, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  std::optional<std::string> version;
  if (named) version = index::stored_id(object.version);
  co_return co_await erase_object(core_, std::move(bucket), std::move(object.key),
                                  std::move(version));
}

Task<Result<VersionListPage>> EmbeddedObjectStore::list_versions(iam::Permit permit,
                                                                 VersionListRequest request) {
  CO_TRY(check(permit, Action::kListBucketVersions, request.bucket, request.prefix));
  CO_TRY_ASSIGN(auto bucket, core_->buckets.find(request.bucket));
  auto act = [&](state::Connection& db) { return index::list_versions(db, bucket->id, request); };
  co_return co_await core_->database.read(std::move(act));
}

}  // namespace sallyport::storage
