#include "app/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/unique_fd.h"

namespace sallyport::app {

Result<void> write_text(int fd, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("writing " + name, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ok();
}

Result<void> write_private_file(const std::string& path, std::string_view text) {
  const std::string aside = path + ".new";
  const UniqueFd fd(::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  // One that a crash left, or somebody put there, may have another mode.
  if (!fd.valid() || ::fchmod(fd.get(), 0600) != 0) return errno_error("writing " + aside, errno);
  TRY(write_text(fd.get(), text, aside));
  if (::fsync(fd.get()) != 0 || ::rename(aside.c_str(), path.c_str()) != 0)
    return errno_error("writing " + path, errno);
  return ok();
}

}  // namespace sallyport::app
