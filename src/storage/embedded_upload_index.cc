#include "storage/embedded_upload_index.h"

#include "storage/embedded_index.h"
#include "storage/embedded_walk.h"

namespace sallyport::storage::index {

namespace {

using state::Connection;
using state::Row;

Error no_such_upload() {
  return Error(Errc::kNotFound,
               "The specified upload does not exist; it may have been aborted or completed",
               "NoSuchUpload");
}

class UploadWalk final : public KeyWalk {
 public:
  // `after`: the initiation of the upload of key_marker that is the last one left out.
  UploadWalk(std::int64_t bucket, const UploadListRequest& request,
             std::optional<std::int64_t> after)
      : KeyWalk(request.prefix, request.delimiter, request.max_uploads),
        bucket_(bucket),
        request_(request),
        after_(after) {
    if (request.upload_id_marker.empty()) {
      start_after(request.key_marker);
    } else {
      start_at(request.key_marker);
    }
  }
  std::vector<UploadInfo> uploads;

 private:
  Result<void> query(Connection& db, ByteView from, ByteView upper,
                     state::RowSink on_row) override {
    TRY(
        db.query("SELECT key, initiated_ms, upload_id FROM storage_upload "
                 "WHERE bucket = $1 AND key >= $2 AND key < $3 "
                 "ORDER BY key, initiated_ms, upload_id",
                 {bucket_, from, upper}, on_row));
    return ok();
  }

  bool counts(std::string_view key, const Row& row) override {
    if (!after_ || key != request_.key_marker) return true;
    const std::int64_t initiated = row.integer(1);
    return initiated > *after_ || (initiated == *after_ && row.text(2) > request_.upload_id_marker);
  }

  void take(std::string_view key, const Row& row) override {
    uploads.push_back({std::string(key), row.string(2), from_unix_ms(row.integer(1))});
  }

  const std::int64_t bucket_;
  const UploadListRequest& request_;
  const std::optional<std::int64_t> after_;
};

}  // namespace

Result<void> insert_upload(Connection& db, std::int64_t bucket, const UploadRow& row) {
  TRY(
      db.execute("INSERT INTO storage_upload (bucket, key, initiated_ms, upload_id, content_type, "
                 "metadata, headers, tags) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                 {bucket, as_bytes(row.key), row.initiated_ms, row.upload_id, row.content_type,
                  row.metadata, row.headers, row.tags}));
  return ok();
}

Result<UploadRow> find_upload(Connection& db, std::int64_t bucket, const UploadRef& upload) {
  std::optional<UploadRow> found;
  TRY(
      db.query("SELECT initiated_ms, content_type, metadata, headers, tags FROM storage_upload "
               "WHERE upload_id = $1 AND bucket = $2 AND key = $3",
               {upload.upload_id, bucket, as_bytes(upload.key)}, [&](const Row& row) {
                 found = UploadRow{upload.key,    upload.upload_id, row.integer(0), row.string(1),
                                   row.string(2), row.string(3),    row.string(4)};
               }));
  if (!found) return no_such_upload();
  return std::move(*found);
}

Result<std::vector<std::uint64_t>> drop_upload(Connection& db, std::int64_t bucket,
                                               const UploadRow& row) {
  std::vector<std::uint64_t> contents;
  TRY(db.query(
      "SELECT content FROM storage_part WHERE upload_id = $1", {row.upload_id},
      [&](const Row& part) { contents.push_back(static_cast<std::uint64_t>(part.integer(0))); }));
  TRY(db.execute("DELETE FROM storage_part WHERE upload_id = $1", {row.upload_id}));
  TRY(
      db.execute("DELETE FROM storage_upload WHERE bucket = $1 AND key = $2 AND initiated_ms = $3 "
                 "AND upload_id = $4",
                 {bucket, as_bytes(row.key), row.initiated_ms, row.upload_id}));
  return contents;
}

Result<void> drop_uploads(Connection& db, std::int64_t bucket) {
  TRY(
      db.execute("DELETE FROM storage_part WHERE upload_id IN "
                 "(SELECT upload_id FROM storage_upload WHERE bucket = $1)",
                 {bucket}));
  TRY(db.execute("DELETE FROM storage_upload WHERE bucket = $1", {bucket}));
  return ok();
}

Result<std::uint64_t> put_part(Connection& db, std::int64_t bucket, const std::string& upload_id,
                               const PartRow& row) {
  std::uint64_t before = 0;
  TRY(db.query("SELECT content FROM storage_part WHERE upload_id = $1 AND number = $2",
               {upload_id, row.number},
               [&](const Row& part) { before = static_cast<std::uint64_t>(part.integer(0)); }));
  TRY(
      db.execute("INSERT INTO storage_part (upload_id, number, bucket, content, size, modified_ms, "
                 "etag, checksums) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
                 "ON CONFLICT (upload_id, number) DO UPDATE SET content = excluded.content, "
                 "size = excluded.size, modified_ms = excluded.modified_ms, etag = excluded.etag, "
                 "checksums = excluded.checksums",
                 {upload_id, row.number, bucket, row.content, row.size, row.modified_ms, row.etag,
                  row.checksums}));
  return before;
}

Result<std::vector<PartRow>> parts_after(Connection& db, const std::string& upload_id,
                                         std::uint32_t after, std::uint32_t limit) {
  std::vector<PartRow> parts;
  TRY(
      db.query("SELECT number, content, size, modified_ms, etag, checksums FROM storage_part "
               "WHERE upload_id = $1 AND number > $2 ORDER BY number LIMIT $3",
               {upload_id, after, limit}, [&](const Row& row) {
                 parts.push_back({static_cast<std::uint32_t>(row.integer(0)),
                                  static_cast<std::uint64_t>(row.integer(1)),
                                  static_cast<std::uint64_t>(row.integer(2)), row.integer(3),
                                  row.string(4), row.string(5)});
               }));
  return parts;
}

Result<std::set<std::uint64_t>> part_contents(Connection& db, std::int64_t bucket) {
  std::set<std::uint64_t> contents;
  TRY(db.query("SELECT content FROM storage_part WHERE bucket = $1", {bucket}, [&](const Row& row) {
    contents.insert(static_cast<std::uint64_t>(row.integer(0)));
  }));
  return contents;
}

Result<UploadListPage> list_uploads(Connection& db, std::int64_t bucket,
                                    const UploadListRequest& request) {
  std::optional<std::int64_t> after;
  if (!request.upload_id_marker.empty()) {
    TRY(
        db.query("SELECT initiated_ms FROM storage_upload "
                 "WHERE upload_id = $1 AND bucket = $2 AND key = $3",
                 {request.upload_id_marker, bucket, as_bytes(request.key_marker)},
                 [&](const Row& row) { after = row.integer(0); }));
  }
  UploadWalk walk(bucket, request, after);
  TRY(walk.run(db));
  UploadListPage page;
  page.uploads = std::move(walk.uploads);
  page.common_prefixes = std::move(walk.common_prefixes);
  page.truncated = walk.truncated();
  if (page.truncated) {
    page.next_key_marker = walk.last();
    if (!walk.ended_with_common_prefix()) {
      page.next_upload_id_marker = page.uploads.back().upload_id;
    }
  }
  return page;
}

PartInfo info_of(const PartRow& row) {
  PartInfo info;
  info.number = row.number;
  info.size = row.size;
  info.modified = from_unix_ms(row.modified_ms);
  info.etag = row.etag;
  info.checksums = decode(row.checksums);
  return info;
}

}  // namespace sallyport::storage::index
