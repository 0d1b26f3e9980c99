#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_io.h"

namespace sallyport::storage {

namespace {

using iam::Action;

// The stored id of the version that is meant. Errors: kNotFound, kUnsupported for a delete marker.
Result<index::ObjectRow> row_of(state::Connection& db, const Bucket& bucket,
                                const VersionRef& object) {
  TRY_ASSIGN(auto current, index::find(db, bucket.id, object.key));
  if (object.version.empty()) {
    if (!current) return index::no_such_key(object.key);
    return std::move(*current);
  }
  const std::string id = index::stored_id(object.version);
  if (current && current->version_id == id) return std::move(*current);
  TRY_ASSIGN(auto older, index::find_version(db, bucket.id, object.key, id));
  if (!older) return index::no_such_version(object.version);
  if (older->marker) return index::is_marker_error();
  return std::move(older->row);
}

std::string told_id(const Bucket& bucket, const index::ObjectRow& row) {
  return bucket.versioned ? index::public_id(row.version_id) : row.version_id;
}

}  // namespace

Task<Result<std::pair<Tags, std::string>>> EmbeddedObjectStore::tags(iam::Permit permit,
                                                                     VersionRef object) {
  const auto action =
      object.version.empty() ? Action::kGetObjectTagging : Action::kGetObjectVersionTagging;
  CO_TRY(check(permit, action, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  auto look = [&](state::Connection& db) { return row_of(db, *bucket, object); };
  CO_TRY_ASSIGN(const auto row, co_await core_->database.read(std::move(look)));
  co_return std::pair(index::decode(row.tags), told_id(*bucket, row));
}

Task<Result<std::string>> EmbeddedObjectStore::set_tags(iam::Permit permit, VersionRef object,
                                                        Tags tags) {
  const bool named = !object.version.empty();
  const auto action =
      tags.empty() ? named ? Action::kDeleteObjectVersionTagging : Action::kDeleteObjectTagging
      : named      ? Action::kPutObjectVersionTagging
                   : Action::kPutObjectTagging;
  // A PUT of no tags is one, too.
  const auto other = named ? Action::kPutObjectVersionTagging : Action::kPutObjectTagging;
  if (!permit.covers(other, object.bucket, object.key)) {
    CO_TRY(check(permit, action, object.bucket, object.key));
  }
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY(check_tags(tags));
  const std::string text = index::encode(tags);
  auto act = [&](state::Connection& db) -> Result<std::string> {
    TRY_ASSIGN(const auto row, row_of(db, *bucket, object));
    TRY(index::set_tags(db, bucket->id, object.key, row.version_id, text));
    return told_id(*bucket, row);
  };
  co_return co_await core_->database.write(std::move(act));
}

}  // namespace sallyport::storage
