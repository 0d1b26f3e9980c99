#include "storage/embedded_index.h"

#include <array>
#include <nlohmann/json.hpp>

#include "storage/embedded_keys.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

// WITHOUT ROWID halves the pages that a commit writes; the index is local like the files it
// describes.
constexpr std::array<state::Migration, 1> kMigrations{{
    {1, R"(
CREATE TABLE storage_bucket (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  created_ms BIGINT NOT NULL
);
CREATE TABLE storage_object (
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  location BIGINT NOT NULL,
  content BIGINT NOT NULL,
  size BIGINT NOT NULL,
  modified_ms BIGINT NOT NULL,
  etag TEXT NOT NULL,
  inode BIGINT NOT NULL,
  mtime_ns BIGINT NOT NULL,
  version BIGINT NOT NULL,
  content_type TEXT NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY (bucket, key)
) WITHOUT ROWID;
CREATE TABLE storage_intent (
  id BIGINT PRIMARY KEY,
  bucket BIGINT NOT NULL,
  key BYTEA NOT NULL,
  kind BIGINT NOT NULL,
  content BIGINT NOT NULL,
  inode BIGINT NOT NULL
) WITHOUT ROWID;
)"},
}};

#define OBJECT_COLUMNS \
  "location, content, size, modified_ms, etag, inode, mtime_ns, version, content_type, metadata"

ObjectRow object_of(const Row& row, int at) {
  ObjectRow out;
  out.location = static_cast<Location>(row.integer(at));
  out.content = static_cast<std::uint64_t>(row.integer(at + 1));
  out.stamp.size = static_cast<std::uint64_t>(row.integer(at + 2));
  out.modified_ms = row.integer(at + 3);
  out.etag = row.string(at + 4);
  out.stamp.inode = static_cast<std::uint64_t>(row.integer(at + 5));
  out.stamp.mtime_ns = row.integer(at + 6);
  out.version = row.integer(at + 7);
  out.content_type = row.string(at + 8);
  out.metadata = row.string(at + 9);
  return out;
}

Metadata decode_metadata(std::string_view text) {
  Metadata out;
  if (text.size() <= 2) return out;
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return out;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) out.emplace(name, value.get<std::string>());
  }
  return out;
}

}  // namespace

state::MigrationSet migrations() {
  return {"storage", kMigrations};
}

Result<std::vector<BucketRow>> all_buckets(Connection& db) {
  std::vector<BucketRow> rows;
  TRY(db.query("SELECT id, name, created_ms FROM storage_bucket", {}, [&](const Row& row) {
    rows.push_back({row.integer(0), row.string(1), row.integer(2)});
  }));
  return rows;
}

Result<void> insert_bucket(Connection& db, const BucketRow& row) {
  TRY_ASSIGN(const auto count,
             db.execute("INSERT INTO storage_bucket (id, name, created_ms) VALUES ($1, $2, $3) "
                        "ON CONFLICT DO NOTHING",
                        {row.id, row.name, row.created_ms}));
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

Result<void> require_bucket(Connection& db, std::int64_t bucket) {
  TRY_ASSIGN(const auto count,
             db.query("SELECT 1 FROM storage_bucket WHERE id = $1", {bucket}, [](const Row&) {}));
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
      ") "
      "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
      "ON CONFLICT (bucket, key) DO UPDATE SET location = excluded.location, "
      "content = excluded.content, size = excluded.size, modified_ms = excluded.modified_ms, "
      "etag = excluded.etag, inode = excluded.inode, mtime_ns = excluded.mtime_ns, "
      "version = excluded.version, content_type = excluded.content_type, "
      "metadata = excluded.metadata",
      {bucket, as_bytes(key), static_cast<std::int64_t>(row.location), row.content, row.stamp.size,
       row.modified_ms, row.etag, row.stamp.inode, row.stamp.mtime_ns, row.version,
       row.content_type, row.metadata}));
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
  return count > 0;
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
  TRY(db.query(
      "SELECT id, bucket, key, kind, content, inode FROM storage_intent", {}, [&](const Row& row) {
        intents.push_back({row.integer(0), row.integer(1), std::string(as_text(row.blob(2))),
                           static_cast<Intent::Kind>(row.integer(3)),
                           static_cast<std::uint64_t>(row.integer(4)),
                           static_cast<std::uint64_t>(row.integer(5))});
      }));
  return intents;
}

Result<bool> has_intent(Connection& db, std::int64_t bucket, std::string_view key) {
  TRY_ASSIGN(const auto count,
             db.query("SELECT 1 FROM storage_intent WHERE bucket = $1 AND key = $2 LIMIT 1",
                      {bucket, as_bytes(key)}, [](const Row&) {}));
  return count > 0;
}

ObjectInfo info_of(std::string key, const ObjectRow& row) {
  ObjectInfo info;
  info.key = std::move(key);
  info.size = row.stamp.size;
  info.modified = from_unix_ms(row.modified_ms);
  info.etag = row.etag;
  info.content_type = row.content_type;
  info.metadata = decode_metadata(row.metadata);
  return info;
}

std::string encode_metadata(const Metadata& metadata) {
  if (metadata.empty()) return "{}";
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, value] : metadata) json[name] = value;
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
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

}  // namespace sallyport::storage::index
