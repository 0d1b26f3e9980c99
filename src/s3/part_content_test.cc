#include "s3/part_content.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "net/loop.h"
#include "s3/testing/lost_files.h"
#include "state/test_folder.h"

namespace sallyport::s3 {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

Bytes noise(std::size_t size) {
  Bytes out(size);
  std::uint32_t drawn = 7;
  for (auto& byte : out) {
    drawn = drawn * 1'664'525 + 1'013'904'223;
    byte = static_cast<std::uint8_t>(drawn >> 24);
  }
  return out;
}

Bytes joined(PartContent& content) {
  Bytes out;
  for (const ByteView piece : content.body(nullptr).pieces)
    out.insert(out.end(), piece.begin(), piece.end());
  return out;
}

// As requests do.
Task<Result<Bytes>> read_file(PartFileBody& body) {
  const auto source = body.begin();
  Bytes out, buffer(300'007);
  while (true) {
    CO_TRY_ASSIGN(const std::size_t n, co_await source->read(buffer));
    if (n == 0) break;
    out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(n));
  }
  EXPECT_EQ(source->length(), out.size());
  co_return out;
}

TEST(PartContentTest, begins_in_memory_of_its_own) {
  PartContent content;
  EXPECT_TRUE(joined(content).empty());
  const Bytes all = noise(PartContent::kSmall + 1);
  EXPECT_EQ(content.append(ByteView(all).first(10)), 10u);
  EXPECT_FALSE(content.full());
  EXPECT_EQ(content.append(ByteView(all).subspan(10)), PartContent::kSmall - 10);
  EXPECT_TRUE(content.full() && content.small());
  EXPECT_EQ(content.append(ByteView(all).last(1)), 0u);
  EXPECT_TRUE(joined(content) == Bytes(all.begin(), all.end() - 1));
}

TEST(PartContentTest, takes_blocks_one_after_the_other) {
  BlockMemory all_memory(3 * kMiB);
  BlockMemory::Share memory(all_memory);
  PartContent content;
  const Bytes all = noise(3 * kMiB);
  std::size_t done = content.append(all);
  content.grow(memory.try_take(1));
  EXPECT_FALSE(content.small());
  done += content.append(ByteView(all).subspan(done, kMiB / 2));
  done += content.append(ByteView(all).subspan(done));
  EXPECT_EQ(done, kMiB);
  EXPECT_TRUE(content.full());
  content.grow(memory.try_take(2));
  done += content.append(ByteView(all).subspan(done));
  EXPECT_EQ(done, all.size());
  EXPECT_TRUE(joined(content) == all);
}

Task<void> fill_file(std::string folder) {
  net::BlockingPool disk("disk", 1);
  const Bytes all = noise(3 * kMiB + 5);
  PartContent content;
  (void)content.append(ByteView(all).first(100));
  auto file = PartFile::make(folder, 3 * kMiB);
  EXPECT_TRUE(file.ok());
  EXPECT_TRUE((co_await content.move_to(std::move(*file), disk)).ok());
  EXPECT_TRUE(content.on_disk() && !content.small());
  std::size_t done = 100;
  while (!content.full()) {
    const ByteView rest = ByteView(all).subspan(done);
    const ByteView next = rest.first(std::min<std::size_t>(rest.size(), 70'001));
    const auto n = co_await content.append_to_file(disk, next);
    EXPECT_TRUE(n.ok());
    if (!n.ok()) co_return;
    done += *n;
  }
  EXPECT_EQ(done, 3 * kMiB);
  EXPECT_EQ(*co_await content.append_to_file(disk, ByteView(all).last(5)), 0u);
  const CallBody body = content.body(&disk);
  EXPECT_TRUE(body.pieces.empty());
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto read = co_await read_file(*body.file);
    EXPECT_TRUE(read.ok());
    if (!read.ok()) co_return;
    EXPECT_TRUE(*read == Bytes(all.begin(), all.end() - 5));
  }
}

TEST(PartContentTest, or_a_file_that_nobody_sees) {
  const state::TestFolder folder;
  net::sync_wait(fill_file(folder.file("")));
  EXPECT_TRUE(std::filesystem::is_empty(folder.file("")));
}

TEST(PartFileTest, has_room_before_anything_is_written) {
  const state::TestFolder folder;
  auto file = PartFile::make(folder.file(""), kMiB);
  ASSERT_TRUE(file.ok());
  // What nobody wrote can be read all the same.
  Bytes some(7, 1);
  EXPECT_EQ(file->read(kMiB - 5, some).value(), 5u);
  EXPECT_EQ(some, (Bytes{0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(file->read(kMiB, some).value(), 0u);
  EXPECT_EQ(file->read(kMiB + 9, some).value(), 0u);
}

Task<void> read_what_is_gone(std::string folder) {
  net::BlockingPool disk("disk", 1);
  auto file = PartFile::make(folder, kMiB);
  EXPECT_TRUE(file.ok());
  if (!file.ok()) co_return;
  PartFileBody body(*file, kMiB, disk);
  EXPECT_EQ(testing_support::truncate_nameless_files(folder, 500'000), 1);
  const auto read = co_await read_file(body);
  EXPECT_FALSE(read.ok());
  EXPECT_TRUE(body.failure() && body.failure()->code == Errc::kIo);
}

TEST(PartFileTest, one_that_became_shorter_is_an_error) {
  const state::TestFolder folder;
  net::sync_wait(read_what_is_gone(folder.file("")));
}

TEST(PartFileTest, one_without_room_or_folder_is_refused) {
  const state::TestFolder folder;
  EXPECT_FALSE(PartFile::make(folder.file(""), std::uint64_t{1} << 60).ok());
  EXPECT_EQ(PartFile::make(folder.file("none"), kMiB).error().code, Errc::kIo);
  EXPECT_TRUE(std::filesystem::is_empty(folder.file("")));
}

}  // namespace
}  // namespace sallyport::s3
