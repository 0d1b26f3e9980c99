#include "app/host_facts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sallyport::app {
namespace {

using std::chrono::milliseconds;

api::HostFacts::File look_at(const std::string& path) {
  api::HostFacts::File out;
  out.path = path;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return out;
  out.exists = true;
  out.mode = status.st_mode & 07777;
  out.private_mode = (status.st_mode & 077) == 0;
  return out;
}

// Writes a file of its own name and takes it away again; what its time stamp is off the clock.
Result<milliseconds> try_writing(const std::string& data_dir, const Clock& clock) {
  std::string path = data_dir + "/.doctor-XXXXXX";
  const UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC));
  if (!fd.valid()) return errno_error("making a file", errno);
  const ssize_t written = ::write(fd.get(), "x", 1);
  const int write_error = errno;
  struct stat status {};
  const int looked = ::fstat(fd.get(), &status);
  const int stat_error = errno;
  const auto now = clock.wall();
  ::unlink(path.c_str());
  if (written != 1) return errno_error("writing a file", write_error);
  if (looked != 0) return errno_error("looking at a file", stat_error);
  return milliseconds(static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1000 +
                      status.st_mtim.tv_nsec / 1'000'000) -
         now.time_since_epoch();
}

}  // namespace

api::HostFacts host_facts(const std::string& data_dir, const Clock& clock) {
  api::HostFacts out;
  out.data_dir = data_dir;
  struct statvfs space {};
  if (::statvfs(data_dir.c_str(), &space) == 0) {
    out.free_bytes = static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
    out.total_bytes = static_cast<std::uint64_t>(space.f_blocks) * space.f_frsize;
  }
  for (const char* name : {"/credentials", "/master.key"}) out.files.push_back(look_at(data_dir + name));
  // The folder may be open on purpose, for others to pick files up; then the databases must not be.
  if (!look_at(data_dir).private_mode)
    for (const char* name : {"/state.db", "/log.db"}) out.files.push_back(look_at(data_dir + name));
  const auto written = try_writing(data_dir, clock);
  if (written.ok())
    out.file_clock = *written;
  else
    out.write_error = written.error().message;
  return out;
}

}  // namespace sallyport::app
