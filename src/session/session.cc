#include "session/session.h"

#include "session/core.h"
#include "session/edited_file.h"
#include "session/file_operation.h"
#include "session/keep_attributes.h"
#include "session/path.h"
#include "session/rename.h"
#include "session/site_rules.h"

namespace sallyport::session {

namespace {

using events::FileActivity;

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

}  // namespace

std::string OpenMode::to_string() const {
  std::string out;
  const auto add = [&out](bool set, std::string_view word) {
    if (set) out.append(out.empty() ? "" : "|").append(word);
  };
  add(append, "APPEND");
  add(create, "CREATE");
  add(exclusive, "EXCLUSIVE");
  add(read, "READ");
  add(truncate, "TRUNCATE");
  add(write, "WRITE");
  return out;
}

struct Session::Impl {
  std::shared_ptr<Core> core;
  ConnectionFacts facts;

  storage::ObjectStore& objects() const { return core->services.objects; }

  Result<Location> locate(std::string_view path) const {
    TRY_ASSIGN(const std::string clean, clean_path(core->view.home(), path));
    return core->view.resolve(clean);
  }

  // The file there as this session has it open for writing at an extended server, or null.
  Upload* edited(const Location& location) const {
    const auto at = core->edited.find(location.storage_path());
    return at == core->edited.end() ? nullptr : at->second;
  }

  Task<Result<std::unique_ptr<storage::ObjectWriter>>> start_upload(const Location& location,
                                                                    OpenMode mode);
  Task<Result<void>> make_marker(const Location& location);
  Task<Result<void>> remove_marker(const Location& location);
  Task<Result<void>> remove_object(const Location& location);
  Task<Result<void>> move(const Location& from, const Location& to);
};

Session::Session(SessionServices services, model::Server server, identity::Principal principal,
                 ConnectionFacts facts)
    : impl_(std::make_unique<Impl>()) {
  impl_->core = std::make_shared<Core>(services, std::move(server), std::move(principal), facts);
  impl_->facts = std::move(facts);
}
Session::~Session() = default;

const std::string& Session::id() const {
  return impl_->core->id;
}
const identity::Principal& Session::principal() const {
  return impl_->core->principal;
}
std::string Session::user_key() const {
  return impl_->core->user_key();
}
const std::string& Session::home() const {
  return impl_->core->view.home();
}

void Session::connected() {
  const View& view = impl_->core->view;
  impl_->core->log.connected(impl_->facts, impl_->core->principal,
                             view.is_logical() ? "/" : view.home());
}

Result<void> Session::admit() {
  const auto admitted = impl_->core->seat.admit();
  if (admitted.ok()) return ok();
  return impl_->core->log.failed("CONNECT", {}, admitted.error());
}

bool Session::extended() const {
  return impl_->core->extended;
}
std::chrono::nanoseconds Session::pace(Flow flow, std::uint64_t bytes) {
  return impl_->core->seat.pace(flow, bytes);
}
std::size_t Session::batch(Flow flow) const {
  return impl_->core->seat.batch(flow);
}

void Session::disconnected() {
  impl_->core->log.disconnected();
}

Result<std::string> Session::canonicalize(std::string_view path) const {
  return clean_path(impl_->core->view.home(), path);
}

Task<Result<FileAttributes>> Session::stat(std::string path) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location location, impl_->locate(path));
  if (location.is_certain_directory()) co_return FileAttributes{true, 0, {}};
  if (const Upload* const edited = impl_->edited(location)) co_return edited->attributes();
  const auto found = co_await find(*core, location.bucket, location.key);
  if (!found.ok()) co_return core->log.failed("STAT", location.storage_path(), found.error());
  if (found->kind == Found::Kind::kMissing) co_return not_found();
  co_return found->attributes;
}

Task<Result<std::unique_ptr<Download>>> Session::open_download(std::string path) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  if (location.is_certain_directory() || location.key.empty()) co_return is_directory();
  const FileOperation operation(*core, FileActivity::kDownload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core->log.failed("OPEN", location.storage_path(), error));
  };
  auto permit = co_await core->permit(iam::Action::kGetObject, location.bucket, location.key);
  if (!permit.ok()) co_return failed(permit.error());
  storage::ObjectRef object{location.bucket, location.key};
  auto reader = co_await impl_->objects().open(std::move(permit).value(), std::move(object));
  if (!reader.ok()) co_return failed(reader.error());
  core->log.activity("OPEN", location.storage_path(), {{"mode", "READ"}});
  co_return make_download(core, std::move(location), operation, std::move(reader).value());
}

// Append, and reading what is being written, are refused as the managed service refuses read-write
// opens. WRITE without TRUNCATE can only be a new writing from offset 0 on.
Task<Result<std::unique_ptr<Upload>>> Session::open_upload(std::string path, OpenMode mode) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  const FileOperation operation(*core, FileActivity::kUpload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core->log.failed("OPEN", location.storage_path(), error));
  };
  const std::string asked = mode.to_string();
  if (!core->extended && (mode.read || mode.append || !mode.write))
    co_return failed(Error(Errc::kUnsupported, "Cannot open file in mode: " + asked));
  // It says something of files that are made, and nothing of others.
  if (!mode.create) mode.exclusive = false;
  if (location.is_object() && location.key.empty() && !core->view.is_logical())
    co_return failed(read_only());
  if (location.is_certain_directory() || location.key.empty()) co_return is_directory();

  if (core->extended) {
    auto file = co_await open_edited_file(core, location, mode, operation);
    if (!file.ok()) co_return failed(file.error());
    core->log.activity("OPEN", location.storage_path(), {{"mode", asked}});
    co_return file;
  }
  auto writer = co_await impl_->start_upload(location, mode);
  if (!writer.ok()) co_return failed(writer.error());
  core->log.activity("OPEN", location.storage_path(), {{"mode", asked}});
  co_return make_upload(core, std::move(location), mode, operation, std::move(writer).value());
}

Task<Result<std::unique_ptr<storage::ObjectWriter>>> Session::Impl::start_upload(
    const Location& location, OpenMode mode) {
  CO_TRY_ASSIGN(auto permit,
                co_await core->permit(iam::Action::kPutObject, location.bucket, location.key));
  // Only these need to know what is there; a role that may only write asks for neither.
  if (mode.exclusive && mode.create) {
    CO_TRY_ASSIGN(const Found found,
                  co_await find_if_visible(*core, location.bucket, location.key));
    if (found.kind != Found::Kind::kMissing) co_return exists();
  } else if (!mode.create) {
    CO_TRY_ASSIGN(const Found found, co_await find(*core, location.bucket, location.key));
    if (found.kind == Found::Kind::kMissing) co_return not_found();
    if (found.kind == Found::Kind::kDirectory) co_return is_directory();
  }
  CO_TRY(core->seat.take_upload_file());
  storage::ObjectRef object{location.bucket, location.key};
  storage::PutOptions options;
  options.metadata = core->upload_metadata();
  options.only_if_absent = mode.exclusive && mode.create;
  co_return co_await objects().create(std::move(permit), std::move(object), std::move(options));
}

Task<Result<std::unique_ptr<DirectoryReader>>> Session::open_directory(std::string path) {
  CO_TRY_ASSIGN(Location location, impl_->locate(path));
  co_return make_directory_reader(impl_->core, std::move(location));
}

Task<Result<void>> Session::make_directory(std::string path) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location location, impl_->locate(path));
  const FileOperation operation(*core, FileActivity::kDirectoryCreate);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core->log.failed("MKDIR", location.storage_path(), error));
  };
  // A bucket cannot be made from here, and whether it is there is not looked at.
  if (location.is_object() && location.key.empty() && !core->view.is_logical())
    co_return failed(read_only());
  if (!location.is_object() || location.key.empty()) co_return failed(exists());
  const auto made = co_await impl_->make_marker(location);
  if (!made.ok()) co_return failed(made.error());
  core->log.activity("MKDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> Session::Impl::make_marker(const Location& location) {
  CO_TRY_ASSIGN(auto permit,
                co_await core->permit(iam::Action::kPutObject, location.bucket, location.prefix()));
  CO_TRY_ASSIGN(const Found found, co_await find_if_visible(*core, location.bucket, location.key));
  if (found.kind != Found::Kind::kMissing) co_return exists();
  storage::PutOptions options;
  options.content_type = "application/x-directory";
  options.metadata = core->upload_metadata();
  options.only_if_absent = true;
  auto writer =
      co_await objects().create(std::move(permit), marker_of(location), std::move(options));
  if (!writer.ok()) co_return std::move(writer).error();
  const auto committed = co_await (*writer)->commit();
  if (!committed.ok()) co_return committed.error();
  co_return ok();
}

Task<Result<void>> Session::remove_directory(std::string path) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location location, impl_->locate(path));
  const FileOperation operation(*core, FileActivity::kDirectoryDelete);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core->log.failed("RMDIR", location.storage_path(), error));
  };
  if (!location.is_object() || location.is_root || location.key.empty())
    co_return failed(read_only());
  const auto removed = co_await impl_->remove_marker(location);
  if (!removed.ok()) co_return failed(removed.error());
  core->log.activity("RMDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> Session::Impl::remove_marker(const Location& location) {
  const std::string prefix = location.prefix();
  CO_TRY_ASSIGN(auto erase,
                co_await core->permit(iam::Action::kDeleteObject, location.bucket, prefix));
  CO_TRY_ASSIGN(auto permit, co_await core->list_permit(location.bucket, prefix));
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

Task<Result<void>> Session::remove_file(std::string path) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location location, impl_->locate(path));
  const FileOperation operation(*core, FileActivity::kDelete);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core->log.failed("DELETE", location.storage_path(), error));
  };
  if (location.is_certain_directory() || location.key.empty()) co_return failed(is_directory());
  const auto removed = co_await impl_->remove_object(location);
  if (!removed.ok()) co_return failed(removed.error());
  core->log.activity("DELETE", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> Session::Impl::remove_object(const Location& location) {
  CO_TRY_ASSIGN(auto erase,
                co_await core->permit(iam::Action::kDeleteObject, location.bucket, location.key));
  // S3 calls the removal of nothing a success; clients expect to hear of it. Who may not look
  // removes unseen.
  auto found = co_await find(*core, location.bucket, location.key);
  if (!found.ok() && found.error().reason != "AccessDenied") co_return std::move(found).error();
  if (found.ok() && found->kind == Found::Kind::kMissing) co_return not_found();
  if (found.ok() && found->kind == Found::Kind::kDirectory) co_return is_directory();
  storage::ObjectRef object{location.bucket, location.key};
  co_return co_await objects().remove(std::move(erase), std::move(object));
}

Task<Result<void>> Session::rename(std::string from, std::string to, bool overwrite) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location source, impl_->locate(from));
  CO_TRY_ASSIGN(const Location target, impl_->locate(to));
  const FileOperation operation(*core, FileActivity::kRename);
  const auto failed = [&](const Error& error) {
    return operation.rename_failed(source, target,
                                   core->log.failed("RENAME", source.storage_path(), error));
  };
  if (core->extended) {
    auto renamed = co_await rename_extended(core, source, target, overwrite);
    if (!renamed.ok()) {
      Error told = failed(renamed.error());
      if (renamed.error().reason == kRenamedInPart) told.message = renamed.error().message;
      co_return told;
    }
    core->log.activity("RENAME", source.storage_path(), {{"new-path", target.storage_path()}});
    operation.renamed(source, target);
    co_return ok();
  }
  if (source.is_certain_directory() || source.key.empty()) co_return failed(renames_directory());
  if (target.is_certain_directory() || target.key.empty()) co_return failed(exists());
  const auto moved = co_await impl_->move(source, target);
  if (!moved.ok()) co_return failed(moved.error());
  core->log.activity("RENAME", source.storage_path(), {{"new-path", target.storage_path()}});
  operation.renamed(source, target);
  co_return ok();
}

Task<Result<void>> Session::Impl::move(const Location& from, const Location& to) {
  CO_TRY_ASSIGN(auto read, co_await core->permit(iam::Action::kGetObject, from.bucket, from.key));
  CO_TRY_ASSIGN(auto write, co_await core->permit(iam::Action::kPutObject, to.bucket, to.key));
  CO_TRY_ASSIGN(auto erase,
                co_await core->permit(iam::Action::kDeleteObject, from.bucket, from.key));
  CO_TRY_ASSIGN(const Found source, co_await find(*core, from.bucket, from.key));
  if (source.kind == Found::Kind::kMissing) co_return not_found();
  if (source.kind == Found::Kind::kDirectory) co_return renames_directory();
  CO_TRY_ASSIGN(const Found target, co_await find_if_visible(*core, to.bucket, to.key));
  if (target.kind != Found::Kind::kMissing) co_return exists();
  storage::ObjectRef old_name{from.bucket, from.key}, new_name{to.bucket, to.key};
  co_return co_await objects().move(std::move(read), std::move(write), std::move(erase),
                                    std::move(old_name), std::move(new_name));
}

// Refused as unsupported rather than as denied: OpenSSH's `put -p` then says so once and the file
// stays.
Task<Result<void>> Session::set_attributes(std::string path, AttributeChange change) {
  const auto core = impl_->core;
  CO_TRY_ASSIGN(const Location location, impl_->locate(path));
  // Its object may not be there yet, and will be written anew.
  if (Upload* const edited = impl_->edited(location);
      edited && !change.size && (change.mode || change.modified))
    co_return co_await edited->set_attributes(change);
  const bool no_op = core->server.protocol_details.set_stat_option == "ENABLE_NO_OP";
  Result<void> set = ok();
  if (core->extended) {
    set = co_await keep_attributes(core, location, change, no_op);
  } else if (!no_op) {
    set = Error(Errc::kUnsupported, "Setting attributes is not supported on S3 storage");
  }
  if (!set.ok()) co_return core->log.failed("SETSTAT", location.storage_path(), set.error());
  core->log.activity("SETSTAT", location.storage_path());
  co_return ok();
}

Task<Result<Volume>> Session::volume(std::string path) {
  const auto core = impl_->core;
  Spool* const spool = core->extended ? core->services.site->spool() : nullptr;
  if (spool == nullptr) co_return Error(Errc::kUnsupported, "This server tells no sizes");
  CO_TRY(co_await stat(std::move(path)));
  auto found = co_await spool->volume();
  if (!found.ok()) co_return client_error(found.error());
  const struct statvfs& v = *found;
  co_return Volume{v.f_frsize, v.f_blocks, v.f_bfree, v.f_bavail, v.f_files, v.f_ffree, v.f_favail};
}

void Session::refuse(std::string_view operation, std::string_view path, std::string_view message) {
  const auto location = impl_->locate(path);
  impl_->core->log.error(operation, location.ok() ? location->storage_path() : std::string(path),
                         std::string(message));
}

}  // namespace sallyport::session
