// Counts the tasks that run on the loops, so that the end can wait for them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "base/task.h"
#include "net/loop.h"

namespace sallyport::app {

// Thread-safe. Outlives its tasks.
class LiveTasks {
 public:
  // Starts `task` on `loop`.
  void start(net::Loop& loop, Task<void> task) {
    {
      const std::lock_guard lock(mutex_);
      ++live_;
    }
    net::start_on(loop, std::move(task), [this] { ended(); });
  }

  // True once none is left; false when `limit` has passed first. Blocks.
  bool wait_none(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return live_ == 0; });
  }

 private:
  void ended() {
    const std::lock_guard lock(mutex_);
    --live_;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t live_ = 0;
};

}  // namespace sallyport::app
