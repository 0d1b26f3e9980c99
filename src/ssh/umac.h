// UMAC (RFC 4418, errata 3507 applied to its vectors), with tags of 8 or 16 bytes over AES-128.
//
// The polynomial hash of the second layer is written for messages of at most 16 MiB, which every
// SSH packet is. Thread-safety: none.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::ssh {

class Umac {
 public:
  static constexpr std::size_t kKeySize = 16;
  static constexpr std::size_t kNonceSize = 8;
  static constexpr std::size_t kMaxMessage = std::size_t{1} << 24;

  Umac() = default;
  Umac(Umac&&) = default;
  Umac& operator=(Umac&&) = default;
  ~Umac();

  // REQUIRES: key.size() == kKeySize and tag_size is 8 or 16. False when OpenSSL lacks AES.
  bool init(ByteView key, std::size_t tag_size);

  // A message of at most kMaxMessage bytes, in pieces.
  void begin();
  void update(const std::uint8_t* data, std::size_t n);
  // Writes tag_size bytes.
  bool finish(std::uint64_t nonce, std::uint8_t* out);

 private:
  static constexpr std::size_t kBlock = 1024;
  static constexpr std::size_t kMaxStreams = 4;

  struct Stream {
    std::array<std::uint32_t, kBlock / 4> nh_key;
    std::uint64_t poly_key;
    std::array<std::uint64_t, 8> inner_key;
    std::uint32_t final_key;
    // What has been hashed of this message.
    std::uint64_t poly;
    std::uint64_t first;  // NH of the first block
  };

  bool derive(std::uint8_t index, std::uint8_t* out, std::size_t n);
  bool set_streams();
  void block(const std::uint8_t* data, std::size_t n, std::size_t length);

  crypto::EvpCipherCtxPtr kdf_, pdf_;
  std::size_t streams_ = 0;
  std::array<Stream, kMaxStreams> stream_{};
  std::array<std::uint8_t, kBlock> held_{};
  std::size_t held_size_ = 0;
  std::size_t blocks_ = 0;
};

}  // namespace sallyport::ssh
