#include "files/file_box.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "files/beneath.h"
#include "files/file_status.h"

namespace sallyport::files {

namespace {

constexpr int kOpenFlags = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND;
constexpr int kOnlyNew = O_CREAT | O_EXCL;
// What came between a look and the opening is not waited for.
constexpr int kNoWaiting = O_NONBLOCK | O_NOCTTY;
constexpr std::uint32_t kModeBits = 07777;
// Files of others that run as somebody else are none of a client's to make.
constexpr std::uint32_t kRunAsAnother = S_ISUID | S_ISGID;
constexpr std::uint32_t kNewModeBits = 0777;
// What a reply has besides its entries, and some more.
constexpr std::size_t kReplyRest = 512;

int or_errno(long result) {
  return result < 0 ? -errno : static_cast<int>(result);
}

timespec timespec_of(FileTime t, bool given) {
  if (!given) return {0, UTIME_OMIT};
  FileTime seconds = t / 1'000'000'000, rest = t % 1'000'000'000;
  if (rest < 0) {
    --seconds;
    rest += 1'000'000'000;
  }
  return {static_cast<time_t>(seconds), static_cast<long>(rest)};
}

std::string descriptor_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

// Where the kernel says that a descriptor is; empty if it does not say.
std::string path_of(int fd) {
  std::string out(2 * kMaxFilePath, '\0');
  const ssize_t n = ::readlink(descriptor_path(fd).c_str(), out.data(), out.size());
  out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return out;
}

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::optional<std::uint64_t> mount_of(int fd) {
  struct statx st {};
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) != 0) return std::nullopt;
  if ((st.stx_mask & STATX_MNT_ID) == 0) return std::nullopt;
  return st.stx_mnt_id;
}

// One request under way: the acts return 0 or a negative errno value.
class Act {
 public:
  Act(int root, const FileRequest& request, int given, FileBox::Answer& out)
      : root_(root), request_(request), given_(given), out_(out) {}

  int run();
  // Beneath the root; after run(), as the process itself.
  int tell_real_path();

 private:
  // `base` stays empty where that is the root.
  int enter(const FilePlace& place, UniqueFd& base) const;
  int dir_of(const UniqueFd& base) const { return base.valid() ? base.get() : root_; }
  int find(const FilePlace& place, int flags, UniqueFd& out) const;
  int find_parent(const FilePlace& place, Parent& out) const;
  // 0 when what came beside the request is of this type and of this file system, and was opened,
  // not only found.
  int check_given(mode_t type) const;
  int check_unlinked(const struct stat& given) const;
  bool option(std::uint8_t bit) const { return (request_.options & bit) != 0; }

  // What was found, opened; -EACCES where that is neither a file nor a directory. The user's rights
  // to it are asked for anew.
  int reopen(int place, int flags, UniqueFd& out) const;

  int stat();
  int open();
  int open_file(int flags, UniqueFd& out) const;
  int check_not_laid_ready(int place, int flags) const;
  int open_directory();
  int read_directory();
  int rename();
  int read_link();
  int change();
  int change_owner(int fd, const struct stat& now) const;
  int change_mode(int fd, const struct stat& now) const;
  int change_size(int place) const;
  int volume();

  int root_;
  const FileRequest& request_;
  int given_;
  FileBox::Answer& out_;
  UniqueFd found_;
};

int Act::enter(const FilePlace& place, UniqueFd& base) const {
  if (place.base.empty()) return 0;
  const int fd = open_beneath(root_, place.base, O_PATH | O_DIRECTORY);
  if (fd < 0) return fd;
  base = UniqueFd(fd);
  return 0;
}

int Act::find(const FilePlace& place, int flags, UniqueFd& out) const {
  const std::uint32_t mode = request_.mode & kNewModeBits;
  // A base may be a file, and a link on the way to it is nobody's but the administrator's.
  if (place.path.empty() && !place.base.empty()) {
    const int fd = open_beneath(root_, place.base, flags & ~O_NOFOLLOW, mode);
    if (fd < 0) return fd;
    out = UniqueFd(fd);
    return 0;
  }
  UniqueFd base;
  if (const int error = enter(place, base); error != 0) return error;
  const int fd = open_beneath(dir_of(base), place.path, flags, mode, option(kNoLinks));
  if (fd < 0) return fd;
  out = UniqueFd(fd);
  return 0;
}

int Act::find_parent(const FilePlace& place, Parent& out) const {
  if (place.path.empty()) return open_parent(root_, place.base, out);
  UniqueFd base;
  if (const int error = enter(place, base); error != 0) return error;
  return open_parent(dir_of(base), place.path, out);
}

// The serving process may pass whatever it can open. What the kernel says of where a descriptor is
// counts only if the same file is found there, as the user, beneath the root.
int Act::check_given(mode_t type) const {
  const int flags = ::fcntl(given_, F_GETFL);
  if (flags < 0 || (flags & O_PATH) != 0) return -EBADF;
  struct stat given {};
  if (::fstat(given_, &given) != 0) return -errno;
  if ((given.st_mode & S_IFMT) != type) return -EACCES;
  if (given.st_nlink == 0) return check_unlinked(given);
  const std::string root = path_of(root_), at = path_of(given_);
  const std::string front = root == "/" ? root : root + "/";
  if (root.empty() || (at != root && !at.starts_with(front))) return -EACCES;
  const UniqueFd there(open_beneath(root_, at.size() > front.size() ? at.substr(front.size()) : "",
                                    O_PATH | O_NOFOLLOW));
  struct stat found {};
  if (!there.valid() || ::fstat(there.get(), &found) != 0 || !is_same(given, found)) return -EACCES;
  return 0;
}

// It is nowhere any more: its owner's, if it is of the same mount.
int Act::check_unlinked(const struct stat& given) const {
  struct stat root {};
  if (::fstat(root_, &root) != 0) return -errno;
  const auto mount = mount_of(given_);
  if (!mount || mount != mount_of(root_) || given.st_dev != root.st_dev) return -EACCES;
  return given.st_uid == request_.who.uid ? 0 : -EPERM;
}

int Act::stat() {
  UniqueFd fd;
  const int follow = option(kFollow) ? 0 : O_NOFOLLOW;
  if (const int error = find(request_.at, O_PATH | follow, fd); error != 0) return error;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return -errno;
  out_.reply.status = status_of(st);
  return 0;
}

// Opening a pipe wakes who waits at its other end, and opening a device can do anything (a tape is
// wound back), so it is looked at first.
int Act::reopen(int place, int flags, UniqueFd& out) const {
  struct stat st {};
  if (::fstat(place, &st) != 0) return -errno;
  if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)) return -EACCES;
  const int fd = ::open(descriptor_path(place).c_str(), flags | kNoWaiting | O_CLOEXEC);
  if (fd < 0) return -errno;
  out = UniqueFd(fd);
  return 0;
}

// Who asks to make a file in a directory for all is not to write into one that somebody else laid
// ready there. Where fs.protected_regular says so the kernel refuses it, by the name; what the name
// leads to then has to be what was found.
int Act::check_not_laid_ready(int place, int flags) const {
  struct stat found {
  }, named{};
  if (::fstat(place, &found) != 0) return -errno;
  if (!S_ISREG(found.st_mode) || found.st_uid == request_.who.uid) return 0;
  UniqueFd judged;
  const int error = find(request_.at, (flags & ~(O_EXCL | O_TRUNC)) | kNoWaiting, judged);
  if (error != 0) return error;
  if (::fstat(judged.get(), &named) != 0) return -errno;
  return found.st_dev == named.st_dev && found.st_ino == named.st_ino ? 0 : -EACCES;
}

int Act::open_file(int flags, UniqueFd& out) const {
  if ((flags & kOnlyNew) == kOnlyNew) return find(request_.at, flags | kNoWaiting, out);
  UniqueFd place;
  const bool make = (flags & O_CREAT) != 0;
  int error = find(request_.at, O_PATH, place);
  if (error == -ENOENT && make) return find(request_.at, flags | kNoWaiting, out);
  if (error == 0 && make) error = check_not_laid_ready(place.get(), flags);
  return error != 0 ? error : reopen(place.get(), flags & ~kOnlyNew, out);
}

int Act::open() {
  const int flags = static_cast<int>(request_.open_flags) & kOpenFlags;
  UniqueFd fd;
  if (const int error = open_file(flags, fd); error != 0) return error;
  struct stat st {};
  if (::fstat(fd.get(), &st) != 0) return -errno;
  if (S_ISDIR(st.st_mode)) return -EISDIR;
  if (!S_ISREG(st.st_mode)) return -EACCES;
  out_.reply.status = status_of(st);
  // Of networks, of memory and of other programs have no block device.
  out_.reply.on_disk = major(st.st_dev) != 0;
  out_.file = std::move(fd);
  return 0;
}

int Act::open_directory() {
  return find(request_.at, O_RDONLY | O_DIRECTORY, out_.file);
}

int Act::read_directory() {
  if (given_ < 0) return -EBADF;
  if (const int error = check_given(S_IFDIR); error != 0) return error;
  if (::lseek(given_, static_cast<off_t>(request_.cookie), SEEK_SET) < 0) return -errno;
  FileReply& reply = out_.reply;
  reply.cookie = request_.cookie;
  std::size_t size = kReplyRest;
  alignas(dirent64) char buffer[32 * 1024];
  for (;;) {
    const long n = ::syscall(SYS_getdents64, given_, buffer, sizeof buffer);
    if (n < 0) return -errno;
    if (n == 0) {
      reply.end = true;
      return 0;
    }
    for (long at = 0; at < n;) {
      const auto* const entry = reinterpret_cast<const dirent64*>(buffer + at);
      const std::string_view name(entry->d_name);
      size += entry_size(name);
      if (size > kMaxFileMessage || reply.entries.size() >= request_.most) return 0;
      at += entry->d_reclen;
      reply.cookie = static_cast<std::uint64_t>(entry->d_off);
      if (name == "." || name == "..") continue;
      struct stat st {};
      // Gone meanwhile, or in a directory that may be listed but not entered: nothing to be told.
      if (::fstatat(given_, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0) continue;
      reply.entries.push_back({std::string(name), status_of(st)});
    }
  }
}

// Not every file system can refuse to replace by itself.
int Act::rename() {
  Parent from, to;
  if (const int error = find_parent(request_.at, from); error != 0) return error;
  if (const int error = find_parent(request_.other, to); error != 0) return error;
  const auto move = [&](unsigned flags) {
    return or_errno(
        ::renameat2(from.dir.get(), from.name.c_str(), to.dir.get(), to.name.c_str(), flags));
  };
  if (option(kOverwrite)) return move(0);
  const int moved = move(RENAME_NOREPLACE);
  if (moved != -EINVAL && moved != -ENOSYS) return moved;
  struct stat st {};
  if (::fstatat(to.dir.get(), to.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) return -EEXIST;
  return errno == ENOENT ? move(0) : -errno;
}

int Act::read_link() {
  UniqueFd fd;
  if (const int error = find(request_.at, O_PATH | O_NOFOLLOW, fd); error != 0) return error;
  std::string text(kMaxFilePath, '\0');
  const ssize_t n = ::readlinkat(fd.get(), "", text.data(), text.size());
  // Of what is no link.
  if (n < 0) return errno == ENOENT ? -EINVAL : -errno;
  text.resize(static_cast<std::size_t>(n));
  out_.reply.text = std::move(text);
  return 0;
}

int Act::change_owner(int fd, const struct stat& now) const {
  const FileChange& to = request_.change;
  const bool uid = (to.set & FileChange::kUid) != 0 && to.uid != now.st_uid;
  const bool gid = (to.set & FileChange::kGid) != 0 && to.gid != now.st_gid;
  if (!uid && !gid) return 0;
  return or_errno(::fchownat(fd, "", uid ? to.uid : uid_t(-1), gid ? to.gid : gid_t(-1),
                             AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
}

// A descriptor that is only a place takes no fchmod(2); its own name in /proc leads to it and
// nowhere else.
int Act::change_mode(int fd, const struct stat& now) const {
  std::uint32_t mode = request_.change.mode & kModeBits;
  if ((request_.change.set & FileChange::kMode) == 0 || mode == (now.st_mode & kModeBits)) return 0;
  if (!S_ISDIR(now.st_mode)) mode &= ~kRunAsAnother;
  if (S_ISLNK(now.st_mode)) return -EOPNOTSUPP;
  if (given_ >= 0) return or_errno(::fchmod(fd, mode));
  return or_errno(::fchmodat(AT_FDCWD, descriptor_path(fd).c_str(), mode, 0));
}

// What is open for reading only is opened once more.
int Act::change_size(int place) const {
  if ((request_.change.set & FileChange::kSize) == 0) return 0;
  UniqueFd opened;
  int fd = given_;
  if (fd < 0 || (::fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY) {
    if (const int error = reopen(place, O_WRONLY, opened); error != 0) return error;
    fd = opened.get();
  }
  struct stat st {};
  if (::fstat(fd, &st) != 0) return -errno;
  if (!S_ISREG(st.st_mode)) return S_ISDIR(st.st_mode) ? -EISDIR : -EACCES;
  return or_errno(::ftruncate(fd, static_cast<off_t>(request_.change.size)));
}

int Act::change() {
  const FileChange& to = request_.change;
  UniqueFd opened;
  int fd = given_;
  if (fd >= 0) {
    if (const int error = check_given(S_IFREG); error != 0) return error;
  } else if (option(kOfDescriptor)) {
    return -EBADF;
  } else {
    const int follow = option(kFollow) ? 0 : O_NOFOLLOW;
    if (const int error = find(request_.at, O_PATH | follow, opened); error != 0) return error;
    fd = opened.get();
  }
  struct stat now {};
  if (::fstat(fd, &now) != 0) return -errno;
  const bool other_mode =
      (to.set & FileChange::kMode) != 0 && (to.mode & kModeBits) != (now.st_mode & kModeBits);
  if (other_mode && option(kRootChangesModes) && request_.who.uid != 0) return -EPERM;
  if (const int error = change_owner(fd, now); error != 0) return error;
  if (const int error = change_mode(fd, now); error != 0) return error;
  if (const int error = change_size(fd); error != 0) return error;
  if ((to.set & (FileChange::kAccessed | FileChange::kModified)) == 0) return 0;
  const timespec times[2] = {timespec_of(to.accessed, (to.set & FileChange::kAccessed) != 0),
                             timespec_of(to.modified, (to.set & FileChange::kModified) != 0)};
  return or_errno(::utimensat(fd, "", times, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW));
}

int Act::volume() {
  UniqueFd fd;
  if (const int error = find(request_.at, O_PATH, fd); error != 0) return error;
  struct statvfs v {};
  if (::fstatvfs(fd.get(), &v) != 0) return -errno;
  out_.reply.volume = {v.f_frsize, v.f_blocks, v.f_bfree, v.f_bavail,
                       v.f_files,  v.f_ffree,  v.f_favail};
  return 0;
}

int Act::tell_real_path() {
  std::string root = path_of(root_);
  if (root == "/") root.clear();
  const std::string at = path_of(found_.get());
  if (at != root && !at.starts_with(root + "/")) return -ENOENT;
  if (at.size() > root.size()) out_.reply.text = at.substr(root.size() + 1);
  return out_.reply.text.size() > kMaxFilePath ? -ENAMETOOLONG : 0;
}

int Act::run() {
  Parent parent;
  const auto in_parent = [&](auto call) {
    const int error = find_parent(request_.at, parent);
    return error != 0 ? error : or_errno(call(parent.dir.get(), parent.name.c_str()));
  };
  switch (request_.verb) {
    case FileVerb::kStat: return stat();
    case FileVerb::kOpen: return open();
    case FileVerb::kOpenDirectory: return open_directory();
    case FileVerb::kReadDirectory: return read_directory();
    case FileVerb::kMakeDirectory:
      return in_parent([&](int dir, const char* name) {
        return ::mkdirat(dir, name, request_.mode & kModeBits);
      });
    case FileVerb::kRemoveDirectory:
      return in_parent(
          [](int dir, const char* name) { return ::unlinkat(dir, name, AT_REMOVEDIR); });
    case FileVerb::kRemoveFile:
      return in_parent([](int dir, const char* name) { return ::unlinkat(dir, name, 0); });
    case FileVerb::kRename: return rename();
    case FileVerb::kSymlink:
      if (request_.other.path.find('\0') != std::string::npos) return -EINVAL;
      return in_parent([&](int dir, const char* name) {
        return ::symlinkat(request_.other.path.c_str(), dir, name);
      });
    case FileVerb::kReadLink: return read_link();
    case FileVerb::kRealPath: return find(request_.at, O_PATH, found_);
    case FileVerb::kChange: return change();
    case FileVerb::kVolume: return volume();
  }
  return -ENOSYS;
}

}  // namespace

FileBox::Answer FileBox::answer(const NumberedRequest& request, const UniqueFd& given) {
  Answer out;
  const UniqueFd root(::open(directory_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  int error = root.valid() ? 0 : -errno;
  // A file system that is not there is none of the client's paths.
  if (error == -ENOENT || error == -ENOTDIR) error = -ENODEV;
  if (error == 0 && !acting_.become(request.request.who)) error = -EPERM;
  if (error == 0) {
    Act act(root.get(), request.request, given.get(), out);
    error = act.run();
    acting_.return_to_self();
    if (error == 0 && request.request.verb == FileVerb::kRealPath) error = act.tell_real_path();
  }
  if (error != 0) out = Answer{};
  out.reply.number = request.number;
  out.reply.error = static_cast<std::uint32_t>(-error);
  return out;
}

}  // namespace sallyport::files
