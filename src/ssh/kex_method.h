// Key exchange methods, the arithmetic only: RFC 8731 (curve25519-sha256), RFC 5656 section 4
// (ecdh-sha2-*), RFC 4253 section 8, RFC 8268 and RFC 4419 (diffie-hellman-group*).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "crypto/key_agreement.h"

namespace sallyport::ssh {

struct KexResult {
  // kEcdh: the octets of Q_S, to be sent as an SSH string. kDh: the big-endian magnitude of f, to
  // be sent as an mpint.
  Bytes server_public;
  // K, already encoded as an RFC 4251 mpint, as the exchange hash and the key derivation take it.
  // Secret: whoever holds it wipes it (base/secret.h) once the keys are derived.
  Bytes shared_secret;
};

enum class KexKind : std::uint8_t {
  kEcdh,  // KEX_ECDH_INIT carries Q_C as a string
  kDh,    // KEXDH_INIT carries e as an mpint
  kGex,   // the group is agreed first (RFC 4419); `group` does not count
};

struct KexMethod {
  std::string_view name;
  KexKind kind;
  crypto::DigestKind hash;
  crypto::AgreementGroup group;

  // The server's half with a fresh ephemeral key. `client_public` is the content of the string, or
  // the bytes of the mpint (a leading zero byte is fine; a negative one is refused). Pure apart
  // from randomness, callable on any thread; group18 costs about ten milliseconds, the curves well
  // under one. kInvalidArgument: what no honest client sends (a point off the curve, a value
  // outside [2, p-2], an all-zero X25519 result).
  Result<KexResult> compute(ByteView client_public) const {
    return compute_in(group, client_public);
  }
  // The same in the group that was agreed.
  Result<KexResult> compute_in(crypto::AgreementGroup agreed, ByteView client_public) const;
};

// The group for a client that asks for `wanted` bits between `min` and `max` (RFC 4419 section 3):
// of RFC 3526's groups of 2,048 bits and more the least that is enough, else the greatest allowed.
// nullopt: none is within the bounds.
std::optional<crypto::AgreementGroup> choose_gex_group(std::uint32_t min, std::uint32_t wanted,
                                                       std::uint32_t max);

// All methods, none preferred.
std::span<const KexMethod> kex_methods();

// By name, from static storage; null when not offered: curve25519-sha256,
// curve25519-sha256@libssh.org, ecdh-sha2-nistp256, -nistp384, -nistp521,
// diffie-hellman-group14-sha256, -group14-sha1, -group16-sha512, -group18-sha512,
// -group-exchange-sha256.
const KexMethod* find_kex_method(std::string_view name);

}  // namespace sallyport::ssh
