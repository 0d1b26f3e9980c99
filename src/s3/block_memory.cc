#include "s3/block_memory.h"

#include <sys/mman.h>

#include <algorithm>

namespace sallyport::s3 {
namespace {

// As many stay warm for the next ones; what is beyond goes back to the system.
constexpr std::size_t kKeptWarm = 8;

char* map_block() {
  void* const block = ::mmap(nullptr, BlockMemory::kBlockBytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return block == MAP_FAILED ? nullptr : static_cast<char*>(block);
}

void unmap_block(char* block) {
  ::munmap(block, BlockMemory::kBlockBytes);
}

}  // namespace

BlockMemory::BlockMemory(std::size_t most_bytes) : most_(most_bytes / kBlockBytes) {}

BlockMemory::~BlockMemory() {
  for (char* const block : idle_) unmap_block(block);
}

std::size_t BlockMemory::out() const {
  const std::lock_guard lock(mutex_);
  return out_;
}

bool BlockMemory::is_due_locked(const Share& share, std::size_t count) const {
  const std::size_t out = out_ + count;
  const std::size_t free = most_ - std::min(most_, out);
  return share.held_ + count <= std::max(kLeast, free);
}

bool BlockMemory::somebody_is_due_locked() const {
  return std::any_of(waiters_.begin(), waiters_.end(), [this](const auto& waiter) {
    return is_due_locked(waiter->share, waiter->count);
  });
}

BlockMemory::Blocks BlockMemory::take_locked(Share& share, std::size_t count) {
  Blocks blocks;
  if (out_ + count > most_) return blocks;
  blocks.reserve(count);
  while (idle_.size() < count) {
    char* const block = map_block();
    if (block == nullptr) return blocks;
    idle_.push_back(block);
  }
  while (blocks.size() < count) {
    blocks.emplace_back(idle_.back(), Return{&share});
    idle_.pop_back();
  }
  out_ += count;
  share.held_ += count;
  return blocks;
}

bool BlockMemory::Share::may_take(std::size_t count) const {
  const std::lock_guard lock(memory_.mutex_);
  return memory_.is_due_locked(*this, count);
}

BlockMemory::Blocks BlockMemory::Share::try_take(std::size_t count) {
  const std::lock_guard lock(memory_.mutex_);
  if (!memory_.is_due_locked(*this, count) || memory_.somebody_is_due_locked()) return {};
  return memory_.take_locked(*this, count);
}

Task<Result<BlockMemory::Blocks>> BlockMemory::Share::take(std::size_t count,
                                                           std::chrono::milliseconds patience) {
  BlockMemory& memory = memory_;
  if (count > memory.most_)
    co_return Error(Errc::kInvalidArgument, "there is not so much memory for transfers");
  const auto waiter = std::make_shared<Waiter>(*this, count, net::Loop::current());
  {
    const std::lock_guard lock(memory.mutex_);
    memory.waiters_.push_back(waiter);
    memory.grant_locked();
    if (!waiter->granted.empty()) co_return std::move(waiter->granted);
  }
  co_await waiter->sleep.wait(patience);
  Blocks granted;
  {
    const std::lock_guard lock(memory.mutex_);
    granted = std::move(waiter->granted);
    std::erase(memory.waiters_, waiter);
    memory.grant_locked();  // one that wants less may stand behind one that gave up
  }
  if (granted.empty())
    co_return Error(Errc::kUnavailable, "other uploads take all of storage.upload_memory",
                    "SlowDown");
  co_return granted;
}

void BlockMemory::give_back(char* block, Share& share) {
  const std::lock_guard lock(mutex_);
  --out_;
  --share.held_;
  idle_.push_back(block);
  grant_locked();
  if (idle_.size() <= kKeptWarm) return;
  unmap_block(idle_.back());
  idle_.pop_back();
}

void BlockMemory::grant_locked() {
  for (auto at = waiters_.begin(); at != waiters_.end();) {
    const std::shared_ptr<Waiter> next = *at;
    if (!is_due_locked(next->share, next->count)) {
      ++at;
      continue;
    }
    Blocks blocks = take_locked(next->share, next->count);
    if (blocks.empty()) return;
    next->granted = std::move(blocks);
    at = waiters_.erase(at);
    next->loop->post([next] { next->sleep.cancel(); });
  }
}

}  // namespace sallyport::s3
