#include "s3/timestamp.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

TEST(TimestampTest, reads_what_stores_write) {
  EXPECT_EQ(parse_timestamp("2026-11-21T20:35:44Z"), from_unix_ms(1795293344000));
  EXPECT_EQ(parse_timestamp("2026-11-21T20:35:44.029243993Z"), from_unix_ms(1795293344029));
  EXPECT_EQ(parse_timestamp("2026-11-21T20:35:44.5Z"), from_unix_ms(1795293344500));
  EXPECT_EQ(parse_timestamp("2026-11-21T21:35:44+01:00"), from_unix_ms(1795293344000));
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.000Z"), from_unix_ms(0));
  EXPECT_EQ(parse_timestamp("9999-12-31T23:59:59Z"), from_unix_ms(253402300799000));
}

TEST(TimestampTest, refuses_what_is_no_time) {
  for (const char* text :
       {"", "never", "2026-11-21", "2026-11-21T20:35:44", "2026-13-21T20:35:44Z",
        "2026-02-30T20:35:44Z", "2026-11-21T24:35:44Z", "2026-11-21T20:60:44Z",
        "2026-11-21T20:35:44.Z", "2026-11-21T20:35:44Zx", "2026-11-21T20:35:44+25:00",
        "-026-11-21T20:35:44Z", "99999-11-21T20:35:44Z", "2026-11-21T20:35:44+0100"})
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  EXPECT_EQ(parse_timestamp("2026-11-21T20:35:44." + std::string(100, '1') + "Z"), std::nullopt);
}

}  // namespace
}  // namespace sallyport::s3
