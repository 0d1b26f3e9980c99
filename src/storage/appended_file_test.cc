#include "storage/appended_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/testing/pattern.h"
#include "base/vectored_io.h"

namespace sallyport::storage {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// A file without a name on the disk that the tests run on.
UniqueFd nameless_file() {
  std::string name = "appended-file-test-XXXXXX";
  UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
  ::unlink(name.c_str());
  return fd;
}

bool has_direct_io(int fd) {
  const int flags = ::fcntl(fd, F_GETFL);
  const bool can = ::fcntl(fd, F_SETFL, flags | O_DIRECT) == 0;
  ::fcntl(fd, F_SETFL, flags);
  return can;
}

bool is_direct(const AppendedFile& file) {
  return (::fcntl(file.fd(), F_GETFL) & O_DIRECT) != 0;
}

std::string content_of(const AppendedFile& file) {
  std::string out(file.size() + 1, '\0');
  const iovec all{out.data(), out.size()};
  const std::int64_t n = read_fully(file.fd(), 0, {&all, 1});
  out.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
  return out;
}

// Appends `content` in buffers and batches of the given sizes, over and over.
int append_all(AppendedFile& file, const std::string& content, std::vector<std::size_t> sizes,
               std::size_t buffers_a_batch) {
  std::size_t done = 0, turn = 0;
  while (done < content.size()) {
    std::vector<iovec> batch;
    while (done < content.size() && batch.size() < buffers_a_batch) {
      const std::size_t n = std::min(sizes[turn++ % sizes.size()], content.size() - done);
      batch.push_back({const_cast<char*>(content.data()) + done, n});
      done += n;
    }
    if (const int rc = file.append(batch); rc != 0) return rc;
  }
  return 0;
}

struct Case {
  const char* name;
  std::uint64_t direct_from;
  std::size_t memory;
  std::size_t size;
  std::vector<std::size_t> sizes;
  std::size_t buffers;
};

class AppendedFileCases : public testing::TestWithParam<Case> {};

TEST_P(AppendedFileCases, HoldsWhatWasAppended) {
  const Case& c = GetParam();
  BlockPool blocks(c.memory);
  AppendedFile file(nameless_file(), blocks, c.direct_from);
  const std::string content = patterned(c.size);
  ASSERT_EQ(append_all(file, content, c.sizes, c.buffers), 0);
  EXPECT_EQ(file.size(), content.size());
  ASSERT_EQ(file.settle(), 0);
  EXPECT_EQ(file.size(), content.size());
  EXPECT_TRUE(content_of(file) == content);
  EXPECT_FALSE(is_direct(file));
}

INSTANTIATE_TEST_SUITE_P(
    All, AppendedFileCases,
    testing::Values(
        Case{"never", 0, 64 * kMiB, 5 * kMiB + 1, {32768}, 8},
        Case{"from_the_first_byte", 1, 64 * kMiB, 5 * kMiB + 1, {1, 32768, 0, 999}, 5},
        Case{"odd_buffers", 100'001, 64 * kMiB, 7 * kMiB + 4095, {32768, 17, 261'120, 1}, 9},
        Case{"whole_blocks", 2 * kMiB, 64 * kMiB, 8 * kMiB, {2 * kMiB}, 1},
        Case{"one_large_buffer", kMiB, 64 * kMiB, 9 * kMiB + 3, {9 * kMiB + 3}, 1},
        Case{"ends_at_the_border", 3 * kMiB, 64 * kMiB, 3 * kMiB, {kMiB}, 1},
        Case{"no_memory", kMiB, 0, 5 * kMiB + 7, {65'537}, 3},
        Case{"one_block", kMiB, BlockPool::kBlockBytes, 7 * kMiB + 7, {65'537}, 3}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(AppendedFile, GoesPastThePageCacheFromTheGivenSizeOn) {
  UniqueFd fd = nameless_file();
  if (!has_direct_io(fd.get())) GTEST_SKIP() << "no direct I/O on this file system";
  BlockPool blocks(64 * kMiB);
  AppendedFile file(std::move(fd), blocks, kMiB);
  const std::string content = patterned(6 * kMiB);
  ASSERT_EQ(append_all(file, content.substr(0, kMiB), {65'536}, 4), 0);
  EXPECT_FALSE(is_direct(file));
  ASSERT_EQ(append_all(file, content.substr(kMiB), {65'536}, 4), 0);
  EXPECT_TRUE(is_direct(file));
  ASSERT_EQ(file.settle(), 0);
  EXPECT_TRUE(content_of(file) == content);
}

TEST(AppendedFile, GoesThroughThePageCacheWhileOthersHaveAllBlocks) {
  BlockPool blocks(BlockPool::kBlockBytes);
  AppendedFile file(nameless_file(), blocks, 1);
  const std::string content = patterned(20 * kMiB + 5);
  BlockPool::Block other = blocks.take();
  ASSERT_TRUE(other);
  ASSERT_EQ(append_all(file, content.substr(0, 3 * kMiB + 11), {40'000}, 7), 0);
  EXPECT_FALSE(is_direct(file));
  other.reset();
  ASSERT_EQ(append_all(file, content.substr(3 * kMiB + 11, 9 * kMiB), {40'000}, 7), 0);
  // Others take the block as soon as it is written.
  while (!(other = blocks.take())) {
    ASSERT_LT(file.size(), 16 * kMiB);
    const std::size_t rest = BlockPool::kAlignment - file.size() % BlockPool::kAlignment;
    ASSERT_EQ(append_all(file, content.substr(file.size(), rest), {rest}, 1), 0);
  }
  ASSERT_EQ(append_all(file, content.substr(file.size()), {40'000}, 7), 0);
  ASSERT_EQ(file.settle(), 0);
  EXPECT_TRUE(content_of(file) == content);
}

TEST(AppendedFile, GoesOnAfterItWasSettled) {
  BlockPool blocks(64 * kMiB);
  AppendedFile file(nameless_file(), blocks, kMiB);
  const std::string content = patterned(9 * kMiB);
  ASSERT_EQ(append_all(file, content.substr(0, 5 * kMiB + 77), {65'536}, 4), 0);
  ASSERT_EQ(file.settle(), 0);
  EXPECT_TRUE(content_of(file) == content.substr(0, 5 * kMiB + 77));
  ASSERT_EQ(append_all(file, content.substr(5 * kMiB + 77), {65'536}, 4), 0);
  ASSERT_EQ(file.settle(), 0);
  EXPECT_TRUE(content_of(file) == content);
  EXPECT_TRUE(blocks.take());
}

TEST(AppendedFile, WritesWhereThereIsNoDirectIo) {
  UniqueFd fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  ASSERT_FALSE(has_direct_io(fd.get()));
  BlockPool blocks(64 * kMiB);
  AppendedFile file(std::move(fd), blocks, 1);
  EXPECT_EQ(append_all(file, patterned(5 * kMiB), {65'536}, 4), 0);
  EXPECT_EQ(file.size(), 5 * kMiB);
  EXPECT_EQ(file.settle(), 0);
}

TEST(AppendedFile, SaysThatTheDiskIsFull) {
  BlockPool blocks(64 * kMiB);
  AppendedFile file(UniqueFd(::open("/dev/full", O_RDWR | O_CLOEXEC)), blocks, kMiB);
  EXPECT_EQ(append_all(file, patterned(3 * kMiB), {65'536}, 4), -ENOSPC);
}

// The last bytes may meet the limit only when they are handed over.
TEST(AppendedFile, SaysSoWhenALimitIsMetPastThePageCache) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit limit{3 * kMiB, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  BlockPool blocks(64 * kMiB);
  AppendedFile file(nameless_file(), blocks, kMiB);
  int rc = append_all(file, patterned(4 * kMiB), {65'536}, 4);
  if (rc == 0) rc = file.settle();
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old);
  EXPECT_EQ(rc, -EFBIG);
}

TEST(AppendedFile, GivesItsBlockBackWhenItIsGivenUp) {
  BlockPool blocks(BlockPool::kBlockBytes);
  {
    AppendedFile file(nameless_file(), blocks, 1);
    ASSERT_EQ(append_all(file, patterned(kMiB), {kMiB}, 1), 0);
  }
  EXPECT_TRUE(blocks.take());
  AppendedFile file(nameless_file(), blocks, 1);
  ASSERT_EQ(append_all(file, patterned(kMiB), {kMiB}, 1), 0);
  EXPECT_TRUE(file.release().valid());
  EXPECT_TRUE(blocks.take());
}

TEST(BlockPool, HandsOutNoMoreThanItMay) {
  BlockPool blocks(2 * BlockPool::kBlockBytes + 1);
  BlockPool::Block one = blocks.take(), two = blocks.take();
  ASSERT_TRUE(one && two);
  EXPECT_NE(one.get(), two.get());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(one.get()) % BlockPool::kAlignment, 0u);
  EXPECT_FALSE(blocks.take());
  char* const warm = two.get();
  two.reset();
  EXPECT_EQ(blocks.take().get(), warm);
}

}  // namespace
}  // namespace sallyport::storage
