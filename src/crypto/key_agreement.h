// Ephemeral Diffie-Hellman: X25519 (RFC 7748), ECDH over the NIST curves (RFC 5903 gives the plain
// shared-x form used here) and the MODP groups of RFC 3526 (OpenSSL's built-in safe primes).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {

enum class AgreementGroup : std::uint8_t {
  kX25519,
  kP256,
  kP384,
  kP521,
  kModp2048,
  kModp3072,
  kModp4096,
  kModp6144,
  kModp8192,
};

// The prime of a MODP group, big-endian; empty for the others. The generator is 2.
Bytes modp_prime(AgreementGroup group);

// One side's key pair. Immutable, movable, usable from any thread.
//
// Public values on the wire: X25519 32 bytes; curves the uncompressed point 04 || X || Y (SEC 1
// section 2.3.3); MODP the big-endian magnitude, padded to the size of the prime on output, of any
// length with leading zeros on input.
class AgreementKey {
 public:
  static Result<AgreementKey> generate(AgreementGroup group);
  // Takes over a private key made elsewhere, such as a published test vector's. REQUIRES: `key` is
  // of the group and holds both halves.
  static Result<AgreementKey> adopt(AgreementGroup group, EvpPkeyPtr key);

  const Bytes& public_value() const { return public_; }

  // The shared secret at the group's full width (X25519 32 bytes, curves the x coordinate, MODP the
  // size of the prime); the caller wipes it. kInvalidArgument for what no honest peer sends: a
  // wrong length or form, a point off the curve or at infinity, a MODP value outside [2, p-2], an
  // X25519 value whose result is all zero.
  Result<Bytes> agree(ByteView peer_public) const;

 private:
  AgreementKey(AgreementGroup group, EvpPkeyPtr key, Bytes public_value);

  AgreementGroup group_;
  EvpPkeyPtr key_;
  Bytes public_;
};

}  // namespace sallyport::crypto
