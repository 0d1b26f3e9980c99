// The open handles of one SFTP channel. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "session/session.h"
#include "session/shared_quota.h"
#include "sftp/messages.h"

namespace sallyport::sftp {

struct OpenDownload {
  std::unique_ptr<session::Download> file;
};
struct OpenUpload {
  std::unique_ptr<session::Upload> file;
  bool failed = false;  // a write was
};
// A listing under way; `entries` from `next` on are read and not yet sent.
struct OpenDirectory {
  std::unique_ptr<session::DirectoryReader> reader;
  std::vector<session::DirectoryEntry> entries;
  std::size_t next = 0;
};

struct OpenHandle {
  std::string path;  // as the client named it
  std::variant<OpenDownload, OpenUpload, OpenDirectory> what;
};

// A handle is a slot and the slot's generation, so one that was closed stays invalid when its slot
// is used again.
class HandleTable {
 public:
  // `quota` null: there is none. Else `user` takes one of it for each open handle: they are not to
  // take the descriptors that new connections, the API and the stores need.
  explicit HandleTable(std::size_t most, std::shared_ptr<session::SharedQuota> quota = nullptr,
                       std::string user = {})
      : most_(most), quota_(std::move(quota)), user_(std::move(user)) {}
  ~HandleTable() {
    if (quota_) quota_->give_back(user_, open_);
  }
  HandleTable(const HandleTable&) = delete;
  HandleTable& operator=(const HandleTable&) = delete;

  bool full() const {
    return open_ >= most_ ||
           (quota_ && quota_->would_take(user_, 1) != session::SharedQuota::Answer::kYes);
  }
  std::size_t size() const { return open_; }
  std::size_t most() const { return most_; }
  // REQUIRES: !full(), but for the part of it that others share.
  HandleId add(OpenHandle handle);
  // Null for what is no open handle. Stays valid until the handle is removed.
  OpenHandle* find(HandleId id);
  std::optional<OpenHandle> remove(HandleId id);
  // Any open handle, or kNoHandle.
  HandleId any() const;

 private:
  struct Slot {
    std::uint32_t generation = 1;
    std::unique_ptr<OpenHandle> handle;
  };
  Slot* slot_of(HandleId id);

  const std::size_t most_;
  const std::shared_ptr<session::SharedQuota> quota_;
  const std::string user_;
  std::size_t open_ = 0;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace sallyport::sftp
