#include <algorithm>
#include <utility>

#include "storage/embedded_access.h"
#include "storage/embedded_io.h"
#include "storage/embedded_upload_index.h"

namespace sallyport::storage {

using iam::Action;

Task<Result<std::string>> EmbeddedObjectStore::create_upload(iam::Permit permit, ObjectRef object,
                                                             PutOptions options) {
  CO_TRY(check(permit, Action::kPutObject, object.bucket, object.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, object.bucket, object.key));
  CO_TRY(check_put_options(options));
  index::UploadRow row;
  row.key = std::move(object.key);
  row.upload_id = core_->ids.upload_id();
  row.initiated_ms = core_->now_ms();
  row.content_type = std::move(options.content_type);
  row.metadata = index::encode(options.metadata);
  row.headers = index::encode(options.headers);
  row.tags = index::encode(options.tags);
  auto act = [&](state::Connection& db) -> Result<void> {
    TRY(index::versioning_of(db, bucket->id));
    return index::insert_upload(db, bucket->id, row);
  };
  CO_TRY(co_await core_->database.write(std::move(act)));
  co_return std::move(row.upload_id);
}

Task<Result<void>> EmbeddedObjectStore::abort_upload(iam::Permit permit, UploadRef upload) {
  CO_TRY(check(permit, Action::kAbortMultipartUpload, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  auto act = [&](state::Connection& db) -> Result<std::vector<std::uint64_t>> {
    TRY_ASSIGN(const auto row, index::find_upload(db, bucket->id, upload));
    return index::drop_upload(db, bucket->id, row);
  };
  CO_TRY_ASSIGN(const auto contents, co_await core_->database.write(std::move(act)));
  if (contents.empty()) co_return ok();
  co_await core_->disk.run([&] {
    for (const std::uint64_t content : contents) bucket->files.drop(Shelf::kParts, content);
  });
  co_return ok();
}

Task<Result<PutOptions>> EmbeddedObjectStore::upload_options(iam::Permit permit, UploadRef upload) {
  CO_TRY(check(permit, Action::kPutObject, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  auto look = [&](state::Connection& db) { return index::find_upload(db, bucket->id, upload); };
  CO_TRY_ASSIGN(auto row, co_await core_->database.read(std::move(look)));
  PutOptions options;
  options.content_type = std::move(row.content_type);
  options.metadata = index::decode(row.metadata);
  options.headers = index::decode(row.headers);
  options.tags = index::decode(row.tags);
  co_return options;
}

Task<Result<PartPage>> EmbeddedObjectStore::list_parts(iam::Permit permit, UploadRef upload,
                                                       std::uint32_t after,
                                                       std::uint32_t max_parts) {
  const bool writes = permit.covers(Action::kPutObject, upload.bucket, upload.key);
  if (!writes) CO_TRY(check(permit, Action::kListMultipartUploadParts, upload.bucket, upload.key));
  CO_TRY_ASSIGN(auto bucket, bucket_of(*core_, upload.bucket, upload.key));
  const std::uint32_t limit = std::min(max_parts, kMaxParts);
  auto look = [&](state::Connection& db) -> Result<std::vector<index::PartRow>> {
    TRY(index::find_upload(db, bucket->id, upload));
    return index::parts_after(db, upload.upload_id, after, limit + 1);
  };
  CO_TRY_ASSIGN(auto rows, co_await core_->database.read(std::move(look)));
  PartPage page;
  page.truncated = limit > 0 && rows.size() > limit;
  if (rows.size() > limit) rows.resize(limit);
  for (const index::PartRow& row : rows) page.parts.push_back(index::info_of(row));
  co_return page;
}

Task<Result<UploadListPage>> EmbeddedObjectStore::list_uploads(iam::Permit permit,
                                                               UploadListRequest request) {
  CO_TRY(check(permit, Action::kListBucketMultipartUploads, request.bucket, request.prefix));
  CO_TRY_ASSIGN(auto bucket, core_->buckets.find(request.bucket));
  auto look = [&](state::Connection& db) { return index::list_uploads(db, bucket->id, request); };
  co_return co_await core_->database.read(std::move(look));
}

}  // namespace sallyport::storage
