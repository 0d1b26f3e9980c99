// Sealing of small secrets at rest: AES-256-GCM (NIST SP 800-38D) under one master key.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sallyport::crypto {

// Seals and opens secrets under a 32-byte master key. Immutable and thread-safe after construction.
// A sealed text is "v1:" and the base64 of nonce (12 bytes, random), ciphertext and tag (16 bytes).
// `aad` is bound to the secret but not stored: name what the secret belongs to (for example
// "hostkey:s-0123…"), so that a sealed text moved to another row does not open.
// Random nonces bound the safe number of seals under one key to 2^32.
class SecretBox {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kMaxPlaintext = 1 << 20;

  // A key that is not kKeySize bytes long makes every call fail with kInvalidArgument.
  explicit SecretBox(SecretString key);

  // Printable ASCII. kLimitExceeded above kMaxPlaintext bytes.
  Result<std::string> seal(const SecretString& plaintext, std::string_view aad) const;
  // kCorrupt: not a sealed text, altered, sealed under another key or for another `aad`.
  // kUnsupported: sealed by a newer version.
  Result<SecretString> open(std::string_view sealed, std::string_view aad) const;

 private:
  SecretString key_;
};

}  // namespace sallyport::crypto
