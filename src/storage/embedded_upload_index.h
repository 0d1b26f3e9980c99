// The index of uploads in parts. Functions to be called inside Database::read and Database::write.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "state/database.h"
#include "storage/bucket_store.h"

namespace sallyport::storage::index {

struct UploadRow {
  std::string key;
  std::string upload_id;
  std::int64_t initiated_ms = 0;
  std::string content_type;
  std::string metadata, headers, tags;  // JSON objects of strings
};

struct PartRow {
  std::uint32_t number = 0;
  std::uint64_t content = 0;  // parts/<content>
  std::uint64_t size = 0;
  std::int64_t modified_ms = 0;
  std::string etag;
  std::string checksums = "{}";
};

Result<void> insert_upload(state::Connection& db, std::int64_t bucket, const UploadRow& row);
// Error: kNotFound "NoSuchUpload".
Result<UploadRow> find_upload(state::Connection& db, std::int64_t bucket, const UploadRef& upload);
// The upload and its parts go; returns the parts' files.
Result<std::vector<std::uint64_t>> drop_upload(state::Connection& db, std::int64_t bucket,
                                               const UploadRow& row);
Result<void> drop_uploads(state::Connection& db, std::int64_t bucket);

// Returns the file of the part that had this number before; 0 if there was none.
Result<std::uint64_t> put_part(state::Connection& db, std::int64_t bucket,
                               const std::string& upload_id, const PartRow& row);
// With a number above `after`, by number.
Result<std::vector<PartRow>> parts_after(state::Connection& db, const std::string& upload_id,
                                         std::uint32_t after, std::uint32_t limit);
// The files of all parts of a bucket.
Result<std::set<std::uint64_t>> part_contents(state::Connection& db, std::int64_t bucket);

Result<UploadListPage> list_uploads(state::Connection& db, std::int64_t bucket,
                                    const UploadListRequest& request);

PartInfo info_of(const PartRow& row);

}  // namespace sallyport::storage::index
