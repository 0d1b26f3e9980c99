#include "session/shared_quota.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace sallyport::session {
namespace {

using Answer = SharedQuota::Answer;

TEST(SharedQuota, GivesOneUserHalfAndLeavesTheRestToOthers) {
  SharedQuota quota(100);
  EXPECT_EQ(quota.take("s/ann", 30), Answer::kYes);
  EXPECT_EQ(quota.would_take("s/ann", 21), Answer::kUserHasTooMuch);
  EXPECT_EQ(quota.take("s/ann", 21), Answer::kUserHasTooMuch);
  EXPECT_EQ(quota.take("s/ann", 20), Answer::kYes);
  EXPECT_EQ(quota.take("s/ben", 50), Answer::kYes);
  EXPECT_EQ(quota.used(), 100u);
  EXPECT_EQ(quota.take("t/ann", 1), Answer::kNoneLeft);
  quota.give_back("s/ann", 1);
  EXPECT_EQ(quota.take("t/ann", 1), Answer::kYes);
}

TEST(SharedQuota, RoundsTheHalfUp) {
  SharedQuota quota(3);
  EXPECT_EQ(quota.take("a", 3), Answer::kUserHasTooMuch);
  EXPECT_EQ(quota.take("a", 2), Answer::kYes);
  SharedQuota single(1);
  EXPECT_EQ(single.take("a", 1), Answer::kYes);
}

TEST(SharedQuota, RefusesAmountsBeyondEverything) {
  SharedQuota quota(100);
  EXPECT_EQ(quota.take("a", 101), Answer::kNoneLeft);
  EXPECT_EQ(quota.take("a", UINT64_MAX), Answer::kNoneLeft);
  EXPECT_EQ(quota.take("a", 0), Answer::kYes);
  EXPECT_EQ(SharedQuota(0).take("a", 1), Answer::kNoneLeft);
  SharedQuota endless(UINT64_MAX);
  EXPECT_EQ(endless.take("a", UINT64_MAX / 2), Answer::kYes);
  EXPECT_EQ(quota.used(), 0u);
}

TEST(SharedQuota, TakesBackNoMoreThanItGave) {
  SharedQuota quota(100);
  quota.overdraw("a", 120);
  EXPECT_EQ(quota.take("b", 1), Answer::kNoneLeft);
  quota.give_back("a", 500);
  quota.give_back("nobody", 5);
  EXPECT_EQ(quota.used(), 0u);
  EXPECT_EQ(quota.take("b", 50), Answer::kYes);
}

TEST(SharedQuota, KeepsCountWhenManyTakeAtOnce) {
  SharedQuota quota(100);
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, user = std::to_string(t % 2)] {
      for (int i = 0; i < 60; ++i) taken += quota.take(user, 1) == Answer::kYes;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(quota.used(), 100u);
}

}  // namespace
}  // namespace sallyport::session
