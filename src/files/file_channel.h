// The way to one process that acts as users.
#pragma once

#include "files/file_messages.h"

#include "base/task.h"
#include "base/unique_fd.h"

namespace sallyport::files {

// One call at a time.
class FileChannel {
 public:
  virtual ~FileChannel() = default;
  // Arguments outlive the call. `given` < 0: none. `got` is what came beside the reply. A refusal
  // is a reply with its errno value. Errors: kUnavailable when the process is gone, or died of this
  // request, or died during one that cannot be repeated.
  virtual Task<Result<FileReply>> call(const FileRequest& request, int given, UniqueFd& got) = 0;
};

// Over one end of a SOCK_SEQPACKET pair. A call waits on the loop that it began on.
class SocketFileChannel final : public FileChannel {
 public:
  // Owns `socket`.
  explicit SocketFileChannel(int socket) : socket_(socket) {}
  Task<Result<FileReply>> call(const FileRequest& request, int given, UniqueFd& got) override;

 private:
  Task<Result<FileReply>> receive(UniqueFd& got);
  // What came before belongs to no request that anyone waits for.
  void drop_waiting();

  UniqueFd socket_;
  std::uint32_t number_ = 0;
  Bytes buffer_;
};

}  // namespace sallyport::files
