#include "storage/block_pool.h"

#include <sys/mman.h>

#include <cstdlib>

namespace sallyport::storage {

namespace {

// As many uploads side by side find warm memory; what is beyond goes back to the system.
constexpr std::size_t kKeptIdle = 8;

char* new_block() {
  void* const block = std::aligned_alloc(BlockPool::kBlockBytes, BlockPool::kBlockBytes);
  if (block) ::madvise(block, BlockPool::kBlockBytes, MADV_HUGEPAGE);
  return static_cast<char*>(block);
}

}  // namespace

BlockPool::~BlockPool() {
  for (char* block : idle_) std::free(block);
}

BlockPool::Block BlockPool::take() {
  char* block = nullptr;
  {
    std::lock_guard lock(mutex_);
    if (out_ == most_) return nullptr;
    ++out_;
    if (!idle_.empty()) {
      block = idle_.back();
      idle_.pop_back();
    }
  }
  if (!block) block = new_block();
  if (block) return Block(block, Return{this});
  std::lock_guard lock(mutex_);
  --out_;
  return nullptr;
}

void BlockPool::give_back(char* block) {
  {
    std::lock_guard lock(mutex_);
    --out_;
    if (idle_.size() < kKeptIdle) {
      idle_.push_back(block);
      return;
    }
  }
  std::free(block);
}

}  // namespace sallyport::storage
