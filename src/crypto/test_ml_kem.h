// The other side of ML-KEM, for tests: whoever makes the key and decapsulates.
#pragma once

#include "crypto/ml_kem.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {

class TestMlKemKey {
 public:
  explicit TestMlKemKey(MlKemSet set) {
    EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, ml_kem_name(set), nullptr));
    EVP_PKEY* key = nullptr;
    if (context && EVP_PKEY_keygen_init(context.get()) == 1 &&
        EVP_PKEY_generate(context.get(), &key) == 1)
      key_.reset(key);
    clear_openssl_errors();
  }

  // False where OpenSSL has no ML-KEM.
  bool made() const { return key_ != nullptr; }
  Bytes public_half() const {
    std::size_t size = 0;
    EVP_PKEY_get_raw_public_key(key_.get(), nullptr, &size);
    Bytes out(size);
    EVP_PKEY_get_raw_public_key(key_.get(), out.data(), &size);
    return out;
  }
  Bytes decapsulate(ByteView ciphertext) const {
    EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
    Bytes out(32);
    std::size_t size = out.size();
    if (EVP_PKEY_decapsulate_init(context.get(), nullptr) != 1 ||
        EVP_PKEY_decapsulate(context.get(), out.data(), &size, ciphertext.data(),
                             ciphertext.size()) != 1)
      return {};
    return out;
  }

 private:
  EvpPkeyPtr key_;
};

// `key` with its coefficient at byte `at` (a multiple of three) changed.
inline Bytes with_coefficient(Bytes key, std::size_t at, int coefficient) {
  key[at] = static_cast<std::uint8_t>(coefficient);
  key[at + 1] = static_cast<std::uint8_t>((key[at + 1] & 0xf0) | coefficient >> 8);
  return key;
}

}  // namespace sallyport::crypto
