#include "ssh/public_key.h"

#include <openssl/core_names.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "codec/base64.h"
#include "crypto/digest.h"
#include "crypto/openssl_ptr.h"
#include "ssh/authorized_key.h"
#include "ssh/public_key_curve.h"
#include "ssh/public_key_signature.h"

namespace sallyport::ssh {

struct PublicKey::State {
  crypto::EvpPkeyPtr key;
  Bytes blob;
  std::string_view type;
  std::string_view short_type;
  int bits;
};

namespace {

using crypto::BnPtr;
using crypto::EvpPkeyPtr;

constexpr std::string_view kRsa = "ssh-rsa";
constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::size_t kEd25519Size = 32;
// OpenSSL refuses larger ones with large moduli; no real key comes near.
constexpr int kMaxRsaExponentBits = 64;

Error refused_key() {
  crypto::clear_openssl_errors();
  return Error(Errc::kInvalidArgument, "Unsupported or invalid SSH public key format");
}

// A positive mpint in its one legal form (RFC 4251 section 5), or null.
BnPtr read_positive(ByteReader& reader) {
  const ByteView raw = reader.string();
  if (raw.empty() || (raw[0] & 0x80) != 0) return nullptr;
  if (raw[0] == 0 && (raw.size() == 1 || (raw[1] & 0x80) == 0)) return nullptr;
  if (raw.size() > kMaxRsaBits / 8 + 1) return nullptr;
  return BnPtr(BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr));
}

EvpPkeyPtr key_from(const char* algorithm, OSSL_PARAM_BLD* builder) {
  crypto::ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  crypto::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return nullptr;
  return EvpPkeyPtr(key);
}

EvpPkeyPtr read_rsa(ByteReader& reader) {
  BnPtr e = read_positive(reader);
  BnPtr n = read_positive(reader);
  if (!e || !n || !reader.done()) return nullptr;
  const int bits = BN_num_bits(n.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits || !BN_is_odd(n.get())) return nullptr;
  if (!BN_is_odd(e.get()) || BN_is_one(e.get()) || BN_num_bits(e.get()) > kMaxRsaExponentBits)
    return nullptr;
  crypto::ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return nullptr;
  return key_from("RSA", builder.get());
}

// OpenSSL decodes the point and refuses one that is not on the curve.
EvpPkeyPtr read_ecdsa(ByteReader& reader, const EcdsaCurve& curve) {
  if (reader.text() != curve.name) return nullptr;
  const ByteView point = reader.string();
  if (!reader.done() || point.size() != 1 + 2 * curve.coordinate_size || point[0] != 0x04)
    return nullptr;
  crypto::ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name,
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return nullptr;
  return key_from("EC", builder.get());
}

EvpPkeyPtr read_ed25519(ByteReader& reader) {
  const ByteView raw = reader.string();
  if (!reader.done() || raw.size() != kEd25519Size) return nullptr;
  return EvpPkeyPtr(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, raw.data(), raw.size()));
}

}  // namespace

std::string_view key_type_of_signature_algorithm(std::string_view algorithm) {
  if (algorithm == "rsa-sha2-256" || algorithm == "rsa-sha2-512" || algorithm == kRsa) return kRsa;
  if (algorithm == kEd25519) return kEd25519;
  const EcdsaCurve* curve = find_curve_by_key_type(algorithm);
  return curve != nullptr ? curve->key_type : std::string_view();
}

std::vector<std::string> signature_algorithms_of_key_type(std::string_view key_type) {
  if (key_type == kRsa) return {"rsa-sha2-512", "rsa-sha2-256"};
  if (key_type == kEd25519 || find_curve_by_key_type(key_type) != nullptr)
    return {std::string(key_type)};
  return {};
}

Result<PublicKey> PublicKey::from_blob(ByteView blob) {
  ByteReader reader(blob);
  const std::string_view type = reader.text();
  auto state = std::make_shared<State>();
  if (type == kRsa) {
    state->key = read_rsa(reader);
    state->type = kRsa;
    state->short_type = "RSA";
    state->bits = state->key ? EVP_PKEY_get_bits(state->key.get()) : 0;
  } else if (type == kEd25519) {
    state->key = read_ed25519(reader);
    state->type = kEd25519;
    state->short_type = "ED25519";
    state->bits = 256;
  } else if (const EcdsaCurve* curve = find_curve_by_key_type(type)) {
    state->key = read_ecdsa(reader, *curve);
    state->type = curve->key_type;
    state->short_type = "ECDSA";
    state->bits = curve->bits;
  }
  if (!state->key) return refused_key();
  state->blob = to_bytes(blob);
  return PublicKey(std::move(state));
}

Result<PublicKey> PublicKey::from_authorized_key(std::string_view line) {
  TRY_ASSIGN(const AuthorizedKey parsed, parse_authorized_key(line));
  return from_blob(parsed.blob);
}

std::string_view PublicKey::type() const {
  return state_->type;
}
std::string_view PublicKey::short_type() const {
  return state_->short_type;
}
int PublicKey::bits() const {
  return state_->bits;
}
ByteView PublicKey::blob() const {
  return state_->blob;
}
std::string PublicKey::base64_blob() const {
  return codec::base64_encode(state_->blob);
}

std::string PublicKey::fingerprint_sha256() const {
  return "SHA256:" +
         codec::base64_encode(crypto::sha256(state_->blob), codec::Base64Padding::kNone);
}

std::string PublicKey::fingerprint_sha256_padded() const {
  return "SHA256:" + codec::base64_encode(crypto::sha256(state_->blob));
}

bool PublicKey::verify(std::string_view signature_algorithm, ByteView data, ByteView signature_blob,
                       RsaSha1 rsa_sha1) const {
  if (key_type_of_signature_algorithm(signature_algorithm) != state_->type) return false;
  if (signature_algorithm == kRsa && rsa_sha1 == RsaSha1::kRefused) return false;
  ByteReader reader(signature_blob);
  if (reader.text() != signature_algorithm) return false;
  const ByteView signature = reader.string();
  if (!reader.done()) return false;
  return verify_raw_signature(state_->key.get(), signature_algorithm, data, signature);
}

bool operator==(const PublicKey& a, const PublicKey& b) {
  return a.state_ == b.state_ || a.state_->blob == b.state_->blob;
}

}  // namespace sallyport::ssh
