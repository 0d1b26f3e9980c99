// The ways to the processes of one file system, each lent to one request at a time. Who has to wait
// is served in turns between users, so that a hundred requests of one do not hold up another's.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "files/file_channel.h"
#include "net/loop.h"

namespace sallyport::files {

// Where a file system hangs each waiting request holds its session, and the descriptor of a client
// who may have gone and come again. Once so many wait, and none got a turn for so long, nobody else
// is let wait.
struct WaitingBounds {
  std::size_t most = 1000;
  std::chrono::milliseconds silence = std::chrono::seconds(30);
};

// Thread-safe. Outlives what is lent.
class ChannelQueue {
 public:
  explicit ChannelQueue(std::vector<std::unique_ptr<FileChannel>> channels,
                        WaitingBounds bounds = {});

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

  // co_await queue.take(uid): resumes on the caller's loop with a Result<Lent>. Error: kUnavailable
  // (WaitingBounds). REQUIRES: Loop::current() != null.
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
    Result<Lent> await_resume() const {
      if (channel == nullptr)
        return Error(Errc::kUnavailable, "the file system does not answer, and many wait for it");
      return Lent(queue, *channel);
    }
  };

  // False with a channel, or with none for who is not let wait.
  bool has_to_wait(Waiter& waiter);
  bool is_over_bounds() const;
  void give_back(FileChannel& channel);
  // Null: nobody waits.
  Waiter* next_in_turn();

  const std::vector<std::unique_ptr<FileChannel>> channels_;
  const WaitingBounds bounds_;
  std::mutex mutex_;
  SteadyTime last_turn_;  // when a channel was lent or given back
  std::size_t waiters_ = 0;
  std::vector<FileChannel*> free_;
  std::map<std::uint32_t, std::deque<Waiter*>> waiting_;  // by uid; none is empty
  std::deque<std::uint32_t> turns_;                       // the uids of waiting_, the next first
};

}  // namespace sallyport::files
