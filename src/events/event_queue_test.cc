#include "events/event_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

state::LogLine line(std::string message) {
  return {"g", "s", {}, std::move(message), 0};
}

std::vector<std::string> take(EventQueue& queue, std::size_t limit = 100) {
  std::vector<std::string> out;
  for (auto& l : queue.take(limit)) out.push_back(std::move(l.message));
  queue.release();
  return out;
}

TEST(EventQueue, KeepsTheOrderOfBothKinds) {
  EventQueue queue(10, 1 << 20);
  queue.offer(line("a1"), Importance::kAccess);
  queue.offer(line("t2"), Importance::kTransfer);
  queue.offer(line("a3"), Importance::kAccess);
  queue.offer(line("t4"), Importance::kTransfer);
  EXPECT_THAT(take(queue, 3), ElementsAre("a1", "t2", "a3"));
  EXPECT_THAT(take(queue), ElementsAre("t4"));
  EXPECT_THAT(take(queue), IsEmpty());
}

TEST(EventQueue, ShedsAccessLinesWhenFull) {
  EventQueue queue(2, 1 << 20);
  EXPECT_EQ(queue.offer(line("t1"), Importance::kTransfer), 0u);
  EXPECT_EQ(queue.offer(line("a2"), Importance::kAccess), 0u);
  EXPECT_EQ(queue.offer(line("a3"), Importance::kAccess), 1u);
  EXPECT_THAT(take(queue), ElementsAre("t1", "a2"));
}

TEST(EventQueue, LetsTransferLinesTakeTheRoomOfTheYoungestAccessLines) {
  EventQueue queue(3, 1 << 20);
  for (const char* m : {"a1", "a2", "a3"}) queue.offer(line(m), Importance::kAccess);
  EXPECT_EQ(queue.offer(line("t4"), Importance::kTransfer), 1u);
  EXPECT_EQ(queue.offer(line("t5"), Importance::kTransfer), 1u);
  EXPECT_THAT(take(queue), ElementsAre("a1", "t4", "t5"));
}

TEST(EventQueue, ShedsTransferLinesLast) {
  EventQueue queue(2, 1 << 20);
  queue.offer(line("t1"), Importance::kTransfer);
  queue.offer(line("t2"), Importance::kTransfer);
  EXPECT_EQ(queue.offer(line("t3"), Importance::kTransfer), 1u);
  EXPECT_EQ(queue.offer(line("a4"), Importance::kAccess), 1u);
  EXPECT_THAT(take(queue), ElementsAre("t1", "t2"));
}

TEST(EventQueue, BoundsBytesToo) {
  EventQueue queue(1000, 10'000);
  EXPECT_EQ(queue.offer(line(std::string(4000, 'x')), Importance::kAccess), 0u);
  EXPECT_EQ(queue.offer(line(std::string(4000, 'y')), Importance::kAccess), 0u);
  EXPECT_EQ(queue.offer(line(std::string(4000, 'z')), Importance::kAccess), 1u);
  EXPECT_EQ(queue.offer(line(std::string(8000, 't')), Importance::kTransfer), 2u);
  // What can never fit pushes nobody out.
  EXPECT_EQ(queue.offer(line(std::string(20'000, 'u')), Importance::kTransfer), 1u);
  EXPECT_EQ(queue.waiting(), 1u);
}

TEST(EventQueue, KeepsTheRoomOfLinesThatMayComeBack) {
  EventQueue queue(2, 1 << 20);
  queue.offer(line("a1"), Importance::kAccess);
  queue.offer(line("t2"), Importance::kTransfer);
  auto lines = queue.take(10);
  EXPECT_EQ(queue.offer(line("t3"), Importance::kTransfer), 1u);
  EXPECT_EQ(queue.settled(), 0u);
  queue.put_back(std::move(lines));
  EXPECT_EQ(queue.settled(), 0u);
  EXPECT_EQ(queue.offer(line("t4"), Importance::kTransfer), 1u);
  EXPECT_EQ(queue.settled(), 1u);
  EXPECT_THAT(take(queue), ElementsAre("t2", "t4"));
  EXPECT_EQ(queue.settled(), queue.offered());
}

}  // namespace
}  // namespace sallyport::events
