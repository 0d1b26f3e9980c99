#include "session/object_backing.h"

#include "session/edited_file.h"
#include "session/file_operation.h"
#include "session/keep_attributes.h"
#include "session/path.h"
#include "session/rename.h"
#include "session/site_rules.h"

namespace sallyport::session {

namespace {

using events::FileActivity;

constexpr std::string_view kNoLinks = "AWS Transfer does not support symbolic links on S3";

Error not_found() {
  return Error(Errc::kNotFound, "No such file or directory");
}
Error exists() {
  return Error(Errc::kAlreadyExists, "File already exists");
}
Error is_directory() {
  return Error(Errc::kConflict, "Is a directory");
}
Error renames_directory() {
  return Error(Errc::kUnsupported, "Directories cannot be renamed");
}
Error read_only() {
  return Error(Errc::kPermissionDenied, "Permission denied", "AccessDenied");
}

// The marker object of a directory.
storage::ObjectRef marker_of(const Location& location) {
  return {location.bucket, location.prefix()};
}

// A key that says no path leads nowhere; the line shows what the client said.
std::string shown(const Core& core, std::string_view path) {
  const auto location = core.locate(path);
  return location.ok() ? location->storage_path() : std::string(path);
}

}  // namespace

// The file there as this session has it open for writing at an extended server, or null.
Upload* ObjectBacking::edited(const Location& location) const {
  const auto at = core_->edited.find(location.storage_path());
  return at == core_->edited.end() ? nullptr : at->second;
}

Task<Result<std::string>> ObjectBacking::real_path(std::string path) {
  co_return clean_path(core_->view.home(), path);
}

Task<Result<FileAttributes>> ObjectBacking::stat(Location location, bool) {
  if (location.is_certain_directory()) co_return FileAttributes{true, 0, {}};
  if (const Upload* const open = edited(location)) co_return open->attributes();
  const auto found = co_await find(*core_, location.bucket, location.key);
  if (!found.ok()) co_return core_->log.failed("STAT", location.storage_path(), found.error());
  if (found->kind == Found::Kind::kMissing) co_return not_found();
  co_return found->attributes;
}

Task<Result<std::unique_ptr<Download>>> ObjectBacking::open_download(Location location) {
  if (location.is_certain_directory() || location.key.empty()) co_return is_directory();
  const FileOperation operation(*core_, FileActivity::kDownload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("OPEN", location.storage_path(), error));
  };
  auto reader = co_await core_->open(location.bucket, location.key);
  if (!reader.ok()) co_return failed(reader.error());
  core_->log.activity("OPEN", location.storage_path(), {{"mode", "READ"}});
  co_return make_download(core_, std::move(location), operation, std::move(reader).value());
}

// Append, and reading what is being written, are refused as the managed service refuses read-write
// opens. WRITE without TRUNCATE can only be a new writing from offset 0 on.
Task<Result<std::unique_ptr<Upload>>> ObjectBacking::open_upload(Location location, OpenMode mode) {
  const FileOperation operation(*core_, FileActivity::kUpload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("OPEN", location.storage_path(), error));
  };
  const std::string asked = mode.to_string();
  if (!core_->extended && (mode.read || mode.append || !mode.write))
    co_return failed(Error(Errc::kUnsupported, "Cannot open file in mode: " + asked));
  // It says something of files that are made, and nothing of others.
  if (!mode.create) mode.exclusive = false;
  if (location.is_object() && location.key.empty() && !core_->view.is_logical())
    co_return failed(read_only());
  if (location.is_certain_directory() || location.key.empty()) co_return is_directory();

  if (core_->extended) {
    auto file = co_await open_edited_file(core_, location, mode, operation);
    if (!file.ok()) co_return failed(file.error());
    core_->log.activity("OPEN", location.storage_path(), {{"mode", asked}});
    co_return file;
  }
  auto writer = co_await start_upload(location, mode);
  if (!writer.ok()) co_return failed(writer.error());
  core_->log.activity("OPEN", location.storage_path(), {{"mode", asked}});
  co_return make_upload(core_, std::move(location), mode, operation, std::move(writer).value());
}

Task<Result<std::unique_ptr<storage::ObjectWriter>>> ObjectBacking::start_upload(
    const Location& location, OpenMode mode) {
  CO_TRY_ASSIGN(auto permit,
                co_await core_->permit(iam::Action::kPutObject, location.bucket, location.key));
  // Only these need to know what is there; a role that may only write asks for neither.
  if (mode.exclusive && mode.create) {
    CO_TRY_ASSIGN(const Found found,
                  co_await find_if_visible(*core_, location.bucket, location.key));
    if (found.kind != Found::Kind::kMissing) co_return exists();
  } else if (!mode.create) {
    CO_TRY_ASSIGN(const Found found, co_await find(*core_, location.bucket, location.key));
    if (found.kind == Found::Kind::kMissing) co_return not_found();
    if (found.kind == Found::Kind::kDirectory) co_return is_directory();
  }
  CO_TRY(core_->seat.take_upload_file());
  storage::ObjectRef object{location.bucket, location.key};
  storage::PutOptions options;
  options.metadata = core_->upload_metadata();
  options.only_if_absent = mode.exclusive && mode.create;
  co_return co_await objects().create(std::move(permit), std::move(object), std::move(options));
}

Task<Result<std::unique_ptr<DirectoryReader>>> ObjectBacking::open_directory(Location location) {
  co_return make_directory_reader(core_, std::move(location));
}

Task<Result<void>> ObjectBacking::make_directory(Location location, std::optional<std::uint32_t>) {
  const FileOperation operation(*core_, FileActivity::kDirectoryCreate);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("MKDIR", location.storage_path(), error));
  };
  // A bucket cannot be made from here, and whether it is there is not looked at.
  if (location.is_object() && location.key.empty() && !core_->view.is_logical())
    co_return failed(read_only());
  if (!location.is_object() || location.key.empty()) co_return failed(exists());
  const auto made = co_await make_marker(location);
  if (!made.ok()) co_return failed(made.error());
  core_->log.activity("MKDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> ObjectBacking::make_marker(const Location& location) {
  CO_TRY_ASSIGN(auto permit, co_await core_->permit(iam::Action::kPutObject, location.bucket,
                                                    location.prefix()));
  CO_TRY_ASSIGN(const Found found, co_await find_if_visible(*core_, location.bucket, location.key));
  if (found.kind != Found::Kind::kMissing) co_return exists();
  storage::PutOptions options;
  options.content_type = "application/x-directory";
  options.metadata = core_->upload_metadata();
  options.only_if_absent = true;
  auto writer =
      co_await objects().create(std::move(permit), marker_of(location), std::move(options));
  if (!writer.ok()) co_return std::move(writer).error();
  const auto committed = co_await (*writer)->commit();
  if (!committed.ok()) co_return committed.error();
  co_return ok();
}

Task<Result<void>> ObjectBacking::remove_directory(Location location) {
  const FileOperation operation(*core_, FileActivity::kDirectoryDelete);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("RMDIR", location.storage_path(), error));
  };
  if (!location.is_object() || location.is_root || location.key.empty())
    co_return failed(read_only());
  const auto removed = co_await remove_marker(location);
  if (!removed.ok()) co_return failed(removed.error());
  core_->log.activity("RMDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> ObjectBacking::remove_marker(const Location& location) {
  const std::string prefix = location.prefix();
  CO_TRY_ASSIGN(auto erase,
                co_await core_->permit(iam::Action::kDeleteObject, location.bucket, prefix));
  CO_TRY_ASSIGN(auto permit, co_await core_->list_permit(location.bucket, prefix));
  storage::ListRequest request;
  request.bucket = location.bucket;
  request.prefix = prefix;
  request.max_keys = 2;
  CO_TRY_ASSIGN(const auto page, co_await objects().list(std::move(permit), std::move(request)));
  if (page.objects.empty()) co_return not_found();
  if (page.objects.size() > 1 || page.objects.front().key != prefix)
    co_return Error(Errc::kConflict, "Directory is not empty");
  co_return co_await objects().remove(std::move(erase), marker_of(location));
}

Task<Result<void>> ObjectBacking::remove_file(Location location) {
  const FileOperation operation(*core_, FileActivity::kDelete);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("DELETE", location.storage_path(), error));
  };
  if (location.is_certain_directory() || location.key.empty()) co_return failed(is_directory());
  const auto removed = co_await remove_object(location);
  if (!removed.ok()) co_return failed(removed.error());
  core_->log.activity("DELETE", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> ObjectBacking::remove_object(const Location& location) {
  CO_TRY_ASSIGN(auto erase,
                co_await core_->permit(iam::Action::kDeleteObject, location.bucket, location.key));
  // S3 calls the removal of nothing a success; clients expect to hear of it. Who may not look
  // removes unseen.
  auto found = co_await find(*core_, location.bucket, location.key);
  if (!found.ok() && found.error().reason != "AccessDenied") co_return std::move(found).error();
  if (found.ok() && found->kind == Found::Kind::kMissing) co_return not_found();
  if (found.ok() && found->kind == Found::Kind::kDirectory) co_return is_directory();
  storage::ObjectRef object{location.bucket, location.key};
  co_return co_await objects().remove(std::move(erase), std::move(object));
}

Task<Result<void>> ObjectBacking::rename(Location source, Location target, bool overwrite) {
  const FileOperation operation(*core_, FileActivity::kRename);
  const auto failed = [&](const Error& error) {
    return operation.rename_failed(source, target,
                                   core_->log.failed("RENAME", source.storage_path(), error));
  };
  if (core_->extended) {
    auto renamed = co_await rename_extended(core_, source, target, overwrite);
    if (!renamed.ok()) {
      Error told = failed(renamed.error());
      if (renamed.error().reason == kRenamedInPart) told.message = renamed.error().message;
      co_return told;
    }
    core_->log.activity("RENAME", source.storage_path(), {{"new-path", target.storage_path()}});
    operation.renamed(source, target);
    co_return ok();
  }
  if (source.is_certain_directory() || source.key.empty()) co_return failed(renames_directory());
  if (target.is_certain_directory() || target.key.empty()) co_return failed(exists());
  const auto moved = co_await move(source, target);
  if (!moved.ok()) co_return failed(moved.error());
  core_->log.activity("RENAME", source.storage_path(), {{"new-path", target.storage_path()}});
  operation.renamed(source, target);
  co_return ok();
}

Task<Result<void>> ObjectBacking::move(const Location& from, const Location& to) {
  CO_TRY_ASSIGN(auto read, co_await core_->permit(iam::Action::kGetObject, from.bucket, from.key));
  CO_TRY_ASSIGN(auto write, co_await core_->permit(iam::Action::kPutObject, to.bucket, to.key));
  CO_TRY_ASSIGN(auto erase,
                co_await core_->permit(iam::Action::kDeleteObject, from.bucket, from.key));
  CO_TRY_ASSIGN(const Found source, co_await find(*core_, from.bucket, from.key));
  if (source.kind == Found::Kind::kMissing) co_return not_found();
  if (source.kind == Found::Kind::kDirectory) co_return renames_directory();
  CO_TRY_ASSIGN(const Found target, co_await find_if_visible(*core_, to.bucket, to.key));
  if (target.kind != Found::Kind::kMissing) co_return exists();
  storage::ObjectRef old_name{from.bucket, from.key}, new_name{to.bucket, to.key};
  co_return co_await objects().move(std::move(read), std::move(write), std::move(erase),
                                    std::move(old_name), std::move(new_name));
}

// Refused as unsupported rather than as denied: OpenSSH's `put -p` then says so once and the file
// stays.
Task<Result<void>> ObjectBacking::set_attributes(Location location, AttributeChange change, bool) {
  // Its object may not be there yet, and will be written anew.
  if (Upload* const open = edited(location);
      open && !change.size && (change.mode || change.modified))
    co_return co_await open->set_attributes(change);
  const bool no_op = core_->server.protocol_details.set_stat_option == "ENABLE_NO_OP";
  Result<void> set = ok();
  if (core_->extended) {
    set = co_await keep_attributes(core_, location, change, no_op);
  } else if (!no_op) {
    set = Error(Errc::kUnsupported, "Setting attributes is not supported on S3 storage");
  }
  if (!set.ok()) co_return core_->log.failed("SETSTAT", location.storage_path(), set.error());
  core_->log.activity("SETSTAT", location.storage_path());
  co_return ok();
}

Task<Result<Volume>> ObjectBacking::volume(Location location) {
  Spool* const spool = core_->extended ? core_->services.site->spool() : nullptr;
  if (spool == nullptr) co_return Error(Errc::kUnsupported, "This server tells no sizes");
  CO_TRY(co_await stat(std::move(location), /*follow=*/true));
  auto found = co_await spool->volume();
  if (!found.ok()) co_return client_error(found.error());
  const struct statvfs& v = *found;
  co_return Volume{v.f_frsize, v.f_blocks, v.f_bfree, v.f_bavail, v.f_files, v.f_ffree, v.f_favail};
}

Task<Result<std::string>> ObjectBacking::read_link(std::string path) {
  core_->log.error("READLINK", shown(*core_, path), std::string(kNoLinks));
  co_return Error(Errc::kUnsupported, std::string(kNoLinks));
}

Task<Result<void>> ObjectBacking::make_link(std::string, std::string path) {
  core_->log.error("SYMLINK", shown(*core_, path), std::string(kNoLinks));
  co_return Error(Errc::kUnsupported, std::string(kNoLinks));
}

std::unique_ptr<Backing> make_object_backing(std::shared_ptr<Core> core) {
  return std::make_unique<ObjectBacking>(std::move(core));
}

}  // namespace sallyport::session
