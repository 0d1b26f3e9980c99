#include "api/call_rate.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace sallyport::api {
namespace {

using std::chrono::milliseconds;

int taken(CallRate& rate, const std::string& key, int calls) {
  int out = 0;
  for (int i = 0; i < calls; ++i) out += rate.take(key);
  return out;
}

TEST(CallRate, LetsABurstThroughAndThenTheRate) {
  ManualClock clock;
  CallRate rate(10, 5, clock);
  EXPECT_EQ(taken(rate, "A", 20), 5);
  clock.advance(milliseconds(99));
  EXPECT_EQ(taken(rate, "A", 20), 0);
  clock.advance(milliseconds(2));
  EXPECT_EQ(taken(rate, "A", 20), 1);
  clock.advance(milliseconds(300));
  EXPECT_EQ(taken(rate, "A", 20), 3);
}

TEST(CallRate, SavesNoMoreThanABurst) {
  ManualClock clock;
  CallRate rate(10, 5, clock);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(taken(rate, "A", 100), 5);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(taken(rate, "A", 100), 5);
}

TEST(CallRate, CountsEachKeyForItself) {
  ManualClock clock;
  CallRate rate(1, 1, clock);
  EXPECT_EQ(taken(rate, "A", 3), 1);
  EXPECT_EQ(taken(rate, "B", 3), 1);
  for (int key = 0; key < 5000; ++key) EXPECT_TRUE(rate.take(std::to_string(key)));
  EXPECT_FALSE(rate.take("A")) << "others do not make its bucket forgotten";
}

TEST(CallRate, ARefusedCallCostsNothing) {
  ManualClock clock;
  CallRate rate(1, 1, clock);
  EXPECT_EQ(taken(rate, "A", 1000), 1);
  clock.advance(milliseconds(1001));
  EXPECT_EQ(taken(rate, "A", 2), 1);
}

TEST(CallRate, ZeroIsNoLimit) {
  ManualClock clock;
  CallRate rate(0, 1, clock);
  EXPECT_EQ(taken(rate, "A", 1000), 1000);
}

}  // namespace
}  // namespace sallyport::api
