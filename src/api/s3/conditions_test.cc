#include "api/s3/conditions.h"

#include <gtest/gtest.h>

namespace sallyport::api {
namespace {

std::string range(std::string_view value, std::uint64_t size) {
  const auto read = read_range_header(value, size);
  if (!read.ok()) return read.error().reason;
  if (!*read) return "all";
  return std::to_string((*read)->first) + "-" + std::to_string((*read)->last);
}

TEST(RangeHeader, IsReadAsRfc9110Says) {
  EXPECT_EQ(range("bytes=0-9", 100), "0-9");
  EXPECT_EQ(range("bytes=10-", 100), "10-99");
  EXPECT_EQ(range("bytes=-10", 100), "90-99");
  EXPECT_EQ(range("bytes=-1000", 100), "0-99");
  EXPECT_EQ(range("bytes=90-1000", 100), "90-99");
  EXPECT_EQ(range("bytes=99-99", 100), "99-99");
}

TEST(RangeHeader, IsIgnoredWhenItIsNotOneRangeOfBytes) {
  for (const char* value :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=0-1,3-4", "items=0-1", "bytes=5-2",
        "bytes=0x1-2", "bytes=--5", "bytes=99999999999999999999-"})
    EXPECT_EQ(range(value, 100), "all") << value;
}

TEST(RangeHeader, IsRefusedPastTheEnd) {
  EXPECT_EQ(range("bytes=100-", 100), "InvalidRange");
  EXPECT_EQ(range("bytes=0-0", 0), "InvalidRange");
  EXPECT_EQ(range("bytes=-0", 100), "InvalidRange");
  EXPECT_EQ(range("bytes=-5", 0), "InvalidRange");
}

TEST(HttpDate, IsParsed) {
  const auto time = parse_http_date("Fri, 02 Jan 2026 03:04:05 GMT");
  ASSERT_TRUE(time.has_value());
  EXPECT_EQ(to_unix_ms(*time), 1'767'323'045'000);
  EXPECT_EQ(to_http_date(*time), "Fri, 02 Jan 2026 03:04:05 GMT");
  for (const char* text :
       {"", "Fri, 02 Jan 2026 03:04:05 CET", "Fri, 32 Jan 2026 03:04:05 GMT",
        "Fri, 02 anF 2026 03:04:05 GMT", "Fri, 02 Jan 2026 25:04:05 GMT", "2026-01-02T03:04:05Z"})
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
}

std::string check(std::initializer_list<http::Headers::Field> fields) {
  storage::ObjectInfo object;
  object.etag = "abc-1";
  object.modified = from_unix_ms(1'767'323'045'678);
  http::Headers headers;
  for (const auto& field : fields) headers.add(field.name, field.value);
  const auto checked = check_preconditions(headers, object);
  if (!checked.ok()) return checked.error().reason;
  return *checked == Precondition::kProceed ? "proceed" : "not modified";
}

TEST(Preconditions, CompareEntityTags) {
  EXPECT_EQ(check({}), "proceed");
  EXPECT_EQ(check({{"If-Match", "\"abc-1\""}}), "proceed");
  EXPECT_EQ(check({{"If-Match", "\"x\", \"abc-1\""}}), "proceed");
  EXPECT_EQ(check({{"If-Match", "*"}}), "proceed");
  EXPECT_EQ(check({{"If-Match", "\"x\""}}), "PreconditionFailed");
  EXPECT_EQ(check({{"If-None-Match", "\"abc-1\""}}), "not modified");
  EXPECT_EQ(check({{"If-None-Match", "W/\"abc-1\""}}), "not modified");
  EXPECT_EQ(check({{"If-None-Match", "\"x\""}}), "proceed");
}

TEST(Preconditions, CompareWholeSeconds) {
  constexpr std::string_view kSame = "Fri, 02 Jan 2026 03:04:05 GMT";
  constexpr std::string_view kBefore = "Fri, 02 Jan 2026 03:04:04 GMT";
  EXPECT_EQ(check({{"If-Modified-Since", kSame}}), "not modified");
  EXPECT_EQ(check({{"If-Modified-Since", kBefore}}), "proceed");
  EXPECT_EQ(check({{"If-Unmodified-Since", kSame}}), "proceed");
  EXPECT_EQ(check({{"If-Unmodified-Since", kBefore}}), "PreconditionFailed");
  EXPECT_EQ(check({{"If-Modified-Since", "nonsense"}}), "proceed");
  EXPECT_EQ(check({{"If-Match", "\"abc-1\""}, {"If-Unmodified-Since", kBefore}}), "proceed");
  EXPECT_EQ(check({{"If-None-Match", "\"x\""}, {"If-Modified-Since", kSame}}), "proceed");
}

}  // namespace
}  // namespace sallyport::api
