// What readers of directories have in common. Inside src/session only.
#pragma once

#include <functional>

#include "session/core.h"

namespace sallyport::session {

// The shape of every reader: errors are logged once and stay, an end stays the end.
class ReaderBase : public DirectoryReader {
 public:
  explicit ReaderBase(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  Task<Result<std::vector<DirectoryEntry>>> next(std::uint32_t limit) final;

 protected:
  // The next page; may be empty before the end.
  virtual Task<Result<std::vector<DirectoryEntry>>> read(std::uint32_t limit) = 0;
  void end() { ended_ = true; }
  Core& core() { return *core_; }

 private:
  std::shared_ptr<Core> core_;
  std::optional<Error> failure_;
  bool ended_ = false;
};

// What is at a location; see find().
using Look = std::function<Task<Result<Found>>(Location)>;
// A level above LOGICAL mappings.
std::unique_ptr<DirectoryReader> make_virtual_reader(std::shared_ptr<Core> core,
                                                     const Location& directory, Look look);

}  // namespace sallyport::session
