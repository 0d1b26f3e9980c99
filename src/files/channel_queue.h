// The ways to the processes of one file system, each lent to one request at a time. Who has to wait
// is served in turns between users, so that a hundred requests of one do not hold up another's.
#pragma once

#include <coroutine>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "files/file_channel.h"
#include "net/loop.h"

namespace sallyport::files {

// Thread-safe. Outlives what is lent.
class ChannelQueue {
 public:
  explicit ChannelQueue(std::vector<std::unique_ptr<FileChannel>> channels);

  // Gives it back at its end.
  class Lent {
   public:
    Lent(ChannelQueue& queue, FileChannel& channel) : queue_(&queue), channel_(&channel) {}
    Lent(Lent&& o) noexcept : queue_(std::exchange(o.queue_, nullptr)), channel_(o.channel_) {}
    Lent& operator=(Lent&&) = delete;
    ~Lent() {
      if (queue_ != nullptr) queue_->give_back(*channel_);
    }
    FileChannel* operator->() const { return channel_; }

   private:
    ChannelQueue* queue_;
    FileChannel* channel_;
  };

  // co_await queue.take(uid): resumes on the caller's loop with a Lent.
  // REQUIRES: Loop::current() != null.
  auto take(std::uint32_t uid) { return Waiter{*this, uid}; }

  // How many are lent.
  std::size_t lent();

 private:
  struct Waiter {
    ChannelQueue& queue;
    std::uint32_t uid;
    FileChannel* channel = nullptr;
    std::coroutine_handle<> handle = {};
    net::Loop* loop = nullptr;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h) {
      handle = h;
      loop = net::Loop::current();
      return queue.has_to_wait(*this);
    }
    Lent await_resume() const { return {queue, *channel}; }
  };

  bool has_to_wait(Waiter& waiter);
  void give_back(FileChannel& channel);
  // Null: nobody waits.
  Waiter* next_in_turn();

  const std::vector<std::unique_ptr<FileChannel>> channels_;
  std::mutex mutex_;
  std::vector<FileChannel*> free_;
  std::map<std::uint32_t, std::deque<Waiter*>> waiting_;  // by uid; none is empty
  std::deque<std::uint32_t> turns_;                       // the uids of waiting_, the next first
};

}  // namespace sallyport::files
