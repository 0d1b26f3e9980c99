// chacha20-poly1305@openssh.com: the length has a key of its own, so that it can be read before the
// packet is verified; the Poly1305 key is the first keystream block of the packet
// (OpenSSH PROTOCOL.chacha20poly1305).
#include <openssl/evp.h>

#include <array>
#include <cstring>

#include "base/secret.h"
#include "crypto/openssl_ptr.h"
#include "ssh/packet_cipher.h"

namespace sallyport::ssh::internal {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kPolyTagSize = 16;
constexpr PacketShape kChachaShape{8, kPolyTagSize, false, 4};

class ChachaState {
 public:
  bool init(const DirectionKeys& keys) {
    crypto::EvpCipherPtr chacha(EVP_CIPHER_fetch(nullptr, "ChaCha20", nullptr));
    crypto::EvpMacPtr poly(EVP_MAC_fetch(nullptr, "POLY1305", nullptr));
    main_.reset(EVP_CIPHER_CTX_new());
    header_.reset(EVP_CIPHER_CTX_new());
    if (!chacha || !poly || !main_ || !header_) return false;
    mac_.reset(EVP_MAC_CTX_new(poly.get()));
    const std::uint8_t* key = keys.key.data();
    return mac_ && EVP_CipherInit_ex2(main_.get(), chacha.get(), key, nullptr, 1, nullptr) == 1 &&
           EVP_CipherInit_ex2(header_.get(), chacha.get(), key + kKeySize, nullptr, 1, nullptr) ==
               1;
  }

  bool crypt_length(std::uint32_t sequence, std::uint8_t* out, const std::uint8_t* in) {
    return seek(header_.get(), sequence, 0) && crypt(header_.get(), out, in, 4);
  }

  bool crypt_body(std::uint32_t sequence, std::uint8_t* out, const std::uint8_t* in,
                  std::size_t n) {
    return seek(main_.get(), sequence, 1) && crypt(main_.get(), out, in, n);
  }

  bool tag(std::uint32_t sequence, const std::uint8_t* data, std::size_t n, std::uint8_t* out) {
    std::array<std::uint8_t, kKeySize> key{};
    std::size_t size = 0;
    const bool good = seek(main_.get(), sequence, 0) &&
                      crypt(main_.get(), key.data(), key.data(), key.size()) &&
                      EVP_MAC_init(mac_.get(), key.data(), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(mac_.get(), data, n) == 1 &&
                      EVP_MAC_final(mac_.get(), out, &size, kPolyTagSize) == 1;
    wipe(key.data(), key.size());
    return good;
  }

 private:
  // OpenSSL's IV is a little-endian block counter (8 bytes here) and the nonce.
  static bool seek(EVP_CIPHER_CTX* ctx, std::uint32_t sequence, std::uint8_t block) {
    std::array<std::uint8_t, 16> iv{};
    iv[0] = block;
    store_be32(iv.data() + 12, sequence);
    return EVP_CipherInit_ex2(ctx, nullptr, nullptr, iv.data(), 1, nullptr) == 1;
  }
  static bool crypt(EVP_CIPHER_CTX* ctx, std::uint8_t* out, const std::uint8_t* in, std::size_t n) {
    int done = 0;
    return EVP_CipherUpdate(ctx, out, &done, in, static_cast<int>(n)) == 1;
  }

  crypto::EvpCipherCtxPtr main_, header_;
  crypto::EvpMacCtxPtr mac_;
};

class ChachaSealer final : public PacketSealer {
 public:
  ChachaSealer() { shape_ = kChachaShape; }
  bool init(const DirectionKeys& keys) { return state_.init(keys); }
  bool seal(std::uint32_t sequence, std::uint8_t* packet, std::size_t length) override {
    return state_.crypt_length(sequence, packet, packet) &&
           state_.crypt_body(sequence, packet + 4, packet + 4, length) &&
           state_.tag(sequence, packet, 4 + length, packet + 4 + length);
  }

 private:
  ChachaState state_;
};

class ChachaOpener final : public PacketOpener {
 public:
  ChachaOpener() { shape_ = kChachaShape; }
  bool init(const DirectionKeys& keys) { return state_.init(keys); }
  std::uint32_t length(std::uint32_t sequence, const std::uint8_t* in) override {
    std::array<std::uint8_t, 4> plain{};
    // A failure here reads as length 0, which no packet may have.
    return state_.crypt_length(sequence, plain.data(), in) ? load_be32(plain.data()) : 0;
  }
  bool open(std::uint32_t sequence, const std::uint8_t* in, std::uint32_t length,
            std::uint8_t* out) override {
    std::array<std::uint8_t, kPolyTagSize> own{};
    return state_.tag(sequence, in, 4 + std::size_t{length}, own.data()) &&
           CRYPTO_memcmp(own.data(), in + 4 + length, kPolyTagSize) == 0 &&
           state_.crypt_body(sequence, out, in + 4, length);
  }

 private:
  ChachaState state_;
};

template <class T, class Interface>
Made<Interface> make(const DirectionKeys& keys) {
  auto made = std::make_unique<T>();
  if (!made->init(keys)) return crypto::openssl_error("cannot set up ChaCha20-Poly1305");
  return std::unique_ptr<Interface>(std::move(made));
}

}  // namespace

Made<PacketSealer> make_chacha_sealer(const DirectionKeys& keys) {
  return make<ChachaSealer, PacketSealer>(keys);
}
Made<PacketOpener> make_chacha_opener(const DirectionKeys& keys) {
  return make<ChachaOpener, PacketOpener>(keys);
}

}  // namespace sallyport::ssh::internal
