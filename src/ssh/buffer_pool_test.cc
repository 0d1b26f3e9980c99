#include "ssh/buffer_pool.h"

#include <gtest/gtest.h>

#include <utility>

namespace sallyport::ssh {
namespace {

TEST(BufferPool, GivesTheMemoryReturnedLastFirst) {
  const auto pool = BufferPool::create();
  Buffer a = pool->take(5000);
  Buffer b = pool->take(5000);
  const std::uint8_t* first = a.data();
  EXPECT_EQ(a.size(), 8192u);
  EXPECT_EQ(pool->lent_bytes(), 16384u);
  b.reset();
  a.reset();
  EXPECT_EQ(pool->free_bytes(), 16384u);
  EXPECT_EQ(pool->take(8192).data(), first);
}

TEST(BufferPool, KeepsNoMoreThanItsBound) {
  const auto pool = BufferPool::create(10000);
  { const Buffer a = pool->take(8192), b = pool->take(8192); }
  EXPECT_EQ(pool->free_bytes(), 8192u);
  pool->trim();
  EXPECT_EQ(pool->free_bytes(), 0u);
}

TEST(BufferPool, IsKeptAliveByItsBuffers) {
  auto pool = BufferPool::create();
  Buffer buffer = pool->take(1);
  pool.reset();
  buffer.data()[0] = 1;
  Buffer moved = std::move(buffer);
  EXPECT_FALSE(buffer);
  EXPECT_EQ(moved.data()[0], 1);
}

}  // namespace
}  // namespace sallyport::ssh
