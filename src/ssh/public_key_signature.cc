#include "ssh/public_key_signature.h"

#include <openssl/ec.h>

#include <cstdint>
#include <memory>

#include "ssh/public_key_curve.h"

namespace sallyport::ssh {
namespace {

using EcdsaSigPtr = std::unique_ptr<ECDSA_SIG, crypto::OpensslFree<ECDSA_SIG_free>>;

// Null for Ed25519, which digests by itself.
const char* digest_name(std::string_view algorithm) {
  if (algorithm == "rsa-sha2-256" || algorithm == "ecdsa-sha2-nistp256") return "SHA2-256";
  if (algorithm == "ecdsa-sha2-nistp384") return "SHA2-384";
  if (algorithm == "rsa-sha2-512" || algorithm == "ecdsa-sha2-nistp521") return "SHA2-512";
  if (algorithm == "ssh-rsa") return "SHA1";
  return nullptr;
}

// r or s as SSH has it: a positive mpint no longer than the curve's order; null otherwise.
crypto::BnPtr read_scalar(ByteReader& reader, const EcdsaCurve& curve) {
  const ByteView raw = reader.string();
  if (raw.empty() || (raw[0] & 0x80) != 0 || raw.size() > curve.coordinate_size + 1) return nullptr;
  return crypto::BnPtr(BN_bin2bn(raw.data(), static_cast<int>(raw.size()), nullptr));
}

// From (mpint r, mpint s) to the DER form that OpenSSL takes; empty when malformed.
Bytes ecdsa_to_der(ByteView signature, const EcdsaCurve& curve) {
  ByteReader reader(signature);
  crypto::BnPtr r = read_scalar(reader, curve);
  crypto::BnPtr s = read_scalar(reader, curve);
  EcdsaSigPtr sig(ECDSA_SIG_new());
  if (!r || !s || !reader.done() || !sig || ECDSA_SIG_set0(sig.get(), r.get(), s.get()) != 1)
    return {};
  // set0 took both over.
  (void)r.release();
  (void)s.release();
  const int size = i2d_ECDSA_SIG(sig.get(), nullptr);
  if (size <= 0) return {};
  Bytes der(static_cast<std::size_t>(size));
  std::uint8_t* out = der.data();
  i2d_ECDSA_SIG(sig.get(), &out);
  return der;
}

Result<Bytes> ecdsa_from_der(ByteView der) {
  const std::uint8_t* in = der.data();
  EcdsaSigPtr sig(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  if (!sig) return crypto::openssl_error("cannot read an ECDSA signature just made");
  ByteWriter out;
  for (const BIGNUM* number : {ECDSA_SIG_get0_r(sig.get()), ECDSA_SIG_get0_s(sig.get())}) {
    Bytes magnitude(static_cast<std::size_t>(BN_num_bytes(number)));
    BN_bn2bin(number, magnitude.data());
    out.mpint(magnitude);
  }
  return out.take();
}

}  // namespace

bool verify_raw_signature(EVP_PKEY* key, std::string_view algorithm, ByteView data,
                          ByteView signature) {
  Bytes converted;
  if (const EcdsaCurve* curve = find_curve_by_key_type(algorithm)) {
    converted = ecdsa_to_der(signature, *curve);
    if (converted.empty()) return false;
    signature = converted;
  } else if (EVP_PKEY_is_a(key, "RSA") == 1) {
    // Some clients strip leading zeros, which RFC 8332 forbids and servers are used to forgive.
    const auto size = static_cast<std::size_t>(EVP_PKEY_get_size(key));
    if (signature.empty() || signature.size() > size) return false;
    if (signature.size() < size) {
      converted.assign(size - signature.size(), 0);
      converted.insert(converted.end(), signature.begin(), signature.end());
      signature = converted;
    }
  }
  crypto::EvpMdCtxPtr context(EVP_MD_CTX_new());
  const bool good = context != nullptr &&
                    EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_name(algorithm), nullptr,
                                            nullptr, key, nullptr) == 1 &&
                    EVP_DigestVerify(context.get(), signature.data(), signature.size(), data.data(),
                                     data.size()) == 1;
  if (!good) crypto::clear_openssl_errors();
  return good;
}

Result<Bytes> make_raw_signature(EVP_PKEY* key, std::string_view algorithm, ByteView data) {
  crypto::EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, digest_name(algorithm), nullptr, nullptr, key,
                            nullptr) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, data.data(), data.size()) != 1)
    return crypto::openssl_error("cannot start a signature");
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, data.data(), data.size()) != 1)
    return crypto::openssl_error("cannot sign");
  signature.resize(size);
  if (find_curve_by_key_type(algorithm) != nullptr) return ecdsa_from_der(signature);
  return signature;
}

}  // namespace sallyport::ssh
