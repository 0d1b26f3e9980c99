#include "codec/crc.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::codec {
namespace {

template <class Crc>
auto crc_of(std::string_view text, std::size_t piece = 1000) {
  Crc crc;
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size())))
    crc.update(as_bytes(text.substr(0, piece)));
  return crc.value();
}

// The check values of the CRC catalogue: CRC-32/ISO-HDLC, CRC-32/ISCSI, CRC-64/NVME of "123456789".
TEST(Crc, GivesTheCheckValues) {
  for (const std::size_t piece : {1u, 2u, 8u, 9u}) {
    EXPECT_EQ(crc_of<Crc32>("123456789", piece), 0xcbf43926u);
    EXPECT_EQ(crc_of<Crc32c>("123456789", piece), 0xe3069283u);
    EXPECT_EQ(crc_of<Crc64Nvme>("123456789", piece), 0xae8b14860a799888u);
  }
}

// RFC 3720 section B.4.
TEST(Crc32c, GivesTheValuesOfTheRfc) {
  EXPECT_EQ(crc_of<Crc32c>(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc_of<Crc32c>(std::string(32, '\xff')), 0x62a8ab43u);
}

// Iterates bit by bit, as the definition does.
std::uint32_t slow_crc32c(std::string_view text) {
  std::uint32_t state = 0xffffffffu;
  for (const char c : text) {
    state ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) state = (state >> 1) ^ ((state & 1) != 0 ? 0x82f63b78u : 0);
  }
  return ~state;
}

TEST(Crc32c, IsTheSameFromAnyAddressAndOfAnyLength) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * i * 7 + i);
  for (std::size_t from = 0; from < 9; ++from)
    for (std::size_t n = 0; n <= 80; ++n) {
      const auto piece = std::string_view(text).substr(from, n);
      EXPECT_EQ(crc_of<Crc32c>(piece), slow_crc32c(piece));
      EXPECT_EQ(crc_of<Crc32c>(piece, 5), slow_crc32c(piece));
    }
}

TEST(Crc, OfNothingIsZero) {
  EXPECT_EQ(Crc32().value(), 0u);
  EXPECT_EQ(Crc32c().value(), 0u);
  EXPECT_EQ(Crc64Nvme().value(), 0u);
}

template <class Crc>
void expect_pieces_combine() {
  const std::string text = "The quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    const auto first = crc_of<Crc>(std::string_view(text).substr(0, cut));
    const auto second = crc_of<Crc>(std::string_view(text).substr(cut));
    EXPECT_EQ(Crc::combine(first, second, text.size() - cut), crc_of<Crc>(text)) << cut;
  }
  const std::string large(5'000'001, 'x');
  EXPECT_EQ(Crc::combine(crc_of<Crc>(text, 7), crc_of<Crc>(large, large.size()), large.size()),
            crc_of<Crc>(text + large, 1 << 20));
}

TEST(Crc, OfPiecesCombinesToThatOfTheWhole) {
  expect_pieces_combine<Crc32>();
  expect_pieces_combine<Crc32c>();
  expect_pieces_combine<Crc64Nvme>();
}

TEST(Crc, OfPiecesInTheWrongOrderOrLengthDiffers) {
  const auto a = crc_of<Crc32>("12345"), b = crc_of<Crc32>("6789");
  EXPECT_NE(Crc32::combine(b, a, 5), crc_of<Crc32>("123456789"));
  EXPECT_NE(Crc32::combine(a, b, 5), crc_of<Crc32>("123456789"));
}

}  // namespace
}  // namespace sallyport::codec
