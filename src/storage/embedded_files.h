// The files of one embedded bucket. No path leads out of the bucket's folder: keys are resolved
// beneath it and symbolic links are not followed (openat2(2) RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
// or a walk with O_NOFOLLOW where the kernel lacks it).
//
// Calls block. They return 0 or a descriptor, or a negative errno value. Immutable after open();
// thread-safe.
#pragma once

#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace sallyport::storage {

// What tells one state of a file from another.
struct FileStamp {
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};
FileStamp stamp_of(const struct stat& st);

// Opens `path` beneath `dir` without following a link anywhere. Flags as of open(2).
int open_beneath(int dir, const std::string& path, int flags);

// The reserved folders of a bucket. One `content` number names one body wherever it is.
enum class Shelf : std::uint8_t {
  kStaging,  // on the way; cleared at start-up
  kContent,  // bodies whose key is no path or whose path is taken, and those of older versions
  kParts,    // of uploads that go on
};

// An object's body is in staging first, then either at the plain path of its key or in content.
class BucketFiles {
 public:
  // Makes what is missing of the folder `name` and its reserved folders. `fresh`: the bucket is
  // new, and staged and reserved files left by one of the same name are removed.
  static Result<BucketFiles> open(int buckets_dir, const std::string& name, bool fresh);

  // Opens a regular file; -ENOENT for anything else that stands there. `stamp` may be null.
  int open_plain(const std::string& key, int flags, FileStamp* stamp) const;
  int open_on(Shelf shelf, std::uint64_t content, int flags, FileStamp* stamp) const;

  // A new empty file for writing and reading.
  int create_on(Shelf shelf, std::uint64_t content) const;
  // A second name in staging for an open file; fails where the file system or the system has no
  // such links.
  int link_to_staged(int fd, std::uint64_t content) const;

  // Renames to the key's path and makes the folders on the way. `made_folders` is set if there were
  // any to make. Fails when something else stands in the way (-EISDIR, -ENOTEMPTY, -ENOTDIR,
  // -ELOOP, -EXDEV …); then the body is still where it was.
  int place_plain(Shelf from, std::uint64_t content, const std::string& key,
                  bool& made_folders) const;
  int place_reserved(std::uint64_t content) const;
  // Renames the key's file to content/<content> if it is this one still; else the body in staging
  // of that number. Fine if there is neither.
  int keep_plain(const std::string& key, std::uint64_t inode, std::uint64_t content) const;

  void drop(Shelf shelf, std::uint64_t content) const;
  // Removes the key's file if it is this one still, and the folders that it leaves empty.
  int erase_plain(const std::string& key, std::uint64_t inode) const;
  // Removes the folders of a key that are empty.
  void prune(std::string_view key) const;

  // fsync of the folder at `path` ("" is the bucket's own). A folder that is gone is fine.
  int sync_folder(const std::string& path) const;
  int sync_shelf(Shelf shelf) const;
  // Whether fsync of a new file makes its name on its shelf last, as journalling file systems of
  // Linux do; otherwise the shelf has to be synced too.
  bool names_last_with_files() const { return names_last_with_files_; }

  // Removes everything on the shelf but the files `keep` says yes to.
  void clear(Shelf shelf, const std::function<bool(std::uint64_t content)>& keep) const;
  int root() const { return root_.get(); }

 private:
  int at(Shelf shelf) const { return shelves_[static_cast<std::size_t>(shelf)].get(); }
  int make_folders(std::string_view parent, bool& made) const;
  // The descriptor of the folder that holds the key's file, if the file is this one still. `folder`
  // owns it where it is not the bucket's own.
  int find_plain(const std::string& key, std::uint64_t inode, UniqueFd& folder,
                 std::string& last) const;

  UniqueFd root_;
  std::array<UniqueFd, 3> shelves_;
  bool names_last_with_files_ = false;
};

// Removes the folder of a bucket that has no object any more; what is not an object stays.
void remove_bucket_folder(int buckets_dir, const std::string& name);

// The folder part of a key, "" if there is none.
inline std::string_view folder_of(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : key.substr(0, slash);
}
inline std::string_view name_in_folder(std::string_view key) {
  const std::size_t slash = key.rfind('/');
  return slash == std::string_view::npos ? key : key.substr(slash + 1);
}

}  // namespace sallyport::storage
