// How many handles may be open at one time on all channels together, so that files do not take the
// descriptors that new connections, the API and the stores need. Thread-safe.
#pragma once

#include <atomic>
#include <cstddef>

namespace sallyport::sftp {

class HandleBudget {
 public:
  explicit HandleBudget(std::size_t most) : most_(most) {}
  // Between this and add() other threads may add theirs: the bound is kept but for a few.
  bool full() const { return open_.load(std::memory_order_relaxed) >= most_; }
  void add() { open_.fetch_add(1, std::memory_order_relaxed); }
  void remove(std::size_t count) { open_.fetch_sub(count, std::memory_order_relaxed); }

 private:
  const std::size_t most_;
  std::atomic<std::size_t> open_{0};
};

}  // namespace sallyport::sftp
