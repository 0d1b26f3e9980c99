// aes128-gcm@openssh.com and aes256-gcm@openssh.com: the length field is associated data, the nonce
// is 4 fixed bytes and a 64-bit counter that runs with the packets (RFC 5647 section 7.1).
#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "crypto/openssl_ptr.h"
#include "ssh/packet_cipher.h"

namespace sallyport::ssh::internal {
namespace {

constexpr std::size_t kGcmTagSize = 16;
constexpr PacketShape kGcmShape{16, kGcmTagSize, false, 4};

class GcmState {
 public:
  bool init(const CipherSpec& cipher, const DirectionKeys& keys, int encrypt) {
    std::memcpy(nonce_.data(), keys.iv.data(), nonce_.size());
    crypto::EvpCipherPtr evp(EVP_CIPHER_fetch(nullptr, cipher.openssl_name, nullptr));
    ctx_.reset(EVP_CIPHER_CTX_new());
    return evp && ctx_ &&
           EVP_CipherInit_ex2(ctx_.get(), evp.get(), keys.key.data(), nonce_.data(), encrypt,
                              nullptr) == 1;
  }

  // Sets this packet's nonce and steps on; the key schedule stays.
  bool begin(const std::uint8_t* length_field) {
    int n = 0;
    if (EVP_CipherInit_ex2(ctx_.get(), nullptr, nullptr, nonce_.data(), -1, nullptr) != 1) {
      return false;
    }
    store_be64(nonce_.data() + 4, load_be64(nonce_.data() + 4) + 1);
    return EVP_CipherUpdate(ctx_.get(), nullptr, &n, length_field, 4) == 1;
  }

  EVP_CIPHER_CTX* ctx() { return ctx_.get(); }

 private:
  crypto::EvpCipherCtxPtr ctx_;
  std::array<std::uint8_t, 12> nonce_{};
};

class GcmSealer final : public PacketSealer {
 public:
  GcmSealer() { shape_ = kGcmShape; }
  bool init(const CipherSpec& cipher, const DirectionKeys& keys) {
    return state_.init(cipher, keys, 1);
  }

  bool seal(std::uint32_t, std::uint8_t* packet, std::size_t length) override {
    int n = 0;
    std::uint8_t* body = packet + 4;
    return state_.begin(packet) &&
           EVP_CipherUpdate(state_.ctx(), body, &n, body, static_cast<int>(length)) == 1 &&
           EVP_CipherFinal_ex(state_.ctx(), body + length, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(state_.ctx(), EVP_CTRL_AEAD_GET_TAG, kGcmTagSize, body + length) ==
               1;
  }

 private:
  GcmState state_;
};

class GcmOpener final : public PacketOpener {
 public:
  GcmOpener() { shape_ = kGcmShape; }
  bool init(const CipherSpec& cipher, const DirectionKeys& keys) {
    return state_.init(cipher, keys, 0);
  }

  std::uint32_t length(std::uint32_t, const std::uint8_t* in) override { return load_be32(in); }

  bool open(std::uint32_t, const std::uint8_t* in, std::uint32_t length,
            std::uint8_t* out) override {
    int n = 0;
    const std::uint8_t* body = in + 4;
    std::array<std::uint8_t, kGcmTagSize> tag;
    std::memcpy(tag.data(), body + length, tag.size());
    return state_.begin(in) &&
           EVP_CIPHER_CTX_ctrl(state_.ctx(), EVP_CTRL_AEAD_SET_TAG, kGcmTagSize, tag.data()) == 1 &&
           EVP_CipherUpdate(state_.ctx(), out, &n, body, static_cast<int>(length)) == 1 &&
           EVP_CipherFinal_ex(state_.ctx(), tag.data(), &n) == 1;
  }

 private:
  GcmState state_;
};

template <class T, class Interface>
Made<Interface> make(const CipherSpec& cipher, const DirectionKeys& keys) {
  auto made = std::make_unique<T>();
  if (!made->init(cipher, keys)) return crypto::openssl_error("cannot set up AES-GCM");
  return std::unique_ptr<Interface>(std::move(made));
}

}  // namespace

Made<PacketSealer> make_gcm_sealer(const CipherSpec& cipher, const DirectionKeys& keys) {
  return make<GcmSealer, PacketSealer>(cipher, keys);
}
Made<PacketOpener> make_gcm_opener(const CipherSpec& cipher, const DirectionKeys& keys) {
  return make<GcmOpener, PacketOpener>(cipher, keys);
}

}  // namespace sallyport::ssh::internal
