#include "http/retry.h"

#include <gtest/gtest.h>

#include <set>

namespace sallyport::http {
namespace {

using std::chrono::milliseconds;

TEST(RetryPlan, DrawsFromADoublingBoundUpToItsLimits) {
  ManualClock clock;
  SystemRandom random;
  RetryOptions options;
  options.attempts = 6;
  options.base_delay = milliseconds(10);
  options.max_delay = milliseconds(50);
  const std::int64_t bounds[] = {10, 20, 40, 50, 50};
  std::set<std::int64_t> seen;
  for (int round = 0; round < 200; ++round) {
    RetryPlan plan(options, clock, random);
    for (const std::int64_t bound : bounds) {
      const auto delay = plan.next();
      ASSERT_TRUE(delay);
      EXPECT_GE(delay->count(), 0);
      EXPECT_LE(delay->count(), bound);
      seen.insert(delay->count());
    }
    EXPECT_FALSE(plan.next());
  }
  EXPECT_GT(seen.size(), 20u);
}

TEST(RetryPlan, EndsWithItsTime) {
  ManualClock clock;
  SystemRandom random;
  RetryOptions options;
  options.attempts = 100;
  options.base_delay = milliseconds(0);
  options.total = milliseconds(1000);
  RetryPlan plan(options, clock, random);
  clock.advance(milliseconds(1000));
  EXPECT_TRUE(plan.next());
  EXPECT_FALSE(plan.next(milliseconds(1)));
  clock.advance(milliseconds(1));
  EXPECT_FALSE(plan.next());
}

TEST(RetryPlan, MakesOneAttemptWhenToldTo) {
  ManualClock clock;
  SystemRandom random;
  RetryOptions options;
  options.attempts = 1;
  EXPECT_FALSE(RetryPlan(options, clock, random).next());
}

std::optional<milliseconds> asked(std::string_view value) {
  Headers headers;
  headers.add("retry-after", value);
  // 1994-11-06T08:49:37Z
  return retry_after(headers, from_unix_ms(784111777000));
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(asked("120"), milliseconds(120'000));
  EXPECT_EQ(asked("0"), milliseconds(0));
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:49:40 GMT"), milliseconds(3000));
  EXPECT_EQ(asked("Sun, 06 Nov 1994 08:49:30 GMT"), milliseconds(0));
  EXPECT_EQ(asked("999999999999"), milliseconds(365LL * 24 * 3600 * 1000));
}

TEST(RetryAfter, IsNothingWhereItCannotBeRead) {
  for (const char* value :
       {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994 08:49:40 GMT+1", "99999999999999999999"})
    EXPECT_FALSE(asked(value)) << value;
  EXPECT_FALSE(retry_after(Headers(), WallTime{}));
}

}  // namespace
}  // namespace sallyport::http
