#include "state/log_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "state/test_folder.h"

namespace sallyport::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LogLine line(std::string group, std::string stream, std::int64_t ms, std::string message) {
  return {std::move(group), std::move(stream), from_unix_ms(ms), std::move(message), 0};
}

class LogStoreTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }
  void reopen(LogStoreOptions options = {}) {
    store_.reset();
    auto opened = LogStore::open(folder_.file("log.db"), options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    store_ = std::move(*opened);
  }
  void append(std::vector<LogLine> lines) {
    const auto r = store_->append(lines);
    ASSERT_TRUE(r.ok()) << r.error().message;
  }
  std::vector<std::string> messages(const LogQuery& query) {
    const auto lines = store_->query(query);
    EXPECT_TRUE(lines.ok()) << lines.error().message;
    std::vector<std::string> out;
    for (const auto& l : *lines) out.push_back(l.message);
    return out;
  }

  TestFolder folder_;
  std::unique_ptr<LogStore> store_;
};

TEST_F(LogStoreTest, GivesRisingIdsAndKeepsEverythingOfALine) {
  append({line("g", "s", 5, "one"), line("g", "t", 3, "two")});
  append({line("h", "s", 9, "three")});
  const auto lines = store_->query({});
  ASSERT_TRUE(lines.ok());
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_LT((*lines)[0].id, (*lines)[1].id);
  EXPECT_LT((*lines)[1].id, (*lines)[2].id);
  EXPECT_EQ((*lines)[1].group, "g");
  EXPECT_EQ((*lines)[1].stream, "t");
  EXPECT_EQ((*lines)[1].message, "two");
  EXPECT_EQ(to_unix_ms((*lines)[1].time), 3);
}

TEST_F(LogStoreTest, FindsByGroupStreamAndPrefix) {
  append({line("g", "s-1/ann", 1, "a"), line("g", "s-1/bob", 2, "b"), line("g", "s-2/ann", 3, "c"),
          line("h", "s-1/ann", 4, "d"), line("g", "ERRORS", 5, "e")});
  EXPECT_THAT(messages({.group = "g"}), ElementsAre("a", "b", "c", "e"));
  EXPECT_THAT(messages({.group = "g", .stream = "s-1/ann"}), ElementsAre("a"));
  EXPECT_THAT(messages({.stream = "s-1/ann"}), ElementsAre("a", "d"));
  EXPECT_THAT(messages({.group = "g", .stream_prefix = "s-1/"}), ElementsAre("a", "b"));
  EXPECT_THAT(messages({.stream_prefix = "s-"}), ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(messages({.group = "none"}), IsEmpty());
  EXPECT_THAT(messages({.group = "g", .stream = "s-1/ann", .stream_prefix = "s-2"}), IsEmpty());
}

TEST_F(LogStoreTest, FindsByTimeEvenIfTimesDoNotRise) {
  append({line("g", "s", 100, "a"), line("g", "s", 50, "b")});
  append({line("g", "s", 200, "c")});
  append({line("g", "s", 10, "d")});
  EXPECT_THAT(messages({.from = from_unix_ms(50)}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(messages({.until = from_unix_ms(100)}), ElementsAre("b", "d"));
  EXPECT_THAT(messages({.from = from_unix_ms(100), .until = from_unix_ms(101)}), ElementsAre("a"));
  EXPECT_THAT(messages({.from = from_unix_ms(201)}), IsEmpty());
  EXPECT_THAT(messages({.until = from_unix_ms(10)}), IsEmpty());
}

TEST_F(LogStoreTest, PagesByIdAcrossManyChunks) {
  constexpr int kLines = 10000;
  std::vector<LogLine> lines;
  for (int i = 0; i < kLines; ++i) {
    lines.push_back(line("g", i % 2 == 0 ? "even" : "odd", i, std::to_string(i)));
  }
  append(lines);
  std::uint64_t after = 0;
  int seen = 0;
  for (;;) {
    const auto page = store_->query({.stream = "odd", .after_id = after, .limit = 777});
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    for (const auto& l : *page) {
      EXPECT_EQ(l.message, std::to_string(2 * seen + 1));
      ++seen;
    }
    after = page->back().id;
  }
  EXPECT_EQ(seen, kLines / 2);
  EXPECT_THAT(messages({.from = from_unix_ms(7000), .until = from_unix_ms(7003)}),
              ElementsAre("7000", "7001", "7002"));
}

TEST_F(LogStoreTest, KeepsHostileBytesAsTheyAre) {
  const std::string bytes("\0\xff'\"; DROP TABLE log_line; --\n%_\xc3", 33);
  append({line(bytes, bytes, 1, bytes), line(bytes + "\xff", "\xff\xff", 2, "")});
  EXPECT_THAT(messages({.group = bytes, .stream = bytes}), ElementsAre(bytes));
  EXPECT_THAT(messages({.stream_prefix = "\xff"}), ElementsAre(""));
  EXPECT_THAT(messages({.group = "%"}), IsEmpty());
  EXPECT_EQ(store_->groups()->size(), 2u);
}

TEST_F(LogStoreTest, ListsGroupsAndStreams) {
  append({line("g", "b", 5, "x"), line("g", "a", 9, "x"), line("h", "c", 1, "x")});
  append({line("g", "b", 2, "x"), line("g", "b", 7, "x")});
  EXPECT_THAT(*store_->groups(), ElementsAre("g", "h"));
  const auto streams = store_->streams("g");
  ASSERT_TRUE(streams.ok());
  ASSERT_EQ(streams->size(), 2u);
  EXPECT_EQ((*streams)[0].stream, "a");
  EXPECT_EQ((*streams)[1].stream, "b");
  EXPECT_EQ(to_unix_ms((*streams)[1].first), 2);
  EXPECT_EQ(to_unix_ms((*streams)[1].last), 7);
  EXPECT_TRUE(store_->streams("none")->empty());
}

TEST_F(LogStoreTest, TrimsByAgeExactly) {
  std::vector<LogLine> lines;
  for (int i = 0; i < 9000; ++i) lines.push_back(line("g", "s", i, std::to_string(i)));
  lines.push_back(line("g", "late", 3, "an old line that came late"));
  append(lines);
  EXPECT_EQ(*store_->trim(from_unix_ms(8998), UINT64_MAX), 8999u);
  EXPECT_THAT(messages({}), ElementsAre("8998", "8999"));
  EXPECT_EQ(*store_->trim(from_unix_ms(8998), UINT64_MAX), 0u);
  const auto streams = store_->streams("g");
  ASSERT_EQ(streams->size(), 1u);
  EXPECT_EQ(to_unix_ms(streams->front().first), 8998);
}

TEST_F(LogStoreTest, TrimsTheOldestBeyondABoundOnBytes) {
  std::vector<LogLine> lines;
  for (int i = 0; i < 9000; ++i) lines.push_back(line("g", "s", i, std::string(36, 'x')));
  append(lines);
  // 100 bytes a line are counted.
  EXPECT_EQ(*store_->trim(from_unix_ms(0), 900'000), 0u);
  EXPECT_EQ(*store_->trim(from_unix_ms(0), 250'050), 6500u);
  const auto left = store_->query({});
  ASSERT_EQ(left->size(), 2500u);
  EXPECT_EQ(to_unix_ms(left->front().time), 6500);
  EXPECT_EQ(*store_->trim(from_unix_ms(0), 0), 2500u);
  EXPECT_THAT(messages({}), IsEmpty());
  EXPECT_THAT(*store_->groups(), IsEmpty());
}

TEST_F(LogStoreTest, NeverGivesAnIdTwice) {
  append({line("g", "s", 1, "a")});
  const auto first = store_->query({})->front().id;
  ASSERT_EQ(*store_->trim(from_unix_ms(2), UINT64_MAX), 1u);
  reopen();
  append({line("g", "s", 1, "b")});
  EXPECT_GT(store_->query({})->front().id, first);
  EXPECT_THAT(messages({.after_id = first}), ElementsAre("b"));
}

TEST_F(LogStoreTest, AnswersUnavailableWhenFullAndTakesLinesAgainAfterATrim) {
  reopen({.max_file_bytes = 1 << 20});
  const std::vector<LogLine> batch(100, line("g", "s", 1, std::string(1000, 'x')));
  Result<void> last = ok();
  int batches = 0;
  while (batches < 100 && (last = store_->append(batch)).ok()) ++batches;
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, Errc::kUnavailable);
  EXPECT_EQ(store_->query({})->size(), batches * 100u);
  ASSERT_TRUE(store_->trim(from_unix_ms(0), 100'000).ok());
  EXPECT_TRUE(store_->append(batch).ok());
}

}  // namespace
}  // namespace sallyport::state
