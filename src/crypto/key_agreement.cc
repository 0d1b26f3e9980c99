#include "crypto/key_agreement.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/secret.h"

namespace sallyport::crypto {
namespace {

enum class Family { kX25519, kCurve, kModp };

struct Group {
  Family family;
  const char* name;         // OpenSSL's name of the group
  std::size_t width;        // bytes of a shared secret: 32, a coordinate, the prime
  std::size_t public_size;  // bytes of a public value
};

Group group_of(AgreementGroup group) {
  switch (group) {
    case AgreementGroup::kX25519: return {Family::kX25519, "X25519", 32, 32};
    case AgreementGroup::kP256: return {Family::kCurve, "P-256", 32, 65};
    case AgreementGroup::kP384: return {Family::kCurve, "P-384", 48, 97};
    case AgreementGroup::kP521: return {Family::kCurve, "P-521", 66, 133};
    case AgreementGroup::kModp2048: return {Family::kModp, "modp_2048", 256, 256};
    case AgreementGroup::kModp3072: return {Family::kModp, "modp_3072", 384, 384};
    case AgreementGroup::kModp4096: return {Family::kModp, "modp_4096", 512, 512};
    case AgreementGroup::kModp6144: return {Family::kModp, "modp_6144", 768, 768};
    case AgreementGroup::kModp8192: return {Family::kModp, "modp_8192", 1024, 1024};
  }
  std::abort();
}

const char* key_type_of(Family family) {
  switch (family) {
    case Family::kX25519: return "X25519";
    case Family::kCurve: return "EC";
    case Family::kModp: return "DH";
  }
  std::abort();
}

Error bad_public_value() {
  clear_openssl_errors();
  return Error(Errc::kInvalidArgument, "the peer's key exchange value is not valid");
}

BnPtr to_bignum(ByteView magnitude) {
  return BnPtr(BN_bin2bn(magnitude.data(), static_cast<int>(magnitude.size()), nullptr));
}

BnPtr prime_of(AgreementGroup group) {
  switch (group) {
    case AgreementGroup::kModp2048: return BnPtr(BN_get_rfc3526_prime_2048(nullptr));
    case AgreementGroup::kModp3072: return BnPtr(BN_get_rfc3526_prime_3072(nullptr));
    case AgreementGroup::kModp4096: return BnPtr(BN_get_rfc3526_prime_4096(nullptr));
    case AgreementGroup::kModp6144: return BnPtr(BN_get_rfc3526_prime_6144(nullptr));
    case AgreementGroup::kModp8192: return BnPtr(BN_get_rfc3526_prime_8192(nullptr));
    default: return nullptr;
  }
}

EvpPkeyPtr key_from_params(const char* type, int selection, OSSL_PARAM_BLD* builder) {
  ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1)
    return nullptr;
  return EvpPkeyPtr(key);
}

// Only form and range are looked at here; whether a point is on its curve is checked when OpenSSL
// decodes it. The curves have cofactor 1 and the primes are safe ones used with ephemeral keys, so
// that this is full validation (RFC 8268 section 4 for the latter).
bool plausible(AgreementGroup group, ByteView value) {
  const Group& g = group_of(group);
  if (g.family == Family::kX25519) return value.size() == g.public_size;
  if (g.family == Family::kCurve) return value.size() == g.public_size && value[0] == 0x04;
  if (value.empty() || value.size() > g.public_size) return false;
  BnPtr prime = prime_of(group);
  BnPtr e = to_bignum(value);
  if (!prime || !e || BN_sub_word(prime.get(), 1) != 1) return false;
  return !BN_is_zero(e.get()) && !BN_is_one(e.get()) && BN_cmp(e.get(), prime.get()) < 0;
}

EvpPkeyPtr decode_peer(AgreementGroup group, ByteView value) {
  const Group& g = group_of(group);
  if (g.family == Family::kX25519)
    return EvpPkeyPtr(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, value.data(), value.size()));
  ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, g.name, 0) != 1)
    return nullptr;
  BnPtr e;
  if (g.family == Family::kCurve) {
    if (OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, value.data(),
                                         value.size()) != 1)
      return nullptr;
  } else {
    e = to_bignum(value);
    if (!e || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, e.get()) != 1)
      return nullptr;
  }
  return key_from_params(key_type_of(g.family), EVP_PKEY_PUBLIC_KEY, builder.get());
}

Result<Bytes> public_value_of(const Group& g, EVP_PKEY* key) {
  Bytes out(g.public_size);
  if (g.family == Family::kModp) {
    BIGNUM* f = nullptr;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PUB_KEY, &f) != 1)
      return openssl_error("cannot read a key exchange value");
    BnPtr owned(f);
    if (BN_bn2binpad(f, out.data(), static_cast<int>(out.size())) < 0)
      return openssl_error("cannot write a key exchange value");
    return out;
  }
  std::size_t size = 0;
  if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out.data(), out.size(),
                                      &size) != 1 ||
      size != g.public_size)
    return openssl_error("cannot read a key exchange value");
  return out;
}

bool all_zero(ByteView bytes) {
  std::uint8_t seen = 0;
  for (const std::uint8_t b : bytes) seen = static_cast<std::uint8_t>(seen | b);
  return seen == 0;
}

}  // namespace

Bytes modp_prime(AgreementGroup group) {
  const BnPtr prime = prime_of(group);
  if (!prime) return {};
  Bytes out(static_cast<std::size_t>(BN_num_bytes(prime.get())));
  BN_bn2bin(prime.get(), out.data());
  return out;
}

AgreementKey::AgreementKey(AgreementGroup group, EvpPkeyPtr key, Bytes public_value)
    : group_(group), key_(std::move(key)), public_(std::move(public_value)) {}

Result<AgreementKey> AgreementKey::adopt(AgreementGroup group, EvpPkeyPtr key) {
  TRY_ASSIGN(Bytes value, public_value_of(group_of(group), key.get()));
  return AgreementKey(group, std::move(key), std::move(value));
}

Result<AgreementKey> AgreementKey::generate(AgreementGroup group) {
  const Group g = group_of(group);
  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, key_type_of(g.family), nullptr));
  const bool needs_group = g.family != Family::kX25519;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, const_cast<char*>(g.name), 0),
      OSSL_PARAM_construct_end()};
  EVP_PKEY* key = nullptr;
  if (!context || EVP_PKEY_keygen_init(context.get()) != 1 ||
      (needs_group && EVP_PKEY_CTX_set_params(context.get(), params) != 1) ||
      EVP_PKEY_generate(context.get(), &key) != 1)
    return openssl_error("cannot make a key exchange key");
  return adopt(group, EvpPkeyPtr(key));
}

Result<Bytes> AgreementKey::agree(ByteView peer_public) const {
  const Group g = group_of(group_);
  if (g.family == Family::kModp)
    while (!peer_public.empty() && peer_public[0] == 0) peer_public = peer_public.subspan(1);
  if (!plausible(group_, peer_public)) return bad_public_value();
  EvpPkeyPtr peer = decode_peer(group_, peer_public);
  if (!peer) return bad_public_value();

  EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
  if (!context || EVP_PKEY_derive_init(context.get()) != 1)
    return openssl_error("cannot start a key agreement");
  // Leading zeros must survive until the caller has encoded the secret as a number.
  if (g.family == Family::kModp) {
    unsigned int pad = 1;
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_uint(OSSL_EXCHANGE_PARAM_PAD, &pad),
                                 OSSL_PARAM_construct_end()};
    if (EVP_PKEY_CTX_set_params(context.get(), params) != 1)
      return openssl_error("cannot set up a key agreement");
  }
  // The peer's value was judged above; OpenSSL's own check would cost a full-width exponentiation
  // (more than the agreement itself for the large MODP groups).
  if (EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) != 1) return bad_public_value();

  Bytes secret(g.width);
  std::size_t size = secret.size();
  const bool derived = EVP_PKEY_derive(context.get(), secret.data(), &size) == 1 &&
                       size == g.width && !all_zero(secret);
  if (!derived) {
    wipe(secret.data(), secret.size());
    return bad_public_value();
  }
  return secret;
}

}  // namespace sallyport::crypto
