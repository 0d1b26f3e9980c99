// What one part of an upload, or a small object, holds until the store has it.
#pragma once

#include <memory>
#include <optional>

#include "net/blocking_pool.h"
#include "s3/block_memory.h"
#include "s3/call.h"
#include "s3/part_file.h"

namespace sallyport::s3 {

// Begins small, in memory of its own; then takes blocks, or a file. Not thread-safe.
class PartContent {
 public:
  // What is no larger waits in memory of its own, so that many small files do not stand in line.
  static constexpr std::size_t kSmall = 256 * 1024;

  std::uint64_t size() const { return size_; }
  bool full() const { return size_ == room(); }
  bool small() const { return blocks_.empty() && file_ == nullptr; }
  bool on_disk() const { return file_ != nullptr; }

  // As much as there is room for; returns how much that was. REQUIRES: !on_disk().
  std::size_t append(ByteView bytes);
  // The same, of what is on the disk. `disk` and the bytes outlive the task.
  Task<Result<std::size_t>> append_to_file(net::BlockingPool& disk, ByteView bytes);

  // REQUIRES: !on_disk(), and blocks for what is there already.
  void grow(BlockMemory::Blocks blocks);
  // Takes what is there along. REQUIRES: small(), and room for that.
  Task<Result<void>> move_to(PartFile file, net::BlockingPool& disk);

  // All of it, for as long as it lives; nothing is appended afterwards. `disk` is not needed, and
  // may be null, unless it is on_disk().
  CallBody body(net::BlockingPool* disk);

 private:
  std::uint64_t room() const;

  std::uint64_t size_ = 0;
  Bytes first_;
  BlockMemory::Blocks blocks_;
  std::unique_ptr<PartFile> file_;
  std::optional<PartFileBody> file_body_;
};

}  // namespace sallyport::s3
