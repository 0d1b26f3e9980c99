#include "storage/embedded_index.h"

#include "storage/embedded_columns.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

Intent intent_of(const Row& row) {
  return {row.integer(0),
          row.integer(1),
          std::string(as_text(row.blob(2))),
          static_cast<Intent::Kind>(row.integer(3)),
          static_cast<std::uint64_t>(row.integer(4)),
          static_cast<std::uint64_t>(row.integer(5))};
}

}  // namespace

Result<std::vector<BucketRow>> all_buckets(Connection& db) {
  std::vector<BucketRow> rows;
  TRY(db.query("SELECT id, name, created_ms, region, versioning FROM storage_bucket", {},
               [&](const Row& row) {
                 rows.push_back({row.integer(0), row.string(1), row.integer(2), row.string(3),
                                 static_cast<Versioning>(row.integer(4))});
               }));
  return rows;
}

Result<void> insert_bucket(Connection& db, const BucketRow& row) {
  TRY_ASSIGN(const auto count,
             db.execute("INSERT INTO storage_bucket (id, name, created_ms, region, versioning) "
                        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                        {row.id, row.name, row.created_ms, row.region,
                         static_cast<std::int64_t>(row.versioning)}));
  if (count == 0) {
    return Error(Errc::kAlreadyExists, "The bucket " + row.name + " exists already",
                 "BucketAlreadyOwnedByYou");
  }
  return ok();
}

Result<void> delete_bucket(Connection& db, std::int64_t bucket) {
  TRY(db.execute("DELETE FROM storage_bucket WHERE id = $1", {bucket}));
  return ok();
}

Result<Versioning> versioning_of(Connection& db, std::int64_t bucket) {
  std::optional<Versioning> found;
  TRY(db.query("SELECT versioning FROM storage_bucket WHERE id = $1", {bucket},
               [&](const Row& row) { found = static_cast<Versioning>(row.integer(0)); }));
  if (!found) return no_such_bucket("");
  return *found;
}

Result<void> set_versioning(Connection& db, std::int64_t bucket, Versioning versioning) {
  TRY_ASSIGN(const auto count, db.execute("UPDATE storage_bucket SET versioning = $1 WHERE id = $2",
                                          {static_cast<std::int64_t>(versioning), bucket}));
  if (count == 0) return no_such_bucket("");
  return ok();
}

Result<bool> has_objects(Connection& db, std::int64_t bucket) {
  TRY_ASSIGN(const auto count, db.query("SELECT 1 FROM storage_object WHERE bucket = $1 LIMIT 1",
                                        {bucket}, [](const Row&) {}));
  return count > 0;
}

Result<std::optional<ObjectRow>> find(Connection& db, std::int64_t bucket, std::string_view key) {
  std::optional<ObjectRow> found;
  TRY(db.query("SELECT " OBJECT_COLUMNS " FROM storage_object WHERE bucket = $1 AND key = $2",
               {bucket, as_bytes(key)}, [&](const Row& row) { found = object_of(row, 0); }));
  return found;
}

Result<void> upsert(Connection& db, std::int64_t bucket, std::string_view key,
                    const ObjectRow& row) {
  TRY(db.execute(
      "INSERT INTO storage_object (bucket, key, " OBJECT_COLUMNS
      ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) "
      "ON CONFLICT (bucket, key) DO UPDATE SET location = excluded.location, "
      "content = excluded.content, size = excluded.size, modified_ms = excluded.modified_ms, "
      "etag = excluded.etag, inode = excluded.inode, mtime_ns = excluded.mtime_ns, "
      "version = excluded.version, content_type = excluded.content_type, "
      "metadata = excluded.metadata, headers = excluded.headers, tags = excluded.tags, "
      "checksums = excluded.checksums, part_count = excluded.part_count, "
      "version_id = excluded.version_id, rank = excluded.rank",
      {bucket, as_bytes(key), static_cast<std::int64_t>(row.location), row.content, row.stamp.size,
       row.modified_ms, row.etag, row.stamp.inode, row.stamp.mtime_ns, row.version,
       row.content_type, row.metadata, row.headers, row.tags, row.checksums, row.part_count,
       row.version_id, row.rank}));
  return ok();
}

Result<void> erase(Connection& db, std::int64_t bucket, std::string_view key) {
  TRY(db.execute("DELETE FROM storage_object WHERE bucket = $1 AND key = $2",
                 {bucket, as_bytes(key)}));
  return ok();
}

Result<bool> set_reserved(Connection& db, std::int64_t bucket, std::string_view key,
                          std::uint64_t content) {
  TRY_ASSIGN(const auto count, db.execute("UPDATE storage_object SET location = $1 "
                                          "WHERE bucket = $2 AND key = $3 AND content = $4",
                                          {static_cast<std::int64_t>(Location::kReserved), bucket,
                                           as_bytes(key), content}));
  if (count > 0) return true;
  return is_version(db, bucket, key, content);
}

Result<std::vector<KeyedRow>> rows_after(Connection& db, std::int64_t bucket,
                                         std::string_view after, std::uint32_t limit) {
  std::vector<KeyedRow> rows;
  TRY(db.query("SELECT key, " OBJECT_COLUMNS
               " FROM storage_object WHERE bucket = $1 AND key > $2 ORDER BY key LIMIT $3",
               {bucket, as_bytes(after), limit}, [&](const Row& row) {
                 rows.push_back({std::string(as_text(row.blob(0))), object_of(row, 1)});
               }));
  return rows;
}

Result<void> insert_intent(Connection& db, const Intent& intent) {
  TRY(
      db.execute("INSERT INTO storage_intent (id, bucket, key, kind, content, inode) "
                 "VALUES ($1, $2, $3, $4, $5, $6)",
                 {intent.id, intent.bucket, as_bytes(intent.key),
                  static_cast<std::int64_t>(intent.kind), intent.content, intent.inode}));
  return ok();
}

Result<void> delete_intent(Connection& db, std::int64_t id) {
  TRY(db.execute("DELETE FROM storage_intent WHERE id = $1", {id}));
  return ok();
}

Result<std::vector<Intent>> all_intents(Connection& db) {
  std::vector<Intent> intents;
  TRY(db.query("SELECT id, bucket, key, kind, content, inode FROM storage_intent", {},
               [&](const Row& row) { intents.push_back(intent_of(row)); }));
  return intents;
}

Result<std::vector<Intent>> intents_of(Connection& db, std::int64_t bucket, std::string_view key) {
  std::vector<Intent> intents;
  TRY(db.query(
      "SELECT id, bucket, key, kind, content, inode FROM storage_intent "
      "WHERE bucket = $1 AND key = $2",
      {bucket, as_bytes(key)}, [&](const Row& row) { intents.push_back(intent_of(row)); }));
  return intents;
}

Result<bool> has_intent(Connection& db, std::int64_t bucket, std::string_view key) {
  TRY_ASSIGN(const auto count,
             db.query("SELECT 1 FROM storage_intent WHERE bucket = $1 AND key = $2 LIMIT 1",
                      {bucket, as_bytes(key)}, [](const Row&) {}));
  return count > 0;
}

Error no_such_bucket(std::string_view bucket) {
  return Error(Errc::kNotFound,
               bucket.empty() ? std::string("The specified bucket does not exist")
                              : "The specified bucket does not exist: " + std::string(bucket),
               "NoSuchBucket");
}

Error no_such_key(std::string_view key) {
  return Error(Errc::kNotFound, "The specified key does not exist: " + std::string(key),
               "NoSuchKey");
}

Error no_such_version(std::string_view version_id) {
  return Error(Errc::kNotFound, "The specified version does not exist: " + std::string(version_id),
               "NoSuchVersion");
}

Error is_marker_error() {
  return Error(Errc::kUnsupported, "The specified version is a delete marker", "MethodNotAllowed");
}

}  // namespace sallyport::storage::index
