#include "codec/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sallyport::codec {
namespace {

// RFC 4648 section 10.
constexpr std::pair<std::string_view, std::string_view> kRfc4648[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

TEST(Base64, EncodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] : kRfc4648) EXPECT_EQ(base64_encode(as_bytes(plain)), encoded);
}

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  for (const auto& [plain, encoded] : kRfc4648) {
    const auto decoded = base64_decode(encoded);
    ASSERT_TRUE(decoded.ok()) << encoded;
    EXPECT_EQ(as_text(*decoded), plain);
  }
}

TEST(Base64, LeavesPaddingOutWhenAsked) {
  EXPECT_EQ(base64_encode(as_bytes("f"), Base64Padding::kNone), "Zg");
  EXPECT_EQ(base64_encode(as_bytes("fo"), Base64Padding::kNone), "Zm8");
  EXPECT_EQ(base64_encode(as_bytes("foo"), Base64Padding::kNone), "Zm9v");
}

TEST(Base64, RoundTripsEveryByteAtEveryOffset) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<std::uint8_t>(i));
  for (std::size_t skip = 0; skip < 4; ++skip) {
    const ByteView part = ByteView(all).subspan(skip);
    const auto decoded = base64_decode(base64_encode(part));
    ASSERT_TRUE(decoded.ok());
    EXPECT_EQ(*decoded, to_bytes(part));
  }
}

TEST(Base64, RefusesLengthsThatAreNoMultipleOfFour) {
  for (const char* text : {"Z", "Zg", "Zg=", "Zm9vY", "Zm9vYg"})
    EXPECT_EQ(base64_decode(text).error().code, Errc::kInvalidArgument) << text;
}

TEST(Base64, RefusesForeignCharactersAndWhiteSpace) {
  for (const std::string& text :
       {std::string("Zm9\n"), std::string("Zm 9"), std::string("Zm9-"), std::string("Zm9_"),
        std::string("Zm\0v", 4), std::string("Zm9\xff"), std::string("....")})
    EXPECT_FALSE(base64_decode(text).ok()) << text;
}

TEST(Base64, RefusesMisplacedPadding) {
  for (const char* text : {"====", "Z===", "=Zg=", "Zg==Zg==", "Z=g=", "Zm9v===="})
    EXPECT_FALSE(base64_decode(text).ok()) << text;
}

TEST(Base64, RefusesBitsBehindTheEnd) {
  EXPECT_FALSE(base64_decode("Zh==").ok());
  EXPECT_FALSE(base64_decode("Zm9=").ok());
}

}  // namespace
}  // namespace sallyport::codec
