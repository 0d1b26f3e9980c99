#include "ssh/buffer_pool.h"

#include <bit>
#include <cstdlib>
#include <new>
#include <utility>

namespace sallyport::ssh {
namespace {

constexpr std::size_t kSmallest = 1024;

int class_of(std::size_t size) {
  return static_cast<int>(std::bit_width(size) - 1);
}

}  // namespace

Buffer::Buffer(Buffer&& o) noexcept
    : data_(std::exchange(o.data_, nullptr)),
      size_(std::exchange(o.size_, 0)),
      pool_(std::move(o.pool_)) {}

Buffer& Buffer::operator=(Buffer&& o) noexcept {
  if (this != &o) {
    reset();
    data_ = std::exchange(o.data_, nullptr);
    size_ = std::exchange(o.size_, 0);
    pool_ = std::move(o.pool_);
  }
  return *this;
}

void Buffer::reset() {
  if (data_ == nullptr) return;
  pool_->give_back(std::exchange(data_, nullptr), std::exchange(size_, 0));
  pool_.reset();
}

std::shared_ptr<BufferPool> BufferPool::create(std::size_t max_free) {
  return std::shared_ptr<BufferPool>(new BufferPool(max_free));
}

BufferPool::~BufferPool() {
  trim();
}

Buffer BufferPool::take(std::size_t size) {
  size = std::bit_ceil(size < kSmallest ? kSmallest : size);
  Buffer buffer;
  auto& list = free_.at(static_cast<std::size_t>(class_of(size)));
  if (!list.empty()) {
    buffer.data_ = list.back();
    list.pop_back();
    free_bytes_ -= size;
  } else {
    buffer.data_ = static_cast<std::uint8_t*>(std::malloc(size));
    if (buffer.data_ == nullptr) throw std::bad_alloc();
  }
  buffer.size_ = size;
  lent_bytes_ += size;
  buffer.pool_ = shared_from_this();
  return buffer;
}

void BufferPool::trim() {
  for (auto& list : free_) {
    for (std::uint8_t* data : list) std::free(data);
    list.clear();
    list.shrink_to_fit();
  }
  free_bytes_ = 0;
}

void BufferPool::give_back(std::uint8_t* data, std::size_t size) {
  lent_bytes_ -= size;
  if (free_bytes_ + size > max_free_) {
    std::free(data);
    return;
  }
  free_[static_cast<std::size_t>(class_of(size))].push_back(data);
  free_bytes_ += size;
}

}  // namespace sallyport::ssh
