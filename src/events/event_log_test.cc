#include "events/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "net/blocking_pool.h"
#include "net/loop.h"

namespace sallyport::events {
namespace {

using net::sync_wait;
using testing::ElementsAre;

class EventLogTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "sallyport-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::unique_ptr<state::LogStore> open_store(state::LogStoreOptions options = {}) {
    auto store = state::LogStore::open((folder_ / "log.db").string(), options);
    EXPECT_TRUE(store.ok()) << store.error().message;
    return std::move(*store);
  }
  void start(EventLogOptions options = {}, state::LogStoreOptions store = {}) {
    log_.reset();
    log_ = std::make_unique<EventLog>(open_store(store), pool_, options);
  }
  void emit(std::string message, Importance importance = Importance::kTransfer,
            std::string stream = "s", std::optional<WallTime> time = {}) {
    log_->emit({"g", std::move(stream), time.value_or(SystemClock().wall()), std::move(message), 0},
               importance);
  }
  std::vector<std::string> messages(state::LogQuery query = {}) {
    const auto lines = sync_wait(log_->query(std::move(query)));
    EXPECT_TRUE(lines.ok());
    std::vector<std::string> out;
    for (const auto& l : *lines) out.push_back(l.message);
    return out;
  }

  std::filesystem::path folder_;
  net::BlockingPool pool_{"log", 2};
  std::unique_ptr<EventLog> log_;
};

TEST_F(EventLogTest, ShowsAQueryWhatWasEmittedBefore) {
  start();
  for (int round = 0; round < 20; ++round) {
    emit("line " + std::to_string(round));
    EXPECT_EQ(messages().size(), round + 1u);
  }
  EXPECT_THAT(*sync_wait(log_->groups()), ElementsAre("g"));
  EXPECT_EQ(sync_wait(log_->streams("g"))->size(), 1u);
}

TEST_F(EventLogTest, WritesWhatIsQueuedBeforeItEnds) {
  start();
  for (int i = 0; i < 5000; ++i) emit(std::to_string(i));
  log_.reset();
  EXPECT_EQ(open_store()->query({})->size(), 5000u);
}

TEST_F(EventLogTest, TakesLinesFromManyThreadsInEachOnesOrder) {
  start();
  constexpr int kThreads = 8, kEach = 2000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        emit(std::to_string(i), Importance::kTransfer, "s" + std::to_string(t));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(log_->shed(), 0u);
  for (int t = 0; t < kThreads; ++t) {
    const auto found = messages({.stream = "s" + std::to_string(t)});
    ASSERT_EQ(found.size(), static_cast<std::size_t>(kEach));
    for (int i = 0; i < kEach; ++i) ASSERT_EQ(found[i], std::to_string(i));
  }
  EXPECT_EQ(log_->written(), static_cast<std::uint64_t>(kThreads * kEach));
}

TEST_F(EventLogTest, ShedsAndCountsWhileTheStoreIsFullAndRecovers) {
  start({.queue_lines = 100}, {.max_file_bytes = 512 * 1024});
  constexpr int kLines = 2000;
  for (int i = 0; i < kLines; ++i) {
    emit(std::string(1000, 'x'));
    if (i % 50 == 0) log_->flush();
  }
  log_->flush();
  const std::uint64_t shed = log_->shed();
  const std::uint64_t written = log_->written();
  EXPECT_GT(shed, 0u);
  EXPECT_GT(written, 0u);
  EXPECT_EQ(shed + written + 100, static_cast<std::uint64_t>(kLines));
  // Queries still answer, and an access line is what goes now.
  EXPECT_EQ(messages().size(), written);
  emit("refused", Importance::kAccess);
  EXPECT_EQ(log_->shed(), shed + 1);

  ASSERT_TRUE(open_store()->trim({}, 0).ok());
  log_->flush();
  EXPECT_EQ(log_->written(), written + 100);
  emit("after");
  EXPECT_EQ(messages().back(), "after");
  EXPECT_EQ(log_->shed(), shed + 1);
}

TEST_F(EventLogTest, EndsWithAFullStoreAndCountsNothingTwice) {
  start({.queue_lines = 1000}, {.max_file_bytes = 1});
  for (int i = 0; i < 500; ++i) emit(std::string(1000, 'x'));
  log_->flush();
  log_.reset();
  EXPECT_LT(open_store()->query({})->size(), 500u);
}

TEST_F(EventLogTest, RemovesLinesThatAreTooOld) {
  start({.retention_days = 2});
  const WallTime now = SystemClock().wall();
  emit("old", Importance::kTransfer, "s", now - std::chrono::hours(49));
  emit("young", Importance::kTransfer, "s", now - std::chrono::hours(47));
  log_->flush();
  // The first batch is followed by a trim, before the next is written.
  emit("new");
  EXPECT_THAT(messages(), ElementsAre("young", "new"));
}

}  // namespace
}  // namespace sallyport::events
