#include "codec/crc.h"

#include <array>
#include <cstring>

namespace sallyport::codec {
namespace {

// Eight tables, so that eight bytes are taken a step ("slicing by 8").
template <class Word>
using Tables = std::array<std::array<Word, 256>, 8>;

template <class Word>
constexpr Tables<Word> make_tables(Word reflected_polynomial) {
  Tables<Word> t{};
  for (unsigned i = 0; i < 256; ++i) {
    Word v = i;
    for (int bit = 0; bit < 8; ++bit) v = (v >> 1) ^ ((v & 1) != 0 ? reflected_polynomial : 0);
    t[0][i] = v;
  }
  for (unsigned i = 0; i < 256; ++i)
    for (unsigned k = 1; k < 8; ++k) t[k][i] = (t[k - 1][i] >> 8) ^ t[0][t[k - 1][i] & 0xff];
  return t;
}

constexpr auto kCrc32 = make_tables<std::uint32_t>(0xedb88320u);
constexpr auto kCrc32c = make_tables<std::uint32_t>(0x82f63b78u);
constexpr auto kCrc64Nvme = make_tables<std::uint64_t>(0x9a6c9329ac4bc9b5u);

template <class Word>
Word advance(const Tables<Word>& t, Word state, ByteView data) {
  const std::uint8_t* p = data.data();
  std::size_t n = data.size();
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t block;
    std::memcpy(&block, p, 8);
    if constexpr (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) block = __builtin_bswap64(block);
    block ^= state;
    Word next = 0;
    for (unsigned k = 0; k < 8; ++k) next ^= t[7 - k][block >> (8 * k) & 0xff];
    state = next;
  }
  for (; n != 0; --n, ++p) state = (state >> 8) ^ t[0][(state ^ *p) & 0xff];
  return state;
}

}  // namespace

void Crc32::update(ByteView data) {
  state_ = advance(kCrc32, state_, data);
}
void Crc32c::update(ByteView data) {
  state_ = advance(kCrc32c, state_, data);
}
void Crc64Nvme::update(ByteView data) {
  state_ = advance(kCrc64Nvme, state_, data);
}

}  // namespace sallyport::codec
