#include "storage/embedded_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "storage/embedded_keys.h"

namespace sallyport::storage {

namespace {

constexpr int kFolderFlags = O_PATH | O_DIRECTORY | O_CLOEXEC;
// The process's umask decides about the group.
constexpr mode_t kFolderMode = 0770;
constexpr mode_t kFileMode = 0660;
constexpr mode_t kReservedMode = 0700;
// Folders may vanish between making and using them, as others prune; that cannot go on for ever.
constexpr int kPlaceTries = 100;

using Name = std::array<char, 17>;

Name name_of(std::uint64_t content) {
  Name name;
  std::snprintf(name.data(), name.size(), "%016llx", static_cast<unsigned long long>(content));
  return name;
}

int or_errno(int result) {
  return result < 0 ? -errno : result;
}

std::atomic<bool> g_has_openat2{true};

int walk_beneath(int dir, const std::string& path, int flags) {
  UniqueFd current;
  int at = dir;
  std::size_t begin = 0;
  for (;;) {
    const std::size_t slash = path.find('/', begin);
    const std::string component = path.substr(begin, slash - begin);
    if (component.empty() || component == "." || component == "..") return -EINVAL;
    const bool last = slash == std::string::npos;
    const int fd =
        or_errno(::openat(at, component.c_str(), (last ? flags : kFolderFlags) | O_NOFOLLOW));
    if (last || fd < 0) return fd;
    current = UniqueFd(fd);
    at = current.get();
    begin = slash + 1;
  }
}

int open_regular(int fd, FileStamp* stamp) {
  if (fd < 0) return fd;
  struct stat st;
  if (::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
    ::close(fd);
    return -ENOENT;
  }
  if (stamp) *stamp = stamp_of(st);
  return fd;
}

int sync_fd_of(int dir) {
  // An O_PATH descriptor cannot be synced.
  UniqueFd fd(::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return errno == ENOENT ? 0 : -errno;
  return or_errno(::fsync(fd.get()));
}

int make_and_open(int at, const char* name, mode_t mode, UniqueFd& out) {
  if (::mkdirat(at, name, mode) != 0 && errno != EEXIST) return -errno;
  const int fd = or_errno(::openat(at, name, kFolderFlags | O_NOFOLLOW));
  if (fd < 0) return fd;
  out = UniqueFd(fd);
  return 0;
}

// The content number in the name of a file on a shelf; 0 for other names.
std::uint64_t content_of(const char* name) {
  const std::string_view text(name);
  std::uint64_t content = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), content, 16);
  const bool whole = failure == std::errc() && end == text.data() + text.size();
  return whole && text == name_of(content).data() ? content : 0;
}

template <class Keep>
void remove_files(int at, const char* name, Keep keep) {
  const int fd = ::openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return;
  DIR* dir = ::fdopendir(fd);
  if (!dir) {
    ::close(fd);
    return;
  }
  while (const dirent* entry = ::readdir(dir)) {
    if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0) continue;
    if (!keep(entry->d_name)) ::unlinkat(fd, entry->d_name, 0);
  }
  ::closedir(dir);
}

void remove_all_files(int at, const char* name) {
  remove_files(at, name, [](const char*) { return false; });
}

// In the order of Shelf.
constexpr std::array<const char*, 3> kShelves{"staging", "content", "parts"};

bool is_journalling(int fd) {
  struct statfs fs;
  if (::fstatfs(fd, &fs) != 0) return false;
  constexpr long kXfs = 0x58465342;
  return fs.f_type == EXT4_SUPER_MAGIC || fs.f_type == BTRFS_SUPER_MAGIC || fs.f_type == kXfs ||
         fs.f_type == F2FS_SUPER_MAGIC || fs.f_type == TMPFS_MAGIC;
}

}  // namespace

FileStamp stamp_of(const struct stat& st) {
  return {static_cast<std::uint64_t>(st.st_ino), static_cast<std::uint64_t>(st.st_size),
          static_cast<std::int64_t>(st.st_mtim.tv_sec) * 1'000'000'000 + st.st_mtim.tv_nsec};
}

int open_beneath(int dir, const std::string& path, int flags) {
  if (g_has_openat2.load(std::memory_order_relaxed)) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    for (;;) {
      const long fd = ::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how);
      if (fd >= 0) return static_cast<int>(fd);
      if (errno == EAGAIN || errno == EINTR) continue;  // a rename raced with the look-up
      if (errno != ENOSYS) return -errno;
      g_has_openat2.store(false, std::memory_order_relaxed);
      break;
    }
  }
  return walk_beneath(dir, path, flags | O_CLOEXEC);
}

Result<BucketFiles> BucketFiles::open(int buckets_dir, const std::string& name, bool fresh) {
  BucketFiles files;
  UniqueFd folder;
  int rc = make_and_open(buckets_dir, name.c_str(), kFolderMode, files.root_);
  if (rc == 0) {
    rc = make_and_open(files.root(), std::string(kReservedFolder).c_str(), kReservedMode, folder);
  }
  for (std::size_t i = 0; i < kShelves.size() && rc == 0; ++i) {
    rc = make_and_open(folder.get(), kShelves[i], kReservedMode, files.shelves_[i]);
  }
  if (rc != 0) return errno_error("the folder of bucket " + name, -rc);
  if (fresh) {
    for (const char* shelf : kShelves) remove_all_files(folder.get(), shelf);
  }
  files.names_last_with_files_ = is_journalling(files.at(Shelf::kStaging));
  return files;
}

int BucketFiles::open_plain(const std::string& key, int flags, FileStamp* stamp) const {
  // O_NONBLOCK: a pipe that someone put there must not hold a thread.
  if ((flags & O_PATH) == 0) flags |= O_NONBLOCK;
  return open_regular(open_beneath(root(), key, flags | O_NOFOLLOW), stamp);
}

int BucketFiles::open_on(Shelf shelf, std::uint64_t content, int flags, FileStamp* stamp) const {
  const Name name = name_of(content);
  return open_regular(or_errno(::openat(at(shelf), name.data(), flags | O_NOFOLLOW | O_CLOEXEC)),
                      stamp);
}

int BucketFiles::create_on(Shelf shelf, std::uint64_t content) const {
  const Name name = name_of(content);
  return or_errno(
      ::openat(at(shelf), name.data(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
}

int BucketFiles::link_to_staged(int fd, std::uint64_t content) const {
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  return or_errno(::linkat(AT_FDCWD, self.c_str(), at(Shelf::kStaging), name_of(content).data(),
                           AT_SYMLINK_FOLLOW));
}

int BucketFiles::make_folders(std::string_view parent, bool& made) const {
  UniqueFd current;
  int at = root();
  while (!parent.empty()) {
    const std::size_t slash = parent.find('/');
    const std::string component(parent.substr(0, slash));
    parent = slash == std::string_view::npos ? std::string_view() : parent.substr(slash + 1);
    if (::mkdirat(at, component.c_str(), kFolderMode) == 0) {
      made = true;
    } else if (errno != EEXIST) {
      return -errno;
    }
    const int fd = or_errno(::openat(at, component.c_str(), kFolderFlags | O_NOFOLLOW));
    if (fd < 0) return fd;
    current = UniqueFd(fd);
    at = current.get();
  }
  return 0;
}

int BucketFiles::place_plain(Shelf from, std::uint64_t content, const std::string& key,
                             bool& made_folders) const {
  const Name name = name_of(content);
  const std::string parent(folder_of(key));
  const std::string last(name_in_folder(key));
  bool removed_empty_folder = false;
  for (int i = 0; i < kPlaceTries; ++i) {
    UniqueFd folder;
    int in = root();
    int rc = 0;
    if (!parent.empty()) {
      rc = open_beneath(root(), parent, kFolderFlags);
      if (rc >= 0) {
        folder = UniqueFd(rc);
        in = folder.get();
        rc = 0;
      }
    }
    if (rc == 0) rc = or_errno(::renameat(at(from), name.data(), in, last.c_str()));
    if (rc == 0) return 0;
    if (rc == -ENOENT) {
      rc = make_folders(parent, made_folders);
      if (rc != 0 && rc != -ENOENT) return rc;
    } else if ((rc == -EISDIR || rc == -ENOTEMPTY || rc == -EEXIST) && !removed_empty_folder) {
      // An empty folder is no object.
      removed_empty_folder = true;
      if (::unlinkat(in, last.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return rc;
    } else {
      return rc;
    }
  }
  return -ENOENT;
}

int BucketFiles::place_reserved(std::uint64_t content) const {
  const Name name = name_of(content);
  return or_errno(::renameat(at(Shelf::kStaging), name.data(), at(Shelf::kContent), name.data()));
}

void BucketFiles::drop(Shelf shelf, std::uint64_t content) const {
  ::unlinkat(at(shelf), name_of(content).data(), 0);
}

int BucketFiles::find_plain(const std::string& key, std::uint64_t inode, UniqueFd& folder,
                            std::string& last) const {
  int in = root();
  if (const auto path = folder_of(key); !path.empty()) {
    in = open_beneath(root(), std::string(path), kFolderFlags);
    if (in < 0) return in == -ENOTDIR || in == -ELOOP ? -ENOENT : in;
    folder = UniqueFd(in);
  }
  last = name_in_folder(key);
  struct stat st;
  if (::fstatat(in, last.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) return -errno;
  return S_ISREG(st.st_mode) && st.st_ino == inode ? in : -ENOENT;
}

int BucketFiles::keep_plain(const std::string& key, std::uint64_t inode,
                            std::uint64_t content) const {
  UniqueFd folder;
  std::string last;
  const Name name = name_of(content);
  const int in = find_plain(key, inode, folder, last);
  if (in >= 0) {
    return or_errno(::renameat(in, last.c_str(), at(Shelf::kContent), name.data()));
  }
  if (in != -ENOENT) return in;
  const int rc = place_reserved(content);
  return rc == -ENOENT ? 0 : rc;
}

int BucketFiles::erase_plain(const std::string& key, std::uint64_t inode) const {
  UniqueFd folder;
  std::string last;
  const int in = find_plain(key, inode, folder, last);
  if (in < 0) return in;
  if (::unlinkat(in, last.c_str(), 0) != 0) return -errno;
  folder.reset();
  prune(key);
  return 0;
}

void BucketFiles::prune(std::string_view key) const {
  for (auto folder = folder_of(key); !folder.empty(); folder = folder_of(folder)) {
    UniqueFd parent;
    int at = root();
    if (const auto path = folder_of(folder); !path.empty()) {
      parent = UniqueFd(open_beneath(root(), std::string(path), kFolderFlags));
      if (!parent.valid()) continue;  // pruned by another already; its parents may be left to us
      at = parent.get();
    }
    const std::string last(name_in_folder(folder));
    if (::unlinkat(at, last.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT) return;
  }
}

int BucketFiles::sync_folder(const std::string& path) const {
  if (path.empty()) return sync_fd_of(root());
  UniqueFd fd(open_beneath(root(), path, O_RDONLY | O_DIRECTORY));
  if (!fd.valid()) return 0;
  return or_errno(::fsync(fd.get()));
}

int BucketFiles::sync_shelf(Shelf shelf) const {
  return sync_fd_of(at(shelf));
}

void BucketFiles::clear(Shelf shelf, const std::function<bool(std::uint64_t)>& keep) const {
  remove_files(at(shelf), ".", [&](const char* name) {
    const std::uint64_t content = content_of(name);
    return content != 0 && keep(content);
  });
}

void remove_bucket_folder(int buckets_dir, const std::string& name) {
  UniqueFd root(::openat(buckets_dir, name.c_str(), kFolderFlags | O_NOFOLLOW));
  if (!root.valid()) return;
  const std::string reserved(kReservedFolder);
  if (UniqueFd folder(::openat(root.get(), reserved.c_str(), kFolderFlags | O_NOFOLLOW));
      folder.valid()) {
    for (const char* shelf : kShelves) {
      remove_all_files(folder.get(), shelf);
      ::unlinkat(folder.get(), shelf, AT_REMOVEDIR);
    }
    ::unlinkat(root.get(), reserved.c_str(), AT_REMOVEDIR);
  }
  ::unlinkat(buckets_dir, name.c_str(), AT_REMOVEDIR);
}

}  // namespace sallyport::storage
