#include "codec/percent_encoding.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::codec {
namespace {

TEST(PercentEncoding, KeepsExactlyTheUnreservedCharacters) {
  const std::string unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (int i = 0; i < 256; ++i) {
    const std::string one(1, static_cast<char>(i));
    const bool kept = unreserved.find(one) != std::string::npos;
    EXPECT_EQ(percent_encode(one) == one, kept) << i;
    EXPECT_EQ(percent_encode(one).size(), kept ? 1u : 3u) << i;
  }
}

// The path and query of the published SigV4 test suite's cases get-utf8, get-space and
// get-vanilla-query-unreserved.
TEST(PercentEncoding, EncodesAsTheSignatureVersion4SuiteDoes) {
  EXPECT_EQ(percent_encode_path("/\xe1\x88\xb4"), "/%E1%88%B4");
  EXPECT_EQ(percent_encode_path("/example space/"), "/example%20space/");
  EXPECT_EQ(percent_encode("-._~0123456789"), "-._~0123456789");
}

TEST(PercentEncoding, EncodesSlashOnlyOutsidePaths) {
  EXPECT_EQ(percent_encode("a/b c+d"), "a%2Fb%20c%2Bd");
  EXPECT_EQ(percent_encode_path("a/b c+d"), "a/b%20c%2Bd");
}

TEST(PercentEncoding, RoundTripsEveryByte) {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  for (const std::string& text : {percent_encode(all), percent_encode_path(all)}) {
    const auto decoded = percent_decode(text);
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, all);
  }
}

TEST(PercentEncoding, DecodesBothCasesOfDigits) {
  EXPECT_EQ(*percent_decode("%2f%2F%c3%A9"), "//\xc3\xa9");
}

TEST(PercentEncoding, PlusIsASpaceOnlyInForms) {
  EXPECT_EQ(*percent_decode("a+b"), "a+b");
  EXPECT_EQ(*form_decode("a+b%2Bc"), "a b+c");
}

TEST(PercentEncoding, RefusesBrokenEscapes) {
  for (const char* text : {"%", "%4", "a%", "a%4", "%zz", "%4g", "%%41", "% 1", "%-1", "%+1"}) {
    EXPECT_EQ(percent_decode(text).error().code, Errc::kInvalidArgument) << text;
    EXPECT_FALSE(form_decode(text).ok()) << text;
  }
}

}  // namespace
}  // namespace sallyport::codec
