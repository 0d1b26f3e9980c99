// A file system that servers with Domain=EFS serve: a directory of this machine, on which
// operations run in other processes as the user (file_box.h), and open files are read and written
// here.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/unique_fd.h"
#include "files/channel_queue.h"
#include "files/closer.h"
#include "files/file_messages.h"
#include "net/blocking_pool.h"

namespace sallyport::files {

// The reason of errors that an operating system's call ended with; their messages are its own
// ("No space left on device") and fit for clients.
inline constexpr std::string_view kPosix = "Posix";
// Error with that reason. The code is what a client can do about it: kNotFound, kAlreadyExists,
// kPermissionDenied, kConflict, kInvalidArgument, kUnsupported, else kIo.
Error posix_error(int errno_value);

// Whom the processes can act as.
struct ActingRights {
  bool anybody = false;
  std::uint32_t own_uid = 0, own_gid = 0;
  bool may_be(const PosixIdentity& who) const {
    return anybody || (who.uid == own_uid && who.gid == own_gid);
  }
};

// An open regular file. Calls of one file may overlap. Blocking work runs on its file system's
// pool, which outlives it, and it is closed aside where nobody waits for it.
class OpenFile {
 public:
  // `on_disk` as of FileReply: its status is looked at at once then.
  OpenFile(UniqueFd fd, FileStatus status, bool on_disk, net::BlockingPool& pool, Closer& closer)
      : fd_(std::move(fd), on_disk ? Closing::kSoon : Closing::kNow, closer),
        status_(status),
        on_disk_(on_disk),
        pool_(&pool) {}

  // What was written outlives the machine, as far as its disk does, once close() has answered.
  void sync_at_close() { syncs_at_close_ = true; }

  // As it was when it was opened.
  const FileStatus& status() const { return status_; }
  int descriptor() const { return fd_.get(); }

  // Until the buffers are full or the file ends. Errors of all: posix_error().
  Task<Result<std::size_t>> read_at(std::uint64_t offset, std::span<const iovec> into);
  // What is in memory already, without waiting; none: it is not.
  std::optional<Result<std::size_t>> try_read_at(std::uint64_t offset, std::span<const iovec> into);
  // All of it. A file opened with O_APPEND grows, wherever `offset` is.
  Task<Result<void>> write_at(std::uint64_t offset, std::span<const iovec> from);
  Task<Result<FileStatus>> look();
  Task<Result<void>> sync();
  // Some file systems tell only now what became of the writes. Nothing else may follow.
  Task<Result<void>> close();

 private:
  AsideFd fd_;
  FileStatus status_;
  bool on_disk_;
  net::BlockingPool* pool_;
  bool may_try_ = true;
  bool syncs_at_close_ = false;
};

// Thread-safe.
class FileSystem {
 public:
  // As many requests are under way at once as there are channels; the others wait, in turns between
  // users.
  // `transfer_threads` read and write. `durable`: files that were opened for writing are on the
  // disk when they are closed.
  FileSystem(std::string id, std::vector<std::unique_ptr<FileChannel>> channels,
             unsigned transfer_threads, bool durable);
  ~FileSystem();

  const std::string& id() const { return id_; }
  // `given`: a descriptor that goes with the request; it is kept open meanwhile by the caller.
  // Errors: posix_error(); kUnavailable.
  Task<Result<FileReply>> ask(FileRequest request, int given = -1);
  // kOpen.
  Task<Result<std::unique_ptr<OpenFile>>> open(FileRequest request);
  // kOpenDirectory. It does not outlive this.
  Task<Result<AsideFd>> open_directory(FileRequest request);

  // For the end of the program: blocks until nothing is being done, at most for `limit`; what there
  // still is ("requests: 1, reads and writes: 2"), or "".
  std::string wait_idle(std::chrono::milliseconds limit);

 private:
  struct Asked {
    FileReply reply;
    UniqueFd got;
  };
  Task<Result<Asked>> ask_there(FileRequest request, int given);

  const std::string id_;
  const bool durable_;
  ChannelQueue channels_;
  Closer closer_;
  net::BlockingPool transfers_;
};

// All that are configured, by id. Immutable, thread-safe.
class FileSystems {
 public:
  FileSystems(std::vector<std::unique_ptr<FileSystem>> systems, ActingRights rights);

  // Null: there is none of this id.
  FileSystem* find(std::string_view id) const;
  const std::map<std::string, std::unique_ptr<FileSystem>, std::less<>>& all() const {
    return systems_;
  }
  const ActingRights& rights() const { return rights_; }
  // FileSystem::wait_idle() of all, each with its id in front.
  std::string wait_idle(std::chrono::milliseconds limit);

 private:
  std::map<std::string, std::unique_ptr<FileSystem>, std::less<>> systems_;
  ActingRights rights_;
};

}  // namespace sallyport::files
