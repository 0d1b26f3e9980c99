// What the serving process and a process that acts as users say to each other: one datagram a
// message, fields as in RFC 4251. A request may carry an open file or directory beside it, and so
// may a reply.
//
//   request: uint32 number, byte operation, …     reply: uint32 number, uint32 errno value, …
//
// A reply carries its request's number. One with the error kRestarted and the number 0 comes from
// the process that watches over the others: what was sent before may be lost and is sent again,
// with its number. With a request's number it says that a process died in the middle of that one,
// which is not begun again. Every length is bounded; what does not read is kCorrupt. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"

namespace sallyport::files {

inline constexpr std::size_t kMaxFileMessage = 64 * 1024;  // bytes, a reply or a request
inline constexpr std::size_t kMaxFilePath = 4095;          // bytes, as the kernel's PATH_MAX
inline constexpr std::size_t kMaxGroups = 64;
// No errno value.
inline constexpr std::uint32_t kRestarted = 0xffffffff;

// Who acts: the file system's user and group ids.
struct PosixIdentity {
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  friend bool operator==(const PosixIdentity&, const PosixIdentity&) = default;
};

enum class FileVerb : std::uint8_t {
  kStat = 1,       // of `at`, following a link at its end by kFollow
  kOpen,           // `at` with `open_flags` and `mode` → the descriptor and its status
  kOpenDirectory,  // `at` → the descriptor
  kReadDirectory,  // the descriptor beside it, from `cookie` on → at most `most` entries, cookie,
                   // end
  kMakeDirectory,  // `at` with `mode`
  kRemoveDirectory,
  kRemoveFile,
  kRename,    // `at` to `other`; onto what is there only by kOverwrite
  kSymlink,   // `at` becomes a link to the text `other.path`
  kReadLink,  // → text
  kRealPath,  // → text: where `at` is beneath the file system, without a "/" in front
  kChange,    // attributes of the descriptor beside it or of `at`
  kVolume,    // → volume
};
inline constexpr FileVerb kLastVerb = FileVerb::kVolume;

// A place of a file system: `path` is resolved beneath `base`, which is resolved beneath its root;
// both relative, "" for where it begins.
struct FilePlace {
  std::string base, path;
};

// Bits of FileRequest::options.
inline constexpr std::uint8_t kFollow = 1;
inline constexpr std::uint8_t kOverwrite = 2;
// Modes are changed by root alone, whatever the kernel lets an owner do.
inline constexpr std::uint8_t kRootChangesModes = 4;
// No component of a path is a link; its base's may be.
inline constexpr std::uint8_t kNoLinks = 8;
// kChange is about the descriptor beside it: without one it is about nothing, and not about `at`.
inline constexpr std::uint8_t kOfDescriptor = 16;

// Nanoseconds since 1970.
using FileTime = std::int64_t;

// What is to be changed; `set` says which of them.
struct FileChange {
  static constexpr std::uint8_t kSize = 1, kMode = 2, kUid = 4, kGid = 8, kAccessed = 16,
                                kModified = 32;
  std::uint8_t set = 0;
  std::uint64_t size = 0;
  std::uint32_t mode = 0, uid = 0, gid = 0;
  FileTime accessed = 0, modified = 0;
};

struct FileRequest {
  FileVerb verb = FileVerb::kStat;
  std::uint8_t options = 0;
  PosixIdentity who;
  FilePlace at, other;
  std::uint32_t open_flags = 0;  // of open(2): access mode, CREAT, EXCL, TRUNC, APPEND
  std::uint32_t mode = 0;
  std::uint64_t cookie = 0;
  std::uint32_t most = 0;  // entries of a reply
  FileChange change;
};

struct FileStatus {
  std::uint32_t mode = 0;  // with the bits of S_IFMT
  std::uint32_t uid = 0, gid = 0, links = 0;
  std::uint64_t size = 0;
  FileTime accessed = 0, modified = 0;
};

struct FileEntry {
  std::string name;
  FileStatus status;
};

// As statvfs(3).
struct FileVolume {
  std::uint64_t block_size = 0, blocks = 0, free_blocks = 0, available_blocks = 0;
  std::uint64_t files = 0, free_files = 0, available_files = 0;
};

struct FileReply {
  std::uint32_t number = 0;
  std::uint32_t error = 0;  // an errno value; the rest counts if it is 0
  FileStatus status;
  std::string text;
  std::vector<FileEntry> entries;
  std::uint64_t cookie = 0;
  bool end = false;
  // Of kOpen: the file is on a disk of this machine, so that nobody else is asked for its status.
  bool on_disk = false;
  FileVolume volume;
};

// The number is written by set_number().
Bytes write_request(const FileRequest& request);
void set_number(Bytes& request, std::uint32_t number);
struct NumberedRequest {
  std::uint32_t number = 0;
  FileRequest request;
};
Result<NumberedRequest> read_request(ByteView message);

// REQUIRES: it fits kMaxFileMessage (entry_size() tells what an entry takes).
Bytes write_reply(const FileReply& reply);
Result<FileReply> read_reply(ByteView message);
std::size_t entry_size(std::string_view name);

// Whether doing it twice is as good as once, so that it may be asked for again after a death.
bool is_harmless_twice(const FileRequest& request);

}  // namespace sallyport::files
