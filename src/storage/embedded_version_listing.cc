#include "storage/embedded_columns.h"
#include "storage/embedded_walk.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

// Current objects and what lies under them, merged: a current object has the least rank of its key.
class VersionWalk final : public KeyWalk {
 public:
  // `after_rank`: of the version of key_marker that is the last one left out.
  VersionWalk(std::int64_t bucket, const VersionListRequest& request,
              std::optional<std::int64_t> after_rank)
      : KeyWalk(request.prefix, request.delimiter, request.max_keys),
        bucket_(bucket),
        marker_(request.key_marker),
        after_rank_(after_rank) {
    if (request.version_id_marker.empty()) {
      start_after(request.key_marker);
    } else {
      start_at(request.key_marker);
    }
  }
  std::vector<ObjectVersion> versions;

 private:
  Result<void> query(Connection& db, ByteView from, ByteView upper,
                     state::RowSink on_row) override {
    TRY(
        db.query("SELECT key, rank, 0 AS marker, 1 AS current, version_id, size, modified_ms, etag "
                 "FROM storage_object WHERE bucket = $1 AND key >= $2 AND key < $3 "
                 "UNION ALL "
                 "SELECT key, rank, marker, 0, version_id, size, modified_ms, etag "
                 "FROM storage_version WHERE bucket = $1 AND key >= $2 AND key < $3 "
                 "ORDER BY key, rank",
                 {bucket_, from, upper}, on_row));
    return ok();
  }

  bool counts(std::string_view key, const Row& row) override {
    newest_ = key != key_;
    key_ = key;
    return !(after_rank_ && key == marker_ && row.integer(1) <= *after_rank_);
  }

  void take(std::string_view key, const Row& row) override {
    ObjectVersion version;
    version.delete_marker = row.integer(2) != 0;
    version.latest = newest_ && (version.delete_marker || row.integer(3) != 0);
    version.info.key = key;
    version.info.version_id = public_id(row.string(4));
    version.info.size = static_cast<std::uint64_t>(row.integer(5));
    version.info.modified = from_unix_ms(row.integer(6));
    version.info.etag = row.string(7);
    versions.push_back(std::move(version));
  }

  const std::int64_t bucket_;
  const std::string& marker_;
  const std::optional<std::int64_t> after_rank_;
  std::string key_;
  bool newest_ = false;
};

Result<std::optional<std::int64_t>> rank_of(Connection& db, std::int64_t bucket,
                                            const VersionListRequest& request) {
  std::optional<std::int64_t> rank;
  if (request.version_id_marker.empty()) return rank;
  const std::string id = stored_id(request.version_id_marker);
  TRY_ASSIGN(const auto current, find(db, bucket, request.key_marker));
  if (current && current->version_id == id) {
    rank = current->rank;
    return rank;
  }
  TRY_ASSIGN(const auto older, find_version(db, bucket, request.key_marker, id));
  if (older) rank = older->row.rank;
  return rank;
}

}  // namespace

Result<VersionListPage> list_versions(Connection& db, std::int64_t bucket,
                                      const VersionListRequest& request) {
  TRY_ASSIGN(const auto after_rank, rank_of(db, bucket, request));
  VersionWalk walk(bucket, request, after_rank);
  TRY(walk.run(db));
  VersionListPage page;
  page.versions = std::move(walk.versions);
  page.common_prefixes = std::move(walk.common_prefixes);
  page.truncated = walk.truncated();
  if (page.truncated) {
    page.next_key_marker = walk.last();
    if (!walk.ended_with_common_prefix()) {
      page.next_version_id_marker = page.versions.back().info.version_id;
    }
  }
  return page;
}

}  // namespace sallyport::storage::index
