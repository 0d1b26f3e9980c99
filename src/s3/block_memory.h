// The memory that content takes on its way to or from remote stores.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"

namespace sallyport::s3 {

// Blocks of one size, at most so many out at a time, handed out again while they are warm.
// Thread-safe. Outlives its shares.
//
// Who may hold how much: no more than is free beside it then, and kLeast blocks in any case. One
// share alone gets half of the memory, two a third each, and so on; those that stall while they
// hold theirs leave as much again to who comes after them.
class BlockMemory {
 public:
  static constexpr std::size_t kBlockBytes = std::size_t{1} << 20;
  static constexpr std::size_t kLeast = 5;  // a part that stores take, a range that is worth asking

  explicit BlockMemory(std::size_t most_bytes);
  ~BlockMemory();
  BlockMemory(const BlockMemory&) = delete;
  BlockMemory& operator=(const BlockMemory&) = delete;

  class Share;
  struct Return {
    Share* share = nullptr;
    void operator()(char* block) const { share->memory_.give_back(block, *share); }
  };
  // kBlockBytes of memory whose content is whatever was there.
  using Block = std::unique_ptr<char, Return>;
  using Blocks = std::vector<Block>;

  // One transfer's. Thread-safe. Outlives its blocks.
  class Share {
   public:
    explicit Share(BlockMemory& memory) : memory_(memory) {}
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    // All or none; none also while somebody waits whose turn it is.
    Blocks try_take(std::size_t count);
    // All, in the order of asking, except that who has his share lets others pass. Who waits with
    // blocks in hand may wait for itself: see may_take(). Errors: kUnavailable when they did not
    // come free in time; kInvalidArgument when there are not so many. REQUIRES:
    // net::Loop::current() != null.
    Task<Result<Blocks>> take(std::size_t count, std::chrono::milliseconds patience);
    // Whether it may hold so many more, as things are; be they free or not.
    bool may_take(std::size_t count) const;

   private:
    friend BlockMemory;
    BlockMemory& memory_;
    std::size_t held_ = 0;  // guarded by the memory's mutex
  };

  std::size_t most() const { return most_; }
  // Blocks that are held.
  std::size_t out() const;

 private:
  struct Waiter {
    Share& share;
    std::size_t count;
    net::Loop* loop;
    net::CancellableSleep sleep;
    Blocks granted;
    Waiter(Share& s, std::size_t c, net::Loop* l) : share(s), count(c), loop(l) {}
  };
  void give_back(char* block, Share& share);
  bool is_due_locked(const Share& share, std::size_t count) const;
  bool somebody_is_due_locked() const;
  Blocks take_locked(Share& share, std::size_t count);
  void grant_locked();

  const std::size_t most_;  // blocks
  mutable std::mutex mutex_;
  std::size_t out_ = 0;
  std::vector<char*> idle_;  // the one used last at the end
  std::deque<std::shared_ptr<Waiter>> waiters_;
};

}  // namespace sallyport::s3
