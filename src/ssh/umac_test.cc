#include "ssh/umac.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace sallyport::ssh {
namespace {

constexpr std::string_view kKey = "abcdefghijklmnop";
constexpr std::uint64_t kNonce = 0x6263646566676869;  // "bcdefghi"

std::string hex(ByteView bytes) {
  std::string out;
  for (const std::uint8_t byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02X", byte);
    out += two;
  }
  return out;
}

// In pieces of `piece` bytes.
std::string tag_of(const std::string& message, std::size_t size,
                   std::size_t piece = ~std::size_t{0}, std::uint64_t nonce = kNonce) {
  Umac umac;
  EXPECT_TRUE(umac.init(as_bytes(kKey), size));
  umac.begin();
  for (std::size_t at = 0; at < message.size(); at += std::min(piece, message.size() - at)) {
    const std::string part = message.substr(at, piece);
    umac.update(as_bytes(part).data(), part.size());
  }
  Bytes tag(size);
  EXPECT_TRUE(umac.finish(nonce, tag.data()));
  return hex(tag);
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Vector {
  const char* text;
  std::size_t times;
  const char* umac64;
  const char* umac96;
};
// RFC 4418, appendix; the vector of 2^25 bytes is beyond what is offered.
constexpr Vector kVectors[] = {
    {"", 0, "6E155FAD26900BE1", "32FEDB100C79AD58F07FF764"},
    {"a", 3, "44B5CB542F220104", "185E4FE905CBA7BD85E4C2DC"},
    {"a", 1 << 10, "26BF2F5D60118BD9", "7A54ABE04AF82D60FB298C3C"},
    {"a", 1 << 15, "27F8EF643B0D118D", "7B136BD911E4B734286EF2BE"},
    {"a", 1 << 20, "A4477E87E9F55853", "F8ACFA3AC31CFEEA047F7B11"},
    {"abc", 1, "D4D7B9F6BD4FBFCF", "883C3D4B97A61976FFCF2323"},
    {"abc", 500, "D4CF26DDEFD5C01A", "8824A260C53C66A36C9260A6"},
};

TEST(Umac, MatchesThePublishedVectorsOf64Bits) {
  for (const Vector& v : kVectors)
    EXPECT_EQ(tag_of(repeated(v.text, v.times), 8), v.umac64) << v.text << " x " << v.times;
}

// The three streams of a tag of 96 bits are the first three of one of 128.
TEST(Umac, TagsOf128BitsBeginWithThePublishedOnesOf96) {
  for (const Vector& v : kVectors) {
    const std::string tag = tag_of(repeated(v.text, v.times), 16);
    EXPECT_EQ(tag.substr(0, 24), v.umac96) << v.text << " x " << v.times;
    EXPECT_EQ(tag.size(), 32u);
  }
}

TEST(Umac, PiecesMakeNoDifference) {
  const std::string message = repeated("0123456789", 333);
  for (const std::size_t piece : {1, 4, 31, 1024, 1025, 2048})
    EXPECT_EQ(tag_of(message, 16, piece), tag_of(message, 16)) << piece;
}

TEST(Umac, EveryNonceHasItsOwnTagAndSoHasEveryLength) {
  EXPECT_NE(tag_of("abc", 8, 99, 0), tag_of("abc", 8, 99, 1));
  EXPECT_NE(tag_of("abc", 8, 99, 2), tag_of("abc", 8, 99, 1));
  EXPECT_NE(tag_of("abc", 16, 99, 2), tag_of("abc", 16, 99, 3));
  EXPECT_NE(tag_of(std::string(31, 'x'), 16), tag_of(std::string(31, 'x') + '\0', 16));
}

TEST(Umac, IsReadyForTheNextMessage) {
  Umac umac;
  ASSERT_TRUE(umac.init(as_bytes(kKey), 8));
  Bytes first(8), second(8);
  for (Bytes* tag : {&first, &second}) {
    umac.begin();
    const std::string text = repeated("a", 3000);
    umac.update(as_bytes(text).data(), text.size());
    ASSERT_TRUE(umac.finish(7, tag->data()));
  }
  EXPECT_EQ(first, second);
}

}  // namespace
}  // namespace sallyport::ssh
