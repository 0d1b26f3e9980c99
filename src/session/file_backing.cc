#include "session/file_backing.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "codec/utf8.h"
#include "session/listing.h"
#include "session/path.h"

namespace sallyport::session {

namespace {

using events::FileActivity;
using files::FileRequest;
using files::FileVerb;
using files::posix_error;

constexpr std::uint32_t kFileMode = 0666, kDirectoryMode = 0777;

constexpr std::string_view kNoLinksInLogical =
    "AWS Transfer does not support symbolic links in logical directories";
constexpr std::string_view kPolicyNotApplied =
    "The session policy is not applied: it counts for S3 storage only";

bool is_missing(const Error& error) {
  return error.code == Errc::kNotFound;
}

FileRequest request_of(FileVerb verb, std::uint8_t options = 0, std::uint32_t mode = 0) {
  FileRequest out;
  out.verb = verb;
  out.options = options;
  out.mode = mode;
  return out;
}

std::uint32_t open_flags(const OpenMode& mode) {
  int flags = mode.write || mode.append ? (mode.read ? O_RDWR : O_WRONLY) : O_RDONLY;
  if (mode.append) flags |= O_APPEND;
  if (mode.create) flags |= O_CREAT;
  if (mode.truncate) flags |= O_TRUNC;
  if (mode.exclusive) flags |= O_EXCL;
  return static_cast<std::uint32_t>(flags);
}

// What is no place of a file system: the levels above mappings, and "/" of a PATH user.
bool is_above_all(const Location& location) {
  return !location.is_object();
}

// `to` as said from the directory `from`, both without "/" in front: "a/b", "c" → "../../c".
std::string said_from(std::string_view from, std::string_view to) {
  while (!from.empty()) {
    const std::size_t a = from.find('/'), b = to.find('/');
    if (from.substr(0, a) != to.substr(0, b)) break;
    from.remove_prefix(a == std::string_view::npos ? from.size() : a + 1);
    to.remove_prefix(b == std::string_view::npos ? to.size() : b + 1);
  }
  std::string out;
  while (!from.empty()) {
    const std::size_t slash = from.find('/');
    from.remove_prefix(slash == std::string_view::npos ? from.size() : slash + 1);
    out += to.empty() && from.empty() ? ".." : "../";
  }
  out += to;
  return out.empty() ? "." : out;
}

}  // namespace

files::FileRequest change_request(const Core& core, const AttributeChange& change) {
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

// ---- Paths. ----

Task<Result<std::string>> FileBacking::real_path(std::string path) {
  CO_TRY_ASSIGN(std::string clean, clean_path(core_->view.home(), path));
  CO_TRY_ASSIGN(Location location, core_->view.resolve(clean));
  if (is_above_all(location)) co_return clean;
  auto resolved = co_await resolve(location);
  // What is not there has the name that it was given.
  if (!resolved.ok() && is_missing(resolved.error())) co_return clean;
  if (!resolved.ok()) {
    co_return core_->log.failed("REALPATH", location.storage_path(), resolved.error());
  }
  if (core_->view.is_logical()) co_return clean;
  co_return "/" + location.bucket + (resolved->empty() ? "" : "/" + *resolved);
}

Task<Result<std::string>> FileBacking::resolve(Location location) {
  CO_TRY_ASSIGN(FileAccess access, co_await rights_on(*core_, location.bucket, false));
  if (access.system == nullptr) co_return posix_error(ENOENT);
  FileRequest request = request_of(FileVerb::kRealPath);
  request.who = std::move(access.who);
  request.at = place_of(location);
  if (core_->view.is_logical()) request.options |= files::kNoLinks;
  auto reply = co_await access.system->ask(request);
  if (reply.ok()) co_return std::move(reply->text);
  if (core_->view.is_logical() && reply.error().message == posix_error(ELOOP).message)
    co_return Error(Errc::kUnsupported, std::string(kNoLinksInLogical));
  co_return std::move(reply).error();
}

// ---- What is there. ----

Task<Result<FileAttributes>> FileBacking::look(Location location, bool follow) {
  if (is_above_all(location)) co_return FileAttributes{true, 0, {}};
  const bool logical = core_->view.is_logical();
  FileRequest request = request_of(FileVerb::kStat, follow && !logical ? files::kFollow : 0);
  CO_TRY_ASSIGN(const auto reply, co_await ask(std::move(location), std::move(request), false));
  if (follow && S_ISLNK(reply.status.mode))
    co_return Error(Errc::kUnsupported, std::string(kNoLinksInLogical));
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
  const auto removed = co_await ask(location, std::move(request), true);
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

// ---- Links. ----

Task<Result<std::string>> FileBacking::read_link(std::string path) {
  CO_TRY_ASSIGN(Location location, core_->locate(path));
  const std::string shown = location.storage_path();
  Result<files::FileReply> reply = Error(Errc::kUnsupported, std::string(kNoLinksInLogical));
  FileRequest request = request_of(FileVerb::kReadLink);
  if (!core_->view.is_logical())
    reply = co_await ask(std::move(location), std::move(request), false);
  if (!reply.ok()) co_return core_->log.failed("READLINK", shown, reply.error());
  co_return std::move(reply->text);
}

// An absolute target is a path of the client's. It is kept as said from the link's directory, so
// that it leads there wherever the file system is mounted.
Task<Result<std::string>> FileBacking::link_text(std::string target, Location link,
                                                 FileAccess access) {
  if (!target.starts_with('/')) co_return target;
  CO_TRY_ASSIGN(const Location to, core_->locate(target));
  if (is_above_all(to) || to.bucket != link.bucket) co_return posix_error(EXDEV);
  FileRequest request = request_of(FileVerb::kRealPath);
  request.who = std::move(access.who);
  request.at = parent_of(link);
  CO_TRY_ASSIGN(const auto parent, co_await access.system->ask(std::move(request)));
  co_return said_from(parent.text, to.key);
}

Task<Result<void>> FileBacking::make_link(std::string target, std::string path) {
  CO_TRY_ASSIGN(Location link, core_->locate(path));
  const auto make = [&]() -> Task<Result<void>> {
    if (core_->view.is_logical())
      co_return Error(Errc::kUnsupported, std::string(kNoLinksInLogical));
    if (is_above_all(link)) co_return posix_error(EACCES);
    // No path could say what it leads to.
    if (target.find('\0') != std::string::npos || !codec::is_valid_utf8(target))
      co_return posix_error(EINVAL);
    CO_TRY_ASSIGN(FileAccess access, co_await enter_file_system(*core_, link.bucket, true));
    CO_TRY_ASSIGN(std::string text, co_await link_text(target, link, access));
    FileRequest request = request_of(FileVerb::kSymlink);
    request.who = std::move(access.who);
    request.at = place_of(link);
    request.other.path = std::move(text);
    CO_TRY(co_await access.system->ask(std::move(request)));
    co_return ok();
  };
  const auto made = co_await make();
  const std::string shown = link.storage_path();
  if (!made.ok()) co_return core_->log.failed("CREATE_SYMLINK", shown, made.error());
  core_->log.activity("CREATE_SYMLINK", {}, {{"link-path", shown}, {"target-path", target}});
  co_return ok();
}

std::unique_ptr<Backing> make_file_backing(std::shared_ptr<Core> core) {
  return std::make_unique<FileBacking>(std::move(core));
}

}  // namespace sallyport::session
