#include "session/file_access.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace sallyport::session {

namespace {

constexpr std::uint32_t kNobody = 65534;

// The conditions that policies for mounts are written with.
const iam::Context kMountContext = {{"aws:SecureTransport", "true"},
                                    {"elasticfilesystem:AccessedViaMountTarget", "true"}};

// "arn:aws:transfer:REGION:ACCOUNT:server/s-…" → "arn:aws:elasticfilesystem:REGION:ACCOUNT:
// file-system/ID".
std::string file_system_arn(std::string_view server_arn, const std::string& id) {
  const auto after = [&](std::size_t at, int colons) {
    for (; colons > 0 && at != std::string_view::npos; --colons)
      at = server_arn.find(':', at) == std::string_view::npos ? at : server_arn.find(':', at) + 1;
    return at;
  };
  const std::size_t service = after(0, 2), region = after(service, 1), resource = after(region, 2);
  return std::string(server_arn.substr(0, service)) +
         "elasticfilesystem:" + std::string(server_arn.substr(region, resource - region)) +
         "file-system/" + id;
}

Task<Result<void>> check(Core& core, iam::Identity role, std::string_view action,
                         const std::string& arn) {
  iam::AccessQuestion question;
  question.action = std::string("elasticfilesystem:").append(action);
  question.resource = arn;
  question.details.context = kMountContext;
  auto may = co_await core.services.authorizer.check(std::move(role), std::move(question));
  if (!may.ok() && may.error().code == Errc::kPermissionDenied)
    co_return files::posix_error(EACCES);
  co_return may;
}

bool is_root_in_part(const files::PosixIdentity& who) {
  return who.uid == 0 || who.gid == 0 ||
         std::find(who.groups.begin(), who.groups.end(), 0U) != who.groups.end();
}

void squash(files::PosixIdentity& who) {
  const auto nobody = [](std::uint32_t& id) { id = id == 0 ? kNobody : id; };
  nobody(who.uid);
  nobody(who.gid);
  std::for_each(who.groups.begin(), who.groups.end(), nobody);
}

bool take_id(std::int64_t from, std::uint32_t& to) {
  // The largest means "as it is" to the kernel.
  if (from < 0 || from >= 0xffffffff) return false;
  to = static_cast<std::uint32_t>(from);
  return true;
}

WallTime wall_time(files::FileTime t) {
  return WallTime(std::chrono::floor<std::chrono::milliseconds>(std::chrono::nanoseconds(t)));
}

}  // namespace

Result<files::PosixIdentity> identity_of(const identity::Principal& principal) {
  const Error wrong(Errc::kInvalidArgument, "the user has no POSIX profile that can be used");
  if (!principal.posix_profile) return wrong;
  const model::PosixProfile& profile = *principal.posix_profile;
  files::PosixIdentity out;
  if (!take_id(profile.uid, out.uid) || !take_id(profile.gid, out.gid) ||
      profile.secondary_gids.size() > files::kMaxGroups)
    return wrong;
  for (const std::int64_t gid : profile.secondary_gids)
    if (!take_id(gid, out.groups.emplace_back())) return wrong;
  return out;
}

Task<Result<FileAccess>> rights_on(Core& core, std::string id, bool write) {
  CO_TRY_ASSIGN(iam::Identity role, co_await core.role());
  const std::string arn = file_system_arn(core.server.arn, id);
  CO_TRY(co_await check(core, role, "ClientMount", arn));
  if (write) CO_TRY(co_await check(core, role, "ClientWrite", arn));
  FileAccess out;
  CO_TRY_ASSIGN(out.who, identity_of(core.principal));
  if (is_root_in_part(out.who)) {
    const auto root = co_await check(core, role, "ClientRootAccess", arn);
    if (!root.ok() && root.error().code != Errc::kPermissionDenied) co_return root.error();
    if (!root.ok()) squash(out.who);
  }
  if (core.services.files != nullptr) out.system = core.services.files->find(id);
  co_return out;
}

Task<Result<FileAccess>> enter_file_system(Core& core, std::string id, bool write) {
  auto access = co_await rights_on(core, std::move(id), write);
  if (access.ok() && access->system == nullptr)
    co_return Error(Errc::kIo, "The specified file system does not exist",
                    std::string(files::kPosix));
  co_return access;
}

files::FileRequest request_of(files::FileVerb verb, std::uint8_t options, std::uint32_t mode) {
  files::FileRequest out;
  out.verb = verb;
  out.options = options;
  out.mode = mode;
  return out;
}

Error no_links_in_logical() {
  return Error(Errc::kUnsupported,
               "AWS Transfer does not support symbolic links in logical directories");
}

bool is_above_all(const Location& location) {
  return !location.is_object();
}

files::FilePlace place_of(const Location& location) {
  files::FilePlace out{location.key.substr(0, location.mapped), {}};
  if (location.key.size() > location.mapped)
    out.path = location.key.substr(location.mapped + (location.mapped > 0 ? 1 : 0));
  return out;
}

files::FilePlace parent_of(const Location& location) {
  files::FilePlace out = place_of(location);
  std::string& cut = out.path.empty() ? out.base : out.path;
  const std::size_t slash = cut.rfind('/');
  cut.resize(slash == std::string::npos ? 0 : slash);
  return out;
}

FileAttributes attributes_of(const files::FileStatus& status) {
  FileAttributes out;
  out.directory = S_ISDIR(status.mode);
  out.size = status.size;
  out.modified = wall_time(status.modified);
  out.mode = status.mode & 07777;
  out.posix = PosixAttributes{status.uid, status.gid, status.links, status.mode & S_IFMT,
                              wall_time(status.accessed)};
  return out;
}

}  // namespace sallyport::session
