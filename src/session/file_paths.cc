// Of FileBacking: what paths lead to, and links.
#include <cerrno>

#include "codec/utf8.h"
#include "session/file_backing.h"
#include "session/path.h"

namespace sallyport::session {

namespace {

using files::FileRequest;
using files::FileVerb;
using files::posix_error;

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

Task<Result<std::string>> FileBacking::real_path(std::string path) {
  CO_TRY_ASSIGN(std::string clean, clean_path(core_->view.home(), path));
  CO_TRY_ASSIGN(Location location, core_->view.resolve(clean));
  if (is_above_all(location)) co_return clean;
  auto resolved = co_await resolve(location);
  // What is not there has the name that it was given.
  if (!resolved.ok() && resolved.error().code == Errc::kNotFound) co_return clean;
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
    co_return no_links_in_logical();
  co_return std::move(reply).error();
}

Task<Result<std::string>> FileBacking::read_link(std::string path) {
  CO_TRY_ASSIGN(Location location, core_->locate(path));
  const std::string shown = location.storage_path();
  Result<files::FileReply> reply = no_links_in_logical();
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
    if (core_->view.is_logical()) co_return no_links_in_logical();
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

}  // namespace sallyport::session
