#include "ssh/packet_mac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <array>

#include "ssh/packet_cipher.h"

namespace sallyport::ssh {

bool PacketMac::init(const MacSpec& spec, const Bytes& key) {
  size_ = spec.size;
  if (spec.kind == MacKind::kUmac) return umac_.init(key, size_);
  crypto::EvpMacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  if (!mac) return false;
  hmac_.reset(EVP_MAC_CTX_new(mac.get()));
  char* digest = const_cast<char*>(EVP_MD_get0_name(crypto::evp_digest(spec.digest)));
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return hmac_ && EVP_MAC_init(hmac_.get(), key.data(), key.size(), params) == 1;
}

bool PacketMac::begin(std::uint32_t sequence) {
  if (!hmac_) {
    sequence_ = sequence;
    umac_.begin();
    return true;
  }
  std::array<std::uint8_t, 4> be;
  store_be32(be.data(), sequence);
  return EVP_MAC_init(hmac_.get(), nullptr, 0, nullptr) == 1 && update(be.data(), be.size());
}

bool PacketMac::update(const std::uint8_t* data, std::size_t n) {
  if (hmac_) return EVP_MAC_update(hmac_.get(), data, n) == 1;
  umac_.update(data, n);
  return true;
}

bool PacketMac::finish(std::uint8_t* out) {
  if (!hmac_) return umac_.finish(sequence_, out);
  std::size_t n = 0;
  return EVP_MAC_final(hmac_.get(), out, &n, size_) == 1 && n == size_;
}

bool PacketMac::finish_equals(const std::uint8_t* tag) {
  std::array<std::uint8_t, kMaxTag> own;
  return finish(own.data()) && CRYPTO_memcmp(own.data(), tag, size_) == 0;
}

}  // namespace sallyport::ssh
