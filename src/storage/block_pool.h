// Memory for content on its way to the disk past the page cache.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace sallyport::storage {

// Blocks of one size, handed out again while they are warm. Thread-safe. Outlives its blocks.
class BlockPool {
 public:
  // What direct I/O wants of memory, of offsets and of lengths on every usual disk: a page.
  static constexpr std::size_t kAlignment = 4096;
  // One huge page: the kernel takes it down to the disk in one piece.
  static constexpr std::size_t kBlockBytes = std::size_t{2} << 20;

  // `most_bytes` of blocks may be out at a time.
  explicit BlockPool(std::size_t most_bytes) : most_(most_bytes / kBlockBytes) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  struct Return {
    BlockPool* pool = nullptr;
    void operator()(char* block) const { pool->give_back(block); }
  };
  using Block = std::unique_ptr<char, Return>;

  // kBlockBytes of memory whose content is whatever was there. Null when all are out or memory is
  // short.
  Block take();

 private:
  void give_back(char* block);

  const std::size_t most_;
  std::mutex mutex_;
  std::size_t out_ = 0;
  std::vector<char*> idle_;  // the one used last at the end
};

}  // namespace sallyport::storage
