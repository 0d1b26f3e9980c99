// Sealing and opening of binary packets (RFC 4253 section 6) under each cipher and MAC.
//
// A packet is: uint32 length, then `length` bytes (padding length, payload, padding), then a tag.
// One object serves one direction under one set of keys; it wipes its keys when it ends.
// Thread-safety: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "ssh/algorithms.h"

namespace sallyport::ssh {

// The largest tag of any MAC, and the largest number of padding bytes pad_size() asks for.
inline constexpr std::size_t kMaxTag = 64;
inline constexpr std::size_t kMaxPad = 19;

// How a direction's packets are laid out.
struct PacketShape {
  // The padded part is a multiple of this.
  std::size_t block = 8;
  std::size_t tag = 0;
  // Whether the length field counts as a part of it (not where it is sent in the clear or apart).
  bool pads_length = true;
  // Bytes that must be there before the length can be known.
  std::size_t prefix = 4;

  // The least padding for a payload of `payload` bytes.
  std::size_t pad_size(std::size_t payload) const {
    const std::size_t head = (pads_length ? 5 : 1) + payload;
    const std::size_t pad = block - head % block;
    return pad < 4 ? pad + block : pad;
  }
};

class PacketSealer {
 public:
  virtual ~PacketSealer() = default;
  const PacketShape& shape() const { return shape_; }
  // `packet` begins with the length field, which says `length`; everything but the tag is there in
  // the clear, and becomes ciphertext in place. False only when OpenSSL fails.
  virtual bool seal(std::uint32_t sequence, std::uint8_t* packet, std::size_t length) = 0;

 protected:
  PacketShape shape_;
};

class PacketOpener {
 public:
  virtual ~PacketOpener() = default;
  const PacketShape& shape() const { return shape_; }
  // The length field of the packet at `in`, of which shape().prefix bytes are there. Untrusted
  // until open() succeeds. To be called once a packet, before open().
  virtual std::uint32_t length(std::uint32_t sequence, const std::uint8_t* in) = 0;
  // Verifies and decrypts the whole packet at `in` (4 + length + tag bytes) to `length` bytes at
  // `out`, which is `in + 4` or does not overlap it. False: forged or damaged; `out` is then
  // garbage.
  virtual bool open(std::uint32_t sequence, const std::uint8_t* in, std::uint32_t length,
                    std::uint8_t* out) = 0;

 protected:
  PacketShape shape_;
};

// What key derivation yields for one direction; sizes as the specs say.
struct DirectionKeys {
  Bytes iv, key, mac_key;

  DirectionKeys() = default;
  DirectionKeys(DirectionKeys&&) = default;
  DirectionKeys& operator=(DirectionKeys&&) = default;
  ~DirectionKeys();
};

// Packets before the first keys: nothing encrypted, no MAC.
std::unique_ptr<PacketSealer> make_plain_sealer();
std::unique_ptr<PacketOpener> make_plain_opener();

// `mac` is null with a cipher that has its own. kInternal when OpenSSL refuses (e.g. a FIPS
// provider without the cipher).
Result<std::unique_ptr<PacketSealer>> make_sealer(const CipherSpec& cipher, const MacSpec* mac,
                                                  const DirectionKeys& keys);
Result<std::unique_ptr<PacketOpener>> make_opener(const CipherSpec& cipher, const MacSpec* mac,
                                                  const DirectionKeys& keys);

namespace internal {
// One pair a mode, each in its own source file.
template <class T>
using Made = Result<std::unique_ptr<T>>;
Made<PacketSealer> make_gcm_sealer(const CipherSpec& cipher, const DirectionKeys& keys);
Made<PacketOpener> make_gcm_opener(const CipherSpec& cipher, const DirectionKeys& keys);
Made<PacketSealer> make_ctr_sealer(const CipherSpec& cipher, const MacSpec& mac,
                                   const DirectionKeys& keys);
Made<PacketOpener> make_ctr_opener(const CipherSpec& cipher, const MacSpec& mac,
                                   const DirectionKeys& keys);
Made<PacketSealer> make_chacha_sealer(const DirectionKeys& keys);
Made<PacketOpener> make_chacha_opener(const DirectionKeys& keys);
}  // namespace internal

}  // namespace sallyport::ssh
