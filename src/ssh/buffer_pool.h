// Large raw buffers, handed from session to session of one event loop, so that an idle session
// holds none and a busy one gets memory that is warm in the cache.
//
// Ownership: a Buffer owns its memory and keeps the pool alive; when it ends, the memory goes back
// to the pool. Thread-safety: none; pool and buffers belong to one thread (the session's loop).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace sallyport::ssh {

class BufferPool;

// A block of uninitialised bytes; empty when default-constructed or moved from.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& o) noexcept;
  Buffer& operator=(Buffer&& o) noexcept;
  ~Buffer() { reset(); }

  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }
  explicit operator bool() const { return data_ != nullptr; }
  // Gives the memory back.
  void reset();

 private:
  friend class BufferPool;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::shared_ptr<BufferPool> pool_;
};

class BufferPool : public std::enable_shared_from_this<BufferPool> {
 public:
  // `max_free` bytes are kept for reuse, the rest goes back to the system.
  static std::shared_ptr<BufferPool> create(std::size_t max_free = std::size_t{8} << 20);
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // At least `size` bytes, at least 1 KiB; sizes are powers of two. The most recently returned
  // first.
  Buffer take(std::size_t size);
  // Frees what nobody uses; for a loop's idle moments.
  void trim();

  // Kept for reuse, and out in buffers.
  std::size_t free_bytes() const { return free_bytes_; }
  std::size_t lent_bytes() const { return lent_bytes_; }

 private:
  static constexpr int kClasses = 40;
  friend class Buffer;
  explicit BufferPool(std::size_t max_free) : max_free_(max_free) {}
  void give_back(std::uint8_t* data, std::size_t size);

  std::size_t max_free_;
  std::size_t free_bytes_ = 0;
  std::size_t lent_bytes_ = 0;
  std::array<std::vector<std::uint8_t*>, kClasses> free_;
};

}  // namespace sallyport::ssh
