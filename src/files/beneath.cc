#include "files/beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace sallyport::files {

namespace {

// The kernel gives up when directories are renamed while it looks up "..".
constexpr int kTries = 64;

int openat2(int dir, const char* path, const open_how& how) {
  int error = EAGAIN;
  for (int i = 0; i < kTries && (error == EAGAIN || error == EINTR); ++i) {
    const long fd = ::syscall(SYS_openat2, dir, path, &how, sizeof how);
    if (fd >= 0) return static_cast<int>(fd);
    error = errno;
  }
  return error == EXDEV ? -EACCES : -error;
}

}  // namespace

Result<void> check_beneath() {
  const int fd = open_beneath(AT_FDCWD, ".", O_PATH | O_DIRECTORY);
  if (fd >= 0) ::close(fd);
  if (fd != -ENOSYS && fd != -EPERM) return ok();
  return Error(Errc::kUnsupported,
               "file systems need the system call openat2(2): Linux 5.6 or newer, and no container "
               "that refuses it");
}

int open_beneath(int dir, const std::string& path, int flags, std::uint32_t mode, bool no_links) {
  if (path.find('\0') != std::string::npos) return -EINVAL;
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags)) | O_CLOEXEC;
  if ((flags & O_CREAT) != 0) how.mode = mode;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (no_links) how.resolve |= RESOLVE_NO_SYMLINKS;
  return openat2(dir, path.empty() ? "." : path.c_str(), how);
}

int open_parent(int dir, std::string_view path, Parent& out) {
  if (path.empty()) return -EBUSY;
  const std::size_t slash = path.rfind('/');
  out.name = path.substr(slash == std::string_view::npos ? 0 : slash + 1);
  if (out.name.empty() || out.name == "." || out.name == ".." ||
      out.name.find('\0') != std::string::npos)
    return -EINVAL;
  const std::string above(path.substr(0, slash == std::string_view::npos ? 0 : slash));
  const int fd = open_beneath(dir, above, O_PATH | O_DIRECTORY);
  if (fd < 0) return fd;
  out.dir = UniqueFd(fd);
  return 0;
}

}  // namespace sallyport::files
