// X.509 certificates (RFC 5280) in PEM (RFC 7468) and the private keys that belong to them.
#pragma once

#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {

using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;

// One parsed certificate. Immutable and movable; one thread at a time, as OpenSSL fills in fields
// when it is first asked.
class X509Certificate {
 public:
  enum class KeyKind : std::uint8_t { kRsa, kEcdsa, kOther };

  // The one certificate that the text holds. kInvalidArgument: none, more than one, or damaged.
  static Result<X509Certificate> from_pem(std::string_view pem);
  // At least one, in the text's order. Also kLimitExceeded: more than `most`.
  static Result<std::vector<X509Certificate>> chain_from_pem(std::string_view pem,
                                                             std::size_t most);

  // Lower-case hexadecimal digits, two a byte.
  const std::string& serial() const { return serial_; }
  // Both inclusive.
  WallTime not_before() const { return not_before_; }
  WallTime not_after() const { return not_after_; }
  KeyKind key_kind() const { return key_kind_; }
  int key_bits() const { return key_bits_; }

  // Whether `issuer` may sign certificates and signed this one.
  bool issued_by(const X509Certificate& issuer) const;
  // Whether the text is an unencrypted PEM private key that makes signatures which verify with this
  // certificate. kInvalidArgument: not a key; kConflict: another one's. REQUIRES: key_kind() is not
  // kOther.
  Result<void> check_private_key(const SecretString& pem) const;

 private:
  static Result<X509Certificate> take(X509Ptr x509);

  X509Ptr x509_;
  std::string serial_;
  WallTime not_before_{}, not_after_{};
  KeyKind key_kind_ = KeyKind::kOther;
  int key_bits_ = 0;
};

// The certificates of `chain` that lead from `leaf` upwards, as indices, as far as they go. Empty
// when none of them issued `leaf`.
std::vector<std::size_t> issuers_of(const X509Certificate& leaf,
                                    const std::vector<X509Certificate>& chain);

}  // namespace sallyport::crypto
