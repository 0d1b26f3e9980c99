#include "storage/embedded_columns.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

VersionRow version_of(const Row& row) {
  return {object_of(row, 0), row.integer(kObjectColumns) != 0};
}

}  // namespace

Result<std::optional<VersionRow>> find_version(Connection& db, std::int64_t bucket,
                                               std::string_view key, std::string_view version_id) {
  std::optional<VersionRow> found;
  TRY(db.query("SELECT " OBJECT_COLUMNS ", marker FROM storage_version "
               "WHERE bucket = $1 AND key = $2 AND version_id = $3",
               {bucket, as_bytes(key), version_id},
               [&](const Row& row) { found = version_of(row); }));
  return found;
}

Result<std::optional<VersionRow>> newest_version(Connection& db, std::int64_t bucket,
                                                 std::string_view key) {
  std::optional<VersionRow> found;
  TRY(db.query("SELECT " OBJECT_COLUMNS ", marker FROM storage_version "
               "WHERE bucket = $1 AND key = $2 ORDER BY rank LIMIT 1",
               {bucket, as_bytes(key)}, [&](const Row& row) { found = version_of(row); }));
  return found;
}

Result<void> insert_version(Connection& db, std::int64_t bucket, std::string_view key,
                            const ObjectRow& row, bool marker) {
  TRY(db.execute("INSERT INTO storage_version (bucket, key, " OBJECT_COLUMNS ", marker) VALUES "
                 "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
                 "$18, $19)",
                 {bucket, as_bytes(key), static_cast<std::int64_t>(row.location), row.content,
                  row.stamp.size, row.modified_ms, row.etag, row.stamp.inode, row.stamp.mtime_ns,
                  row.version, row.content_type, row.metadata, row.headers, row.tags, row.checksums,
                  row.part_count, row.version_id, row.rank, marker}));
  return ok();
}

Result<void> erase_version(Connection& db, std::int64_t bucket, std::string_view key,
                           std::int64_t rank) {
  TRY(db.execute("DELETE FROM storage_version WHERE bucket = $1 AND key = $2 AND rank = $3",
                 {bucket, as_bytes(key), rank}));
  return ok();
}

Result<bool> has_versions(Connection& db, std::int64_t bucket) {
  TRY_ASSIGN(const auto count, db.query("SELECT 1 FROM storage_version WHERE bucket = $1 LIMIT 1",
                                        {bucket}, [](const Row&) {}));
  return count > 0;
}

Result<bool> is_version(Connection& db, std::int64_t bucket, std::string_view key,
                        std::uint64_t content) {
  TRY_ASSIGN(const auto count,
             db.query("SELECT 1 FROM storage_version "
                      "WHERE bucket = $1 AND key = $2 AND content = $3 AND marker = 0 LIMIT 1",
                      {bucket, as_bytes(key), content}, [](const Row&) {}));
  return count > 0;
}

Result<bool> set_tags(Connection& db, std::int64_t bucket, std::string_view key,
                      std::string_view version_id, std::string_view tags) {
  TRY_ASSIGN(const auto current,
             db.execute("UPDATE storage_object SET tags = $1, version = version + 1 "
                        "WHERE bucket = $2 AND key = $3 AND version_id = $4",
                        {tags, bucket, as_bytes(key), version_id}));
  if (current > 0) return true;
  TRY_ASSIGN(const auto older,
             db.execute("UPDATE storage_version SET tags = $1, version = version + 1 "
                        "WHERE bucket = $2 AND key = $3 AND version_id = $4 AND marker = 0",
                        {tags, bucket, as_bytes(key), version_id}));
  return older > 0;
}

}  // namespace sallyport::storage::index
