#include "codec/crc.h"

#include <array>
#include <cstring>

#ifdef __x86_64__
#include <nmmintrin.h>
#endif

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

constexpr std::uint32_t kCrc32Polynomial = 0xedb88320u;
constexpr std::uint32_t kCrc32cPolynomial = 0x82f63b78u;
constexpr std::uint64_t kCrc64NvmePolynomial = 0x9a6c9329ac4bc9b5u;
constexpr auto kCrc32 = make_tables(kCrc32Polynomial);
constexpr auto kCrc32c = make_tables(kCrc32cPolynomial);
constexpr auto kCrc64Nvme = make_tables(kCrc64NvmePolynomial);

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

#ifdef __x86_64__
// SSE 4.2 has an instruction for this polynomial.
__attribute__((target("sse4.2"))) std::uint32_t advance_by_hardware(std::uint32_t state,
                                                                    ByteView data) {
  const std::uint8_t* p = data.data();
  std::size_t n = data.size();
  std::uint64_t wide = state;
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t block;
    std::memcpy(&block, p, 8);
    wide = _mm_crc32_u64(wide, block);
  }
  state = static_cast<std::uint32_t>(wide);
  for (; n != 0; --n, ++p) state = _mm_crc32_u8(state, *p);
  return state;
}
#endif

// a times b modulo the polynomial; bits reflected, so the highest stands for 1.
template <class Word>
Word multiply(Word polynomial, Word a, Word b) {
  Word product = 0;
  for (; a != 0; a <<= 1) {
    if (a >> (8 * sizeof(Word) - 1) != 0) product ^= b;
    b = (b >> 1) ^ ((b & 1) != 0 ? polynomial : 0);
  }
  return product;
}

// What follows shifts the first value by as many zero bytes: times x^(8 * size).
template <class Word>
Word shift_and_add(Word polynomial, Word first, Word second, std::uint64_t size) {
  constexpr Word kOne = Word{1} << (8 * sizeof(Word) - 1);
  Word power = kOne >> 8;
  for (; size != 0; size >>= 1) {
    if ((size & 1) != 0) first = multiply(polynomial, power, first);
    power = multiply(polynomial, power, power);
  }
  return first ^ second;
}

}  // namespace

std::uint32_t Crc32::combine(std::uint32_t first, std::uint32_t second, std::uint64_t size) {
  return shift_and_add(kCrc32Polynomial, first, second, size);
}
std::uint32_t Crc32c::combine(std::uint32_t first, std::uint32_t second, std::uint64_t size) {
  return shift_and_add(kCrc32cPolynomial, first, second, size);
}
std::uint64_t Crc64Nvme::combine(std::uint64_t first, std::uint64_t second, std::uint64_t size) {
  return shift_and_add(kCrc64NvmePolynomial, first, second, size);
}

void Crc32::update(ByteView data) {
  state_ = advance(kCrc32, state_, data);
}
void Crc32c::update(ByteView data) {
#ifdef __x86_64__
  if (__builtin_cpu_supports("sse4.2")) {
    state_ = advance_by_hardware(state_, data);
    return;
  }
#endif
  state_ = advance(kCrc32c, state_, data);
}
void Crc64Nvme::update(ByteView data) {
  state_ = advance(kCrc64Nvme, state_, data);
}

}  // namespace sallyport::codec
