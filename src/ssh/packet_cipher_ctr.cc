// AES in counter mode (RFC 4344) with a MAC of its own (ssh/packet_mac.h), over the plaintext as
// RFC 4253 has it, or over the ciphertext with the length in the clear (OpenSSH PROTOCOL
// section 1.5, "-etm").
#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "crypto/openssl_ptr.h"
#include "ssh/packet_cipher.h"
#include "ssh/packet_mac.h"

namespace sallyport::ssh::internal {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kAfterLength = kBlock - 4;

struct CtrState {
  crypto::EvpCipherCtxPtr cipher;
  PacketMac mac;

  bool init(const CipherSpec& spec, const MacSpec& mac_spec, const DirectionKeys& keys) {
    crypto::EvpCipherPtr evp(EVP_CIPHER_fetch(nullptr, spec.openssl_name, nullptr));
    cipher.reset(EVP_CIPHER_CTX_new());
    // Counter mode is its own inverse.
    return evp && cipher &&
           EVP_CipherInit_ex2(cipher.get(), evp.get(), keys.key.data(), keys.iv.data(), 1,
                              nullptr) == 1 &&
           mac.init(mac_spec, keys.mac_key);
  }
  bool crypt(std::uint8_t* out, const std::uint8_t* in, std::size_t n) {
    int done = 0;
    return EVP_CipherUpdate(cipher.get(), out, &done, in, static_cast<int>(n)) == 1;
  }
};

PacketShape shape_of(const MacSpec& mac) {
  return {kBlock, mac.size, !mac.encrypt_then_mac, mac.encrypt_then_mac ? 4 : kBlock};
}

class CtrSealer final : public PacketSealer {
 public:
  bool init(const CipherSpec& cipher, const MacSpec& mac, const DirectionKeys& keys) {
    shape_ = shape_of(mac);
    encrypt_then_mac_ = mac.encrypt_then_mac;
    return state_.init(cipher, mac, keys);
  }

  bool seal(std::uint32_t sequence, std::uint8_t* packet, std::size_t length) override {
    std::uint8_t* tag = packet + 4 + length;
    if (!encrypt_then_mac_) {
      return state_.mac.begin(sequence) && state_.mac.update(packet, 4 + length) &&
             state_.mac.finish(tag) && state_.crypt(packet, packet, 4 + length);
    }
    return state_.crypt(packet + 4, packet + 4, length) && state_.mac.begin(sequence) &&
           state_.mac.update(packet, 4 + length) && state_.mac.finish(tag);
  }

 private:
  CtrState state_;
  bool encrypt_then_mac_ = false;
};

class CtrEtmOpener final : public PacketOpener {
 public:
  bool init(const CipherSpec& cipher, const MacSpec& mac, const DirectionKeys& keys) {
    shape_ = shape_of(mac);
    return state_.init(cipher, mac, keys);
  }
  std::uint32_t length(std::uint32_t, const std::uint8_t* in) override { return load_be32(in); }
  bool open(std::uint32_t sequence, const std::uint8_t* in, std::uint32_t length,
            std::uint8_t* out) override {
    return state_.mac.begin(sequence) && state_.mac.update(in, 4 + length) &&
           state_.mac.finish_equals(in + 4 + length) && state_.crypt(out, in + 4, length);
  }

 private:
  CtrState state_;
};

// The length is encrypted: the first block is opened early and kept.
class CtrOpener final : public PacketOpener {
 public:
  bool init(const CipherSpec& cipher, const MacSpec& mac, const DirectionKeys& keys) {
    shape_ = shape_of(mac);
    return state_.init(cipher, mac, keys);
  }
  std::uint32_t length(std::uint32_t, const std::uint8_t* in) override {
    first_ok_ = state_.crypt(first_.data(), in, kBlock);
    return load_be32(first_.data());
  }
  bool open(std::uint32_t sequence, const std::uint8_t* in, std::uint32_t length,
            std::uint8_t* out) override {
    if (!first_ok_ || length < kAfterLength) return false;
    const std::size_t rest = length - kAfterLength;
    std::memcpy(out, first_.data() + 4, kAfterLength);
    return state_.crypt(out + kAfterLength, in + kBlock, rest) && state_.mac.begin(sequence) &&
           state_.mac.update(first_.data(), 4) && state_.mac.update(out, length) &&
           state_.mac.finish_equals(in + 4 + length);
  }

 private:
  CtrState state_;
  std::array<std::uint8_t, kBlock> first_{};
  bool first_ok_ = false;
};

template <class T, class Interface>
Made<Interface> make(const CipherSpec& cipher, const MacSpec& mac, const DirectionKeys& keys) {
  auto made = std::make_unique<T>();
  if (!made->init(cipher, mac, keys)) return crypto::openssl_error("cannot set up AES-CTR");
  return std::unique_ptr<Interface>(std::move(made));
}

}  // namespace

Made<PacketSealer> make_ctr_sealer(const CipherSpec& cipher, const MacSpec& mac,
                                   const DirectionKeys& keys) {
  return make<CtrSealer, PacketSealer>(cipher, mac, keys);
}
Made<PacketOpener> make_ctr_opener(const CipherSpec& cipher, const MacSpec& mac,
                                   const DirectionKeys& keys) {
  if (mac.encrypt_then_mac) return make<CtrEtmOpener, PacketOpener>(cipher, mac, keys);
  return make<CtrOpener, PacketOpener>(cipher, mac, keys);
}

}  // namespace sallyport::ssh::internal
