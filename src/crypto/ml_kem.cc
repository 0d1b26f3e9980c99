#include "crypto/ml_kem.h"

#include "base/secret.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {
namespace {

constexpr std::size_t kSecretSize = 32;

bool can_be_fetched(MlKemSet set) {
  const EvpKemPtr kem(EVP_KEM_fetch(nullptr, ml_kem_name(set), nullptr));
  clear_openssl_errors();
  return kem != nullptr;
}

}  // namespace

const char* ml_kem_name(MlKemSet set) {
  return set == MlKemSet::kMlKem768 ? "ML-KEM-768" : "ML-KEM-1024";
}

std::size_t ml_kem_key_size(MlKemSet set) {
  return set == MlKemSet::kMlKem768 ? 1184 : 1568;
}

std::size_t ml_kem_ciphertext_size(MlKemSet set) {
  return set == MlKemSet::kMlKem768 ? 1088 : 1568;
}

bool has_ml_kem(MlKemSet set) {
  static const bool has_768 = can_be_fetched(MlKemSet::kMlKem768);
  static const bool has_1024 = can_be_fetched(MlKemSet::kMlKem1024);
  return set == MlKemSet::kMlKem768 ? has_768 : has_1024;
}

Result<Encapsulation> ml_kem_encapsulate(MlKemSet set, ByteView encapsulation_key) {
  if (!has_ml_kem(set)) return Error(Errc::kInternal, "this OpenSSL has no ML-KEM");
  const Error bad_key(Errc::kInvalidArgument, "the peer's ML-KEM key is not valid");
  if (encapsulation_key.size() != ml_kem_key_size(set)) return bad_key;
  // OpenSSL checks the coefficients as it takes the key in.
  const EvpPkeyPtr key(EVP_PKEY_new_raw_public_key_ex(
      nullptr, ml_kem_name(set), nullptr, encapsulation_key.data(), encapsulation_key.size()));
  if (!key) {
    clear_openssl_errors();
    return bad_key;
  }
  const EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  Encapsulation out{Bytes(ml_kem_ciphertext_size(set)), Bytes(kSecretSize)};
  std::size_t ciphertext = out.ciphertext.size(), secret = out.shared_secret.size();
  if (!context || EVP_PKEY_encapsulate_init(context.get(), nullptr) != 1 ||
      EVP_PKEY_encapsulate(context.get(), out.ciphertext.data(), &ciphertext,
                           out.shared_secret.data(), &secret) != 1 ||
      ciphertext != out.ciphertext.size() || secret != out.shared_secret.size()) {
    wipe(out.shared_secret.data(), out.shared_secret.size());
    return openssl_error("cannot encapsulate");
  }
  return out;
}

}  // namespace sallyport::crypto
