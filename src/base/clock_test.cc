#include "base/clock.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

// RFC 9110 section 5.6.7 and the same moment in the other forms.
TEST(Clock, PrintsTheFormsThatProtocolsWant) {
  const WallTime t = from_unix_ms(784111777045);
  EXPECT_EQ(to_http_date(t), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_iso8601_ms(t), "1994-11-06T08:49:37.045Z");
  EXPECT_EQ(to_iso8601_basic(t), "19941106T084937Z");
}

TEST(Clock, PrintsLeapDaysAndTheEpoch) {
  EXPECT_EQ(to_iso8601_ms(from_unix_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601_basic(from_unix_ms(1709251199000)), "20240229T235959Z");
}

TEST(ManualClock, MovesOnlyWhenTold) {
  ManualClock clock(from_unix_ms(1000));
  const SteadyTime before = clock.steady();
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(to_unix_ms(clock.wall()), 3000);
  EXPECT_EQ(clock.steady() - before, std::chrono::seconds(2));
}

}  // namespace
}  // namespace sallyport
