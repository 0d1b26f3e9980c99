// Key exchange methods, the arithmetic only: RFC 8731 (curve25519-sha256), RFC 5656 section 4
// (ecdh-sha2-*), RFC 4253 section 8, RFC 8268 and RFC 4419 (diffie-hellman-group*),
// draft-ietf-sshm-mlkem-hybrid-kex (mlkem*).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/key_agreement.h"
#include "crypto/ml_kem.h"

namespace sallyport::ssh {

struct KexResult {
  // kEcdh: the octets of Q_S, to be sent as an SSH string; kHybrid: those of S_REPLY, likewise.
  // kDh: the big-endian magnitude of f, to be sent as an mpint.
  Bytes server_public;
  // K, already encoded as the exchange hash and the key derivation take it: an RFC 4251 string of
  // kHybrid, else an mpint. Secret: whoever holds it wipes it (base/secret.h) once the keys are
  // derived.
  Bytes shared_secret;
};

enum class KexKind : std::uint8_t {
  kEcdh,  // KEX_ECDH_INIT carries Q_C as a string
  kDh,    // KEXDH_INIT carries e as an mpint
  kGex,   // the group is agreed first (RFC 4419); `group` does not count
  // KEX_HYBRID_INIT carries the ML-KEM key and then the curve's public value, as one string.
  kHybrid,
};

struct KexMethod {
  std::string_view name;
  KexKind kind;
  crypto::DigestKind hash;
  crypto::AgreementGroup group;
  // Of kHybrid.
  crypto::MlKemSet ml_kem = crypto::MlKemSet::kMlKem768;

  // Public values are strings on the wire, not mpints.
  bool sends_strings() const { return kind == KexKind::kEcdh || kind == KexKind::kHybrid; }

  // The server's half with a fresh ephemeral key. `client_public` is the content of the string, or
  // the bytes of the mpint (a leading zero byte is fine; a negative one is refused). Pure apart
  // from randomness, callable on any thread; group18 costs about ten milliseconds, the curves well
  // under one. kInvalidArgument: what no honest client sends (a point off the curve, a value
  // outside [2, p-2], an all-zero X25519 result, an ML-KEM key that is not reduced).
  Result<KexResult> compute(ByteView client_public) const {
    return compute_in(group, client_public);
  }
  // The same in the group that was agreed.
  Result<KexResult> compute_in(crypto::AgreementGroup agreed, ByteView client_public) const;

 private:
  Result<KexResult> compute_hybrid(ByteView client_public) const;
};

// The group for a client that asks for `wanted` bits between `min` and `max` (RFC 4419 section 3):
// of RFC 3526's groups of 2,048 bits and more the least that is enough, else the greatest allowed.
// nullopt: none is within the bounds.
std::optional<crypto::AgreementGroup> choose_gex_group(std::uint32_t min, std::uint32_t wanted,
                                                       std::uint32_t max);

// All methods that this process can do, none preferred: without those of ML-KEM when OpenSSL has
// none.
std::span<const KexMethod> kex_methods();

// By name, from static storage; null when it is not among them.
const KexMethod* find_kex_method(std::string_view name);

}  // namespace sallyport::ssh
