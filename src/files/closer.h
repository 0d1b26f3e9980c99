// Closes the files and directories of one file system aside: closing can wait for a server or for
// the blocks of a file that has no name any more, so neither a loop nor a transfer does it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace sallyport::files {

// kSoon: within some milliseconds, with others. Where other machines see the file that would be too
// late: NFS keeps a name for what is removed while it is open.
enum class Closing : std::uint8_t { kNow, kSoon };

// Thread-safe. Closes what it has before it ends.
class Closer {
 public:
  Closer();
  ~Closer();

  // In a thread of its own. What closing says is lost.
  void take(UniqueFd fd, Closing when);
  // Blocks until all are closed; false when `limit` has passed first.
  bool wait_idle(std::chrono::milliseconds limit);

 private:
  void serve();

  std::mutex mutex_;
  std::condition_variable wake_, settled_;
  std::vector<UniqueFd> waiting_;
  bool idle_ = false, hurry_ = false, stopping_ = false;
  std::thread thread_;  // last: it uses the rest
};

// A descriptor that is closed there. The closer outlives it. Movable; not thread-safe.
class AsideFd {
 public:
  AsideFd() = default;
  AsideFd(UniqueFd fd, Closing when, Closer& closer)
      : fd_(std::move(fd)), when_(when), closer_(&closer) {}
  AsideFd(AsideFd&&) noexcept = default;
  AsideFd& operator=(AsideFd&& o) noexcept {
    if (this == &o) return *this;
    give_up();
    fd_ = std::move(o.fd_);
    when_ = o.when_;
    closer_ = o.closer_;
    return *this;
  }
  ~AsideFd() { give_up(); }

  int get() const { return fd_.get(); }
  bool valid() const { return fd_.valid(); }
  // The caller closes it.
  int release() { return fd_.release(); }

 private:
  void give_up() {
    if (fd_.valid()) closer_->take(std::move(fd_), when_);
  }

  UniqueFd fd_;
  Closing when_ = Closing::kNow;
  Closer* closer_ = nullptr;
};

}  // namespace sallyport::files
