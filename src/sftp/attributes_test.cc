#include "sftp/attributes.h"

#include <gtest/gtest.h>

namespace sallyport::sftp {
namespace {

constexpr std::int64_t kNov21 = 1763696640000;  // 2025-11-21 03:44 UTC

session::FileAttributes file(std::uint64_t size, std::int64_t modified_ms) {
  session::FileAttributes attributes;
  attributes.size = size;
  attributes.modified = from_unix_ms(modified_ms);
  return attributes;
}

TEST(LongName, ShowsTheHourOfWhatIsRecent) {
  EXPECT_EQ(long_name("a.csv", file(121, kNov21), from_unix_ms(kNov21 + 1000)),
            "-rw-r--r--    1 -        -             121 Nov 21 03:44 a.csv");
}

TEST(LongName, ShowsTheYearOfWhatIsOld) {
  EXPECT_EQ(long_name("a", file(5'000'000'000, 0), from_unix_ms(kNov21)),
            "-rw-r--r--    1 -        -        5000000000 Jan  1  1970 a");
}

TEST(LongName, ShowsADirectory) {
  session::FileAttributes attributes = file(0, kNov21);
  attributes.directory = true;
  EXPECT_EQ(long_name("in", attributes, from_unix_ms(kNov21)),
            "drwxr-xr-x    1 -        -               0 Nov 21 03:44 in");
}

TEST(LongName, SurvivesTimesNoCalendarHas) {
  EXPECT_FALSE(long_name("a", file(0, INT64_MIN), from_unix_ms(kNov21)).empty());
  EXPECT_FALSE(long_name("a", file(0, INT64_MAX), from_unix_ms(kNov21)).empty());
}

TEST(WriteAttributes, HasNoOwnerAndClampsTimesTo32Bits) {
  ByteWriter out;
  write_attributes(out, file(1, -5000));
  EXPECT_EQ(to_hex(out.bytes()),
            "0000000d"
            "0000000000000001"
            "000081a4"
            "0000000000000000");
  ByteWriter late;
  write_attributes(late, file(1, 5'000'000'000'000));
  EXPECT_EQ(to_hex(late.bytes()).substr(32), "ffffffffffffffff");
}

session::FileAttributes link_of_ann() {
  session::FileAttributes attributes = file(3, kNov21);
  attributes.mode = 0777;
  attributes.posix = session::PosixAttributes{1001, 1002, 2, 0120000, from_unix_ms(5000)};
  return attributes;
}

TEST(LongName, ShowsWhoOwnsALink) {
  EXPECT_EQ(long_name("l", link_of_ann(), from_unix_ms(kNov21)),
            "lrwxrwxrwx    2 1001     1002            3 Nov 21 03:44 l");
}

TEST(WriteAttributes, HasTheOwnerAndBothTimesOfAFileSystemsFile) {
  ByteWriter out;
  write_attributes(out, link_of_ann());
  EXPECT_EQ(to_hex(out.bytes()).substr(0, 56),
            "0000000f"
            "0000000000000003"
            "000003e9"
            "000003ea"
            "0000a1ff"
            "00000005");
}

}  // namespace
}  // namespace sallyport::sftp
