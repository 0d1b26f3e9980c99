#include "session/file_backing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "session/listing.h"

namespace sallyport::session {

namespace {

using events::FileActivity;
using files::FileRequest;
using files::FileVerb;
using files::posix_error;

constexpr std::uint32_t kFileMode = 0666, kDirectoryMode = 0777;

constexpr std::string_view kPolicyNotApplied =
    "The session policy is not applied: it counts for S3 storage only";

bool is_missing(const Error& error) {
  return error.code == Errc::kNotFound;
}

std::uint32_t open_flags(const OpenMode& mode) {
  int flags = mode.write || mode.append ? (mode.read ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (mode.append) flags |= O_APPEND;
  if (mode.create) flags |= O_CREAT;
  if (mode.truncate) flags |= O_TRUNC;
  if (mode.exclusive) flags |= O_EXCL;
  return static_cast<std::uint32_t>(flags);
}

FileRequest change_request(const Core& core, const AttributeChange& change) {
  using files::FileChange;
  FileRequest out = request_of(FileVerb::kChange);
  if (!core.extended) out.options |= files::kRootChangesModes;
  const auto take = [&out](const auto& from, auto& to, std::uint8_t bit) {
    if (!from) return;
    to = *from;
    out.change.set |= bit;
  };
  const auto take_time = [&out](const std::optional<WallTime>& from, files::FileTime& to,
                                std::uint8_t bit) {
    if (!from) return;
    to = std::chrono::nanoseconds(from->time_since_epoch()).count();
    out.change.set |= bit;
  };
  take(change.size, out.change.size, FileChange::kSize);
  take(change.mode, out.change.mode, FileChange::kMode);
  take(change.uid, out.change.uid, FileChange::kUid);
  take(change.gid, out.change.gid, FileChange::kGid);
  take_time(change.accessed, out.change.accessed, FileChange::kAccessed);
  take_time(change.modified, out.change.modified, FileChange::kModified);
  return out;
}

}  // namespace

files::FileRequest change_of_open(const Core& core, const AttributeChange& change,
                                  files::PosixIdentity who) {
  FileRequest out = change_request(core, change);
  out.options |= files::kOfDescriptor;
  out.who = std::move(who);
  return out;
}

void FileBacking::connected() {
  if (!core_->principal.policy.empty())
    core_->log.error("CONNECT", {}, std::string(kPolicyNotApplied));
}

Task<Result<files::FileReply>> FileBacking::ask(Location location, FileRequest request,
                                                bool write) {
  if (is_above_all(location)) co_return posix_error(write ? EACCES : EISDIR);
  CO_TRY_ASSIGN(FileAccess access, co_await enter_file_system(*core_, location.bucket, write));
  request.who = std::move(access.who);
  request.at = place_of(location);
  co_return co_await access.system->ask(std::move(request));
}

// ---- What is there. ----

Task<Result<FileAttributes>> FileBacking::look(Location location, bool follow) {
  if (is_above_all(location)) co_return FileAttributes{true, 0, {}};
  const bool logical = core_->view.is_logical();
  FileRequest request = request_of(FileVerb::kStat, follow && !logical ? files::kFollow : 0);
  CO_TRY_ASSIGN(const auto reply, co_await ask(std::move(location), std::move(request), false));
  if (follow && S_ISLNK(reply.status.mode)) co_return no_links_in_logical();
  co_return attributes_of(reply.status);
}

Task<Result<FileAttributes>> FileBacking::stat(Location location, bool follow) {
  const std::string path = location.storage_path();
  auto found = co_await look(std::move(location), follow);
  if (!found.ok()) co_return core_->log.failed("STAT", path, found.error());
  co_return found;
}

Task<Result<std::unique_ptr<DirectoryReader>>> FileBacking::open_directory(Location location) {
  switch (location.kind) {
    case Location::Kind::kBuckets: co_return make_file_systems_reader(core_);
    case Location::Kind::kVirtual: break;
    case Location::Kind::kObject: co_return make_file_reader(core_, std::move(location));
  }
  const auto look_at = [this](Location child) -> Task<Result<Found>> {
    auto found = co_await look(std::move(child), /*follow=*/false);
    if (found.ok()) {
      const auto kind = found->directory ? Found::Kind::kDirectory : Found::Kind::kFile;
      co_return Found{kind, *found};
    }
    if (is_missing(found.error())) co_return Found{};
    if (found.error().code == Errc::kPermissionDenied && found.error().reason == files::kPosix)
      co_return Error(Errc::kPermissionDenied, found.error().message, "AccessDenied");
    co_return std::move(found).error();
  };
  co_return make_virtual_reader(core_, location, look_at);
}

Task<Result<Volume>> FileBacking::volume(Location location) {
  FileRequest request = request_of(FileVerb::kVolume);
  const std::string path = location.storage_path();
  const auto reply = co_await ask(std::move(location), std::move(request), false);
  if (!reply.ok()) co_return core_->log.failed("STATVFS", path, reply.error());
  const files::FileVolume& v = reply->volume;
  co_return Volume{v.block_size, v.blocks,     v.free_blocks,    v.available_blocks,
                   v.files,      v.free_files, v.available_files};
}

// ---- Files. ----

Task<Result<std::unique_ptr<Download>>> FileBacking::open_download(Location location) {
  const FileOperation operation(*core_, FileActivity::kDownload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("OPEN", location.storage_path(), error));
  };
  if (is_above_all(location)) co_return posix_error(EISDIR);
  auto access = co_await enter_file_system(*core_, location.bucket, false);
  if (!access.ok()) co_return failed(access.error());
  FileRequest request = request_of(FileVerb::kOpen);
  request.who = access->who;
  request.at = place_of(location);
  auto file = co_await access->system->open(std::move(request));
  if (!file.ok()) co_return failed(file.error());
  core_->log.activity("OPEN", location.storage_path(), {{"mode", "READ"}});
  co_return make_file_download(core_, std::move(location), operation, std::move(*file));
}

Task<Result<std::unique_ptr<Upload>>> FileBacking::open_upload(Location location, OpenMode mode) {
  const FileOperation operation(*core_, FileActivity::kUpload);
  const auto failed = [&](const Error& error) {
    return operation.failed(location, core_->log.failed("OPEN", location.storage_path(), error));
  };
  const std::string asked = mode.to_string();
  if (is_above_all(location)) co_return failed(posix_error(EISDIR));
  auto access = co_await enter_file_system(*core_, location.bucket, true);
  if (!access.ok()) co_return failed(access.error());
  if (const auto may = core_->seat.take_upload_file(); !may.ok()) co_return failed(may.error());
  FileRequest request = request_of(FileVerb::kOpen);
  request.who = access->who;
  request.at = place_of(location);
  request.open_flags = open_flags(mode);
  request.mode = mode.permissions.value_or(kFileMode) & 0777;
  auto file = co_await access->system->open(std::move(request));
  if (!file.ok()) co_return failed(file.error());
  core_->log.activity("OPEN", location.storage_path(), {{"mode", asked}});
  co_return make_file_upload(core_, std::move(location), mode, operation, std::move(*access),
                             std::move(*file));
}

Task<Result<void>> FileBacking::remove_file(Location location) {
  const FileOperation operation(*core_, FileActivity::kDelete);
  FileRequest request = request_of(FileVerb::kRemoveFile);
  // What a mapping of a directory says may be a link.
  Result<files::FileReply> removed = posix_error(EISDIR);
  if (!location.is_root || location.is_file)
    removed = co_await ask(location, std::move(request), true);
  if (!removed.ok())
    co_return operation.failed(
        location, core_->log.failed("DELETE", location.storage_path(), removed.error()));
  core_->log.activity("DELETE", location.storage_path());
  operation.completed(location);
  co_return ok();
}

// ---- Directories. ----

Task<Result<void>> FileBacking::make_directory(Location location,
                                               std::optional<std::uint32_t> permissions) {
  const FileOperation operation(*core_, FileActivity::kDirectoryCreate);
  const std::uint32_t mode = permissions.value_or(kDirectoryMode) & 0777;
  FileRequest request = request_of(FileVerb::kMakeDirectory, 0, mode);
  Result<files::FileReply> made = posix_error(EEXIST);
  if (!is_above_all(location)) made = co_await ask(location, std::move(request), true);
  if (!made.ok())
    co_return operation.failed(location,
                               core_->log.failed("MKDIR", location.storage_path(), made.error()));
  core_->log.activity("MKDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> FileBacking::remove_directory(Location location) {
  const FileOperation operation(*core_, FileActivity::kDirectoryDelete);
  FileRequest request = request_of(FileVerb::kRemoveDirectory);
  Result<files::FileReply> removed = posix_error(EACCES);
  if (!location.is_root) removed = co_await ask(location, std::move(request), true);
  if (!removed.ok())
    co_return operation.failed(
        location, core_->log.failed("RMDIR", location.storage_path(), removed.error()));
  core_->log.activity("RMDIR", location.storage_path());
  operation.completed(location);
  co_return ok();
}

Task<Result<void>> FileBacking::rename(Location source, Location target, bool overwrite) {
  const FileOperation operation(*core_, FileActivity::kRename);
  const auto moved = co_await move(source, target, overwrite && core_->extended);
  if (!moved.ok())
    co_return operation.rename_failed(
        source, target, core_->log.failed("RENAME", source.storage_path(), moved.error()));
  core_->log.activity("RENAME", source.storage_path(), {{"new-path", target.storage_path()}});
  operation.renamed(source, target);
  co_return ok();
}

Task<Result<void>> FileBacking::move(Location source, Location target, bool overwrite) {
  if (source.is_root || is_above_all(source)) co_return posix_error(EACCES);
  if (target.is_root || is_above_all(target)) co_return posix_error(EEXIST);
  if (source.bucket != target.bucket) co_return posix_error(EXDEV);
  FileRequest request = request_of(FileVerb::kRename, overwrite ? files::kOverwrite : 0);
  request.other = place_of(target);
  CO_TRY(co_await ask(std::move(source), std::move(request), true));
  co_return ok();
}

Task<Result<void>> FileBacking::set_attributes(Location location, AttributeChange change,
                                               bool follow) {
  FileRequest request = change_request(*core_, change);
  if (follow) request.options |= files::kFollow;
  const std::string path = location.storage_path();
  const auto set = co_await ask(std::move(location), std::move(request), true);
  if (!set.ok()) co_return core_->log.failed("SETSTAT", path, set.error());
  core_->log.activity("SETSTAT", path);
  co_return ok();
}

std::unique_ptr<Backing> make_file_backing(std::shared_ptr<Core> core) {
  return std::make_unique<FileBacking>(std::move(core));
}

}  // namespace sallyport::session
