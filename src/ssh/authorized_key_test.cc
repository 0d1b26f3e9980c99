#include "ssh/authorized_key.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/base64.h"

namespace sallyport::ssh {
namespace {

std::string body_of(std::string_view type) {
  return codec::base64_encode(ByteWriter().string(type).string("rest").take());
}

TEST(AuthorizedKey, SplitsTypeBodyAndComment) {
  const auto key = parse_authorized_key("x-type " + body_of("x-type") + " ann's  old laptop\n");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->type, "x-type");
  EXPECT_EQ(key->blob, ByteWriter().string("x-type").string("rest").take());
  EXPECT_EQ(key->comment, "ann's  old laptop");
}

TEST(AuthorizedKey, NeedsNoComment) {
  const auto key = parse_authorized_key("\tx-type\t " + body_of("x-type"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->comment, "");
}

TEST(AuthorizedKey, KeepsACommentInUtf8) {
  const auto key = parse_authorized_key("x-type " + body_of("x-type") + " \xe9\xb3\xa9");
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->comment, "\xe9\xb3\xa9");
}

TEST(AuthorizedKey, RefusesATypeThatIsNotTheBlobs) {
  EXPECT_FALSE(parse_authorized_key("y-type " + body_of("x-type")).ok());
  EXPECT_FALSE(parse_authorized_key("x-typ " + body_of("x-type")).ok());
  EXPECT_FALSE(parse_authorized_key("x-type AAAA").ok());
}

TEST(AuthorizedKey, RefusesOptionsSecondLinesAndControlCharacters) {
  const std::string good = "x-type " + body_of("x-type");
  ASSERT_TRUE(parse_authorized_key(good).ok());
  EXPECT_FALSE(parse_authorized_key("no-pty " + good).ok());
  EXPECT_FALSE(parse_authorized_key(good + "\n" + good).ok());
  EXPECT_FALSE(parse_authorized_key(good + " a\rb").ok());
  EXPECT_FALSE(parse_authorized_key(good + " a" + std::string(1, '\0')).ok());
  EXPECT_FALSE(parse_authorized_key(good + " a\x7f").ok());
}

TEST(AuthorizedKey, RefusesLinesBeyondItsLimitWithoutReadingThem) {
  const std::string good = "x-type " + body_of("x-type") + " ";
  EXPECT_TRUE(
      parse_authorized_key(good + std::string(kMaxAuthorizedKeySize - good.size(), 'c')).ok());
  EXPECT_FALSE(
      parse_authorized_key(good + std::string(kMaxAuthorizedKeySize - good.size() + 1, 'c')).ok());
}

}  // namespace
}  // namespace sallyport::ssh
