#include "app/file_system_paths.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "app/mount_places.h"
#include "base/unique_fd.h"

namespace sallyport::app {
namespace {

constexpr std::array kFaults = {"", "is the root of this machine", "is the data folder",
                                "lies inside the data folder", "holds the data folder"};
enum Fault : int { kNone, kRoot, kData, kInside, kAround };

// As deep as paths go: a loop of ".." ends at "/" long before.
constexpr int kMaxDepth = 4096;
constexpr int kSteps = 600;
constexpr timespec kStep{0, 5'000'000};

struct DirectoryId {
  dev_t device = 0;
  ino_t number = 0;
  friend bool operator==(const DirectoryId&, const DirectoryId&) = default;
};

// A path that is not there yet counts as the first directory above it that is.
UniqueFd open_nearest(std::string path) {
  for (;;) {
    UniqueFd at(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    const std::size_t slash = path.rfind('/');
    if (at.valid() || slash == std::string::npos || path == "/") return at;
    path.resize(std::max<std::size_t>(slash, 1));
  }
}

// The directory and all above it, itself first.
std::vector<DirectoryId> lineage(const std::string& path) {
  UniqueFd at = open_nearest(path);
  std::vector<DirectoryId> out;
  struct stat status {};
  while (at.valid() && out.size() < kMaxDepth && ::fstat(at.get(), &status) == 0) {
    const DirectoryId id{status.st_dev, status.st_ino};
    if (!out.empty() && out.back() == id) break;  // "/.." is "/"
    out.push_back(id);
    at = UniqueFd(::openat(at.get(), "..", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return out;
}

std::optional<DirectoryId> id_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
  return DirectoryId{status.st_dev, status.st_ino};
}

bool holds(const std::vector<DirectoryId>& all, const std::optional<DirectoryId>& one) {
  return one && std::find(all.begin(), all.end(), *one) != all.end();
}

// Without links and dots; "" where the kernel does not say.
std::string real_path(const std::string& path) {
  const UniqueFd at = open_nearest(path);
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(at.get()), error).native();
}

// What ".." does not find: above the root of a mount it leads to what is above the mount point, and
// a mount below a directory can show what lies anywhere.
Fault fault_by_mounts(const std::string& path, const std::string& data_dir, bool exists) {
  std::ifstream file("/proc/self/mountinfo", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::vector<Mount> mounts = parse_mounts(text);
  const std::string real = real_path(path);
  const auto own = place_of(mounts, real), data = place_of(mounts, real_path(data_dir));
  if (!own || !data) return kNone;
  if (lies_in(*own, *data)) return kInside;
  if (!exists) return kNone;
  return lies_in(*data, *own) || is_shown_below(mounts, real, *data) ? kAround : kNone;
}

Fault find_fault(const std::string& path, const std::string& data_dir) {
  const auto own = id_of(path), data = id_of(data_dir);
  if (own && own == id_of("/")) return kRoot;
  if (own && own == data) return kData;
  if (holds(lineage(path), data)) return kInside;
  if (holds(lineage(data_dir), own)) return kAround;
  return fault_by_mounts(path, data_dir, own.has_value());
}

struct Look {
  const std::string* id;
  const std::string* path;
  pid_t child = 0;
};

// The child's answer; none: it has not ended.
std::optional<int> ended(const Look& look) {
  int status = 0;
  if (::waitpid(look.child, &status, WNOHANG) != look.child) return std::nullopt;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

std::optional<int> wait_for(const Look& look, int& steps) {
  auto answer = ended(look);
  for (; !answer && steps > 0; --steps) {
    ::nanosleep(&kStep, nullptr);
    answer = ended(look);
  }
  return answer;
}

}  // namespace

std::string fault_of_path(const std::string& path, const std::string& data_dir) {
  return kFaults[find_fault(path, data_dir)];
}

// A mount that hangs must not keep the program from starting, so a process of its own looks.
Result<void> check_file_system_paths(const config::Settings& settings) {
  std::vector<Look> looks;
  for (const auto& [id, section] : settings.file_systems) {
    Look& look = looks.emplace_back(Look{&id, &section.path});
    look.child = ::fork();
    if (look.child == 0) {
      // As long as it hangs it would hold the data folder's lock.
      ::close_range(STDERR_FILENO + 1, ~0U, 0);
      ::_exit(find_fault(section.path, settings.data_dir));
    }
    if (look.child < 0) return errno_error("looking at file systems", errno);
  }
  int steps = kSteps;
  Result<void> out = ok();
  for (const Look& look : looks) {
    const auto fault = wait_for(look, steps);
    if (!fault) {
      ::kill(look.child, SIGKILL);
      int unused = 1;
      wait_for(look, unused);
      spdlog::warn("file systems: {} of {} does not answer, so it is not checked", *look.path,
                   *look.id);
    } else if (*fault != kNone && *fault < static_cast<int>(kFaults.size()) && out.ok()) {
      out =
          Error(Errc::kInvalidArgument,
                fmt::format("setting 'file_systems.{}.path': {} {}; give it a directory of its own",
                            *look.id, *look.path, kFaults[static_cast<std::size_t>(*fault)]));
    }
  }
  return out;
}

}  // namespace sallyport::app
