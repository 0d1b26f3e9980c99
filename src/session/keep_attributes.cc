#include "session/keep_attributes.h"

#include <utility>

#include "session/edited_file.h"
#include "session/kept_attributes.h"

namespace sallyport::session {

namespace {

// As an open, a truncation and a close would do it.
Task<Result<void>> set_size(std::shared_ptr<Core> core, Location location, std::uint64_t size) {
  OpenMode mode;
  mode.write = true;
  mode.truncate = size == 0;
  AttributeChange change;
  change.size = size;
  const FileOperation operation(*core, events::FileActivity::kUpload);
  CO_TRY_ASSIGN(auto file, co_await open_edited_file(core, location, mode, operation));
  CO_TRY(co_await file->set_attributes(change));
  co_return co_await file->close();
}

Task<Result<void>> set_metadata(Core& core, std::string bucket, std::string key,
                                storage::Metadata changes) {
  CO_TRY_ASSIGN(auto read, co_await core.permit(iam::Action::kGetObject, bucket, key));
  CO_TRY_ASSIGN(auto write, co_await core.permit(iam::Action::kPutObject, bucket, key));
  storage::ObjectRef object{bucket, key};
  auto set = co_await core.services.objects.set_metadata(std::move(read), std::move(write),
                                                         std::move(object), std::move(changes));
  if (!set.ok()) co_return std::move(set).error();
  co_return ok();
}

}  // namespace

Task<Result<void>> keep_attributes(std::shared_ptr<Core> core, Location location,
                                   AttributeChange change, bool owner_is_ignored) {
  if (!change.size && !change.mode && !change.modified) {
    if (owner_is_ignored) co_return ok();
    co_return Error(Errc::kUnsupported, "Owners cannot be set on S3 storage");
  }
  if (location.is_certain_directory() || location.key.empty()) {
    if (change.size) co_return Error(Errc::kConflict, "Is a directory");
    co_return ok();
  }
  CO_TRY_ASSIGN(const Found found, co_await find(*core, location.bucket, location.key));
  if (found.kind == Found::Kind::kMissing)
    co_return Error(Errc::kNotFound, "No such file or directory");
  const bool directory = found.kind == Found::Kind::kDirectory;
  if (directory && change.size) co_return Error(Errc::kConflict, "Is a directory");
  if (change.size && *change.size != found.attributes.size) {
    CO_TRY(co_await set_size(core, location, *change.size));
  }
  storage::Metadata changes = kept_metadata(change, directory);
  if (changes.empty()) co_return ok();
  std::string key = directory ? location.prefix() : location.key;
  auto set = co_await set_metadata(*core, location.bucket, std::move(key), std::move(changes));
  if (!set.ok() && directory && set.error().reason == "NoSuchKey") co_return ok();
  co_return set;
}

}  // namespace sallyport::session
