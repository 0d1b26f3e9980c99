#include "ssh/rekey_pace.h"

#include <gtest/gtest.h>

namespace sallyport::ssh {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr SteadyTime kStart{};
constexpr int kFree = static_cast<int>(RekeyPace::kFree);

TEST(RekeyPace, SomeExchangesAreFreeAndThenOneASecond) {
  RekeyPace pace(kStart);
  for (int i = 0; i < kFree; ++i) EXPECT_EQ(pace.next(kStart, 0), milliseconds(0));
  SteadyTime now = kStart;
  for (int i = 0; i < 100; ++i) {
    const milliseconds wait = pace.next(now, 0);
    EXPECT_EQ(wait, seconds(1));
    now += wait;
  }
}

TEST(RekeyPace, WhatWentThroughPays) {
  RekeyPace pace(kStart);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(pace.next(kStart, RekeyPace::kBytes), milliseconds(0));
}

TEST(RekeyPace, HalfOfItPaysForEverySecondOne) {
  RekeyPace pace(kStart);
  SteadyTime now = kStart;
  for (int i = 0; i < 1000; ++i) now += pace.next(now, RekeyPace::kBytes / 2);
  EXPECT_NEAR(std::chrono::duration<double>(now - kStart).count(), 500 - kFree, 2);
}

TEST(RekeyPace, RestBuysNoMoreThanIsFree) {
  RekeyPace pace(kStart);
  const SteadyTime later = kStart + std::chrono::hours(5);
  int free = 0;
  while (free < 1000 && pace.next(later, free == 0 ? ~0ull : 0) == milliseconds(0)) ++free;
  EXPECT_EQ(free, kFree);
}

}  // namespace
}  // namespace sallyport::ssh
