#include "ssh/umac.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>

#include "base/secret.h"

namespace sallyport::ssh {
namespace {

constexpr std::size_t kAes = 16;
constexpr std::uint64_t kPrime36 = 0x0000000fffffffffull - 4;  // 2^36 - 5
constexpr std::uint64_t kPrime64 = ~0ull - 58;                 // 2^64 - 59
constexpr std::uint64_t kOffset64 = 59;
constexpr std::uint64_t kPolyMask = 0x01ffffff01ffffffull;
// Words from here on are outside of what one step of the polynomial takes (RFC 4418, 5.3.2).
constexpr std::uint64_t kMaxWord = 0xffffffff00000000ull;

std::uint32_t load_le32(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
         static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24;
}

// 2^64 is 59 modulo the prime: what is above comes back as 59 times itself, twice at most.
std::uint64_t mod_p64(unsigned __int128 x) {
  for (int i = 0; i < 2; ++i) x = (x >> 64) * kOffset64 + static_cast<std::uint64_t>(x);
  return static_cast<std::uint64_t>(x >= kPrime64 ? x - kPrime64 : x);
}

// One step of POLY with word size 64.
std::uint64_t poly_step(std::uint64_t key, std::uint64_t y, std::uint64_t word) {
  if (word >= kMaxWord) {
    y = mod_p64(static_cast<unsigned __int128>(key) * y + (kPrime64 - 1));
    word -= kOffset64;
  }
  return mod_p64(static_cast<unsigned __int128>(key) * y + word);
}

crypto::EvpCipherCtxPtr aes_ecb(const std::uint8_t* key) {
  crypto::EvpCipherPtr cipher(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr));
  crypto::EvpCipherCtxPtr context(EVP_CIPHER_CTX_new());
  if (!cipher || !context ||
      EVP_EncryptInit_ex2(context.get(), cipher.get(), key, nullptr, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1)
    return nullptr;
  return context;
}

bool encipher(EVP_CIPHER_CTX* context, const std::uint8_t* in, std::uint8_t* out) {
  int done = 0;
  return EVP_EncryptUpdate(context, out, &done, in, kAes) == 1 && done == static_cast<int>(kAes);
}

}  // namespace

Umac::~Umac() {
  wipe(stream_.data(), sizeof stream_);
  wipe(held_.data(), held_.size());
}

// KDF: the cipher in counter mode over (index, i), both 64 bits.
bool Umac::derive(std::uint8_t index, std::uint8_t* out, std::size_t n) {
  std::array<std::uint8_t, kAes> in{}, block{};
  in[7] = index;
  for (std::uint32_t i = 1; n > 0; ++i) {
    store_be32(in.data() + 12, i);
    if (!encipher(kdf_.get(), in.data(), block.data())) return false;
    const std::size_t part = std::min(n, block.size());
    std::copy_n(block.data(), part, out);
    out += part;
    n -= part;
  }
  return true;
}

bool Umac::init(ByteView key, std::size_t tag_size) {
  streams_ = tag_size / 4;
  kdf_ = aes_ecb(key.data());
  std::array<std::uint8_t, kAes> pad_key{};
  if (!kdf_ || !derive(0, pad_key.data(), pad_key.size())) return false;
  pdf_ = aes_ecb(pad_key.data());
  wipe(pad_key.data(), pad_key.size());
  return pdf_ != nullptr && set_streams();
}

// RFC 4418, 5.1: the streams' first keys overlap, the others lie side by side.
bool Umac::set_streams() {
  std::array<std::uint8_t, kBlock + (kMaxStreams - 1) * 16> nh{};
  std::array<std::uint8_t, kMaxStreams * 24> poly{};
  std::array<std::uint8_t, kMaxStreams * 64> inner{};
  std::array<std::uint8_t, kMaxStreams * 4> last{};
  const bool good = derive(1, nh.data(), kBlock + (streams_ - 1) * 16) &&
                    derive(2, poly.data(), streams_ * 24) &&
                    derive(3, inner.data(), streams_ * 64) && derive(4, last.data(), streams_ * 4);
  for (std::size_t i = 0; i < streams_; ++i) {
    Stream& s = stream_[i];
    for (std::size_t w = 0; w < s.nh_key.size(); ++w)
      s.nh_key[w] = load_be32(nh.data() + i * 16 + w * 4);
    s.poly_key = load_be64(poly.data() + i * 24) & kPolyMask;
    for (std::size_t w = 0; w < s.inner_key.size(); ++w)
      s.inner_key[w] = load_be64(inner.data() + i * 64 + w * 8) % kPrime36;
    s.final_key = load_be32(last.data() + i * 4);
  }
  wipe(nh.data(), nh.size());
  wipe(poly.data(), poly.size());
  wipe(inner.data(), inner.size());
  wipe(last.data(), last.size());
  return good;
}

void Umac::begin() {
  held_size_ = 0;
  blocks_ = 0;
  for (Stream& s : stream_) s.poly = 1;
}

// NH of `n` bytes (a multiple of 32), of which `length` count; then a step of the polynomial.
void Umac::block(const std::uint8_t* data, std::size_t n, std::size_t length) {
  std::array<std::uint32_t, kBlock / 4> words;
  const std::size_t count = n / 4;
  for (std::size_t i = 0; i < count; ++i) words[i] = load_le32(data + i * 4);
  for (std::size_t k = 0; k < streams_; ++k) {
    Stream& s = stream_[k];
    std::uint64_t sum = static_cast<std::uint64_t>(length) * 8;
    for (std::size_t i = 0; i < count; i += 8) {
      for (std::size_t j = i; j < i + 4; ++j) {
        const std::uint32_t a = words[j] + s.nh_key[j], b = words[j + 4] + s.nh_key[j + 4];
        sum += static_cast<std::uint64_t>(a) * b;
      }
    }
    if (blocks_ == 0) s.first = sum;
    s.poly = poly_step(s.poly_key, s.poly, sum);
  }
  ++blocks_;
}

void Umac::update(const std::uint8_t* data, std::size_t n) {
  // The last block is kept back: finish() needs to know that it is the last.
  while (n > 0) {
    if (held_size_ == kBlock) {
      block(held_.data(), kBlock, kBlock);
      held_size_ = 0;
    }
    if (held_size_ == 0) {
      while (n > kBlock) {
        block(data, kBlock, kBlock);
        data += kBlock;
        n -= kBlock;
      }
    }
    const std::size_t part = std::min(n, kBlock - held_size_);
    std::memcpy(held_.data() + held_size_, data, part);
    held_size_ += part;
    data += part;
    n -= part;
  }
}

bool Umac::finish(std::uint64_t nonce, std::uint8_t* out) {
  const std::size_t padded = std::max<std::size_t>((held_size_ + 31) / 32 * 32, 32);
  std::fill(held_.begin() + static_cast<std::ptrdiff_t>(held_size_),
            held_.begin() + static_cast<std::ptrdiff_t>(padded), std::uint8_t{0});
  block(held_.data(), padded, held_size_);

  // Two tags of 8 bytes come from one block of the pad; the nonce's last bit says which.
  const std::size_t size = streams_ * 4;
  const std::size_t which = size == 8 ? nonce & 1 : 0;
  std::array<std::uint8_t, kAes> in{}, pad{};
  const std::uint64_t counter = nonce - which;
  store_be32(in.data(), static_cast<std::uint32_t>(counter >> 32));
  store_be32(in.data() + 4, static_cast<std::uint32_t>(counter));
  if (!encipher(pdf_.get(), in.data(), pad.data())) return false;

  for (std::size_t k = 0; k < streams_; ++k) {
    const Stream& s = stream_[k];
    // A message of one block skips the second layer.
    const std::uint64_t hashed = blocks_ == 1 ? s.first : s.poly;
    std::uint64_t y = 0;
    // The upper four of the eight 16-bit words are always zero here.
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint64_t word = hashed >> (48 - 16 * i) & 0xffff;
      y = (y + word * s.inner_key[i + 4]) % kPrime36;
    }
    const std::uint32_t tag = static_cast<std::uint32_t>(y) ^ s.final_key;
    store_be32(out + k * 4, tag ^ load_be32(pad.data() + which * 8 + k * 4));
  }
  return true;
}

}  // namespace sallyport::ssh
