#include "session/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace sallyport::session {
namespace {

const model::ServerId kOne("s-00000000000000001"), kTwo("s-00000000000000002");
const model::SshPublicKeyId kKey("key-1");

TEST(Registry, ListsWhoIsThere) {
  Registry registry;
  auto first = registry.enter(kOne, "198.51.100.7", from_unix_ms(5), [] {});
  auto second = registry.enter(kTwo, "198.51.100.8", from_unix_ms(6), [] {});
  first->authenticated("ann", kKey, "0123");
  ASSERT_EQ(registry.list().size(), 2u);
  const LiveSession ann = registry.list().front();
  EXPECT_EQ(ann.user_name, "ann");
  EXPECT_EQ(ann.key_id, kKey);
  EXPECT_EQ(ann.session_id, "0123");
  EXPECT_EQ(ann.source_ip, "198.51.100.7");
  EXPECT_EQ(registry.count(kOne), 1u);
  first.reset();
  EXPECT_EQ(registry.count(kOne), 0u);
  EXPECT_EQ(registry.list().size(), 1u);
}

TEST(Registry, EndsThoseConcernedOnce) {
  Registry registry;
  int ended[4] = {};
  std::vector<std::unique_ptr<Registry::Entry>> entries;
  for (int i = 0; i < 4; ++i)
    entries.push_back(registry.enter(i < 3 ? kOne : kTwo, "", {}, [&ended, i] { ++ended[i]; }));
  entries[0]->authenticated("ann", kKey, "");
  entries[1]->authenticated("bob", kKey, "");
  entries[3]->authenticated("ann", kKey, "");

  EXPECT_EQ(registry.end_key(kOne, "ann", model::SshPublicKeyId("key-2")), 0u);
  EXPECT_EQ(registry.end_user(kOne, "carol"), 0u);
  EXPECT_EQ(registry.end_key(kOne, "ann", kKey), 1u);
  EXPECT_EQ(registry.end_user(kOne, "ann"), 0u);  // was asked already
  EXPECT_EQ(registry.end_user(kOne, "bob"), 1u);
  EXPECT_EQ(registry.end_server(kOne), 1u);  // the one that has not authenticated
  EXPECT_EQ(registry.end_all(), 1u);
  for (const int times : ended) EXPECT_EQ(times, 1);
}

TEST(Registry, CountsTheBytesOfASession) {
  Registry registry;
  auto entry = registry.enter(kOne, "", {}, [] {});
  entry->moved(3, 50);
  entry->moved(4, 0);
  EXPECT_EQ(registry.list()[0].bytes_in, 7u);
  EXPECT_EQ(registry.list()[0].bytes_out, 50u);
}

TEST(Registry, ListsAndEndsWhatAFilterNamesOfThoseWithAUser) {
  Registry registry;
  std::vector<std::unique_ptr<Registry::Entry>> entries;
  for (int i = 0; i < 4; ++i) entries.push_back(registry.enter(i < 3 ? kOne : kTwo, "", {}, [] {}));
  entries[0]->authenticated("ann", kKey, "aaaa");
  entries[1]->authenticated("bob", kKey, "bbbb");
  entries[3]->authenticated("ann", kKey, "cccc");

  const auto count = [&](SessionFilter filter) { return registry.list(filter).size(); };
  EXPECT_EQ(count({}), 3u);
  EXPECT_EQ(count({kOne, "", ""}), 2u);
  EXPECT_EQ(count({{}, "ann", ""}), 2u);
  EXPECT_EQ(count({kTwo, "ann", "cccc"}), 1u);
  EXPECT_EQ(count({kOne, "", "cccc"}), 0u);

  EXPECT_EQ(registry.end({kTwo, "bob", ""}), 0u);
  EXPECT_EQ(registry.end({{}, "", "bbbb"}), 1u);
  EXPECT_EQ(registry.end({{}, "ann", ""}), 2u);
  // The one without a user was left alone.
  EXPECT_EQ(registry.end_all(), 1u);
}

TEST(Registry, EndsNobodyWhoHasLeft) {
  Registry registry;
  bool ended = false;
  registry.enter(kOne, "", {}, [&ended] { ended = true; }).reset();
  EXPECT_EQ(registry.end_all(), 0u);
  EXPECT_FALSE(ended);
}

TEST(Registry, LetsAnEndLeaveAtOnce) {
  Registry registry;
  std::unique_ptr<Registry::Entry> entry;
  entry = registry.enter(kOne, "", {}, [&entry] { entry.reset(); });
  EXPECT_EQ(registry.end_all(), 1u);
  EXPECT_EQ(registry.count(kOne), 0u);
}

TEST(Registry, OutlivedByItsEntries) {
  auto registry = std::make_unique<Registry>();
  auto entry = registry->enter(kOne, "", {}, [] {});
  registry.reset();
  entry->authenticated("ann", kKey, "");
}

TEST(Registry, StandsManyThreads) {
  Registry registry;
  std::atomic<int> ends{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&registry, &ends] {
      for (int i = 0; i < 300; ++i) {
        auto alive = std::make_shared<std::atomic<bool>>(true);
        auto entry = registry.enter(kOne, "", {}, [alive, &ends] {
          if (!alive->load()) std::abort();
          ++ends;
        });
        entry->authenticated("ann", kKey, "");
        entry.reset();
        alive->store(false);
      }
    });
  }
  std::size_t asked = 0;
  for (int i = 0; i < 300; ++i) asked += registry.end_server(kOne);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(static_cast<std::size_t>(ends.load()), asked);
  EXPECT_TRUE(registry.list().empty());
}

TEST(Registry, EndIdleLeavesOpenFilesAndTheJustFinishedAlone) {
  Registry registry;
  int ended = 0;
  const auto entry = registry.enter(model::ServerId("s-1"), "127.0.0.1", WallTime{}, [&ended] { ++ended; });
  entry->open_files(1);
  EXPECT_EQ(registry.end_idle(std::chrono::milliseconds(0)), 0u);
  entry->open_files(0);
  EXPECT_EQ(registry.end_idle(std::chrono::hours(1)), 0u);
  EXPECT_EQ(registry.end_idle(std::chrono::milliseconds(0)), 1u);
  EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace sallyport::session
