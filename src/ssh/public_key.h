// SSH public keys and signatures: RFC 4253 section 6.6 (ssh-rsa), RFC 5656 (ecdsa-sha2-*), RFC 8709
// (ssh-ed25519), RFC 8332 (rsa-sha2-256, rsa-sha2-512).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace sallyport::ssh {

// RSA moduli accepted, in bits.
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 16384;

// Whether the signature algorithm `ssh-rsa` (SHA-1) counts; only the oldest policies ask for it.
enum class RsaSha1 : bool { kRefused, kAllowed };

// The key type a signature algorithm works with ("rsa-sha2-512" → "ssh-rsa"), or an empty view for
// an algorithm that is not known here.
std::string_view key_type_of_signature_algorithm(std::string_view algorithm);

// The signature algorithms of a key type, strongest first, `ssh-rsa` not among them.
std::vector<std::string> signature_algorithms_of_key_type(std::string_view key_type);

// A parsed, checked public key. Immutable, cheap to copy (copies share the key), thread-safe.
class PublicKey {
 public:
  // The wire form. Strict: a known type, a curve name that fits the type, a point on the curve, an
  // RSA modulus of kMinRsaBits to kMaxRsaBits, canonical mpints, nothing left over.
  // kInvalidArgument "Unsupported or invalid SSH public key format" otherwise.
  static Result<PublicKey> from_blob(ByteView blob);

  // "<type> <base64> [comment]", as ImportSshPublicKey takes it; the type must be the blob's own.
  // The same error. RFC 4716 text, options in front of the type and certificates are refused.
  static Result<PublicKey> from_authorized_key(std::string_view line);

  // "ssh-rsa", "ecdsa-sha2-nistp256", …
  std::string_view type() const;
  // "RSA", "ECDSA" or "ED25519", as log messages name it.
  std::string_view short_type() const;
  // Size of the key: modulus bits, field bits, 256 for Ed25519.
  int bits() const;
  ByteView blob() const;
  std::string base64_blob() const;
  // "SHA256:" and the base64 of the blob's SHA-256, without padding (as ssh-keygen prints it) or
  // with it (as the API's HostKeyFingerprint has it).
  std::string fingerprint_sha256() const;
  std::string fingerprint_sha256_padded() const;

  // True when `signature_blob` (string algorithm, string signature) is a valid signature over
  // `data`, made with exactly `signature_algorithm`, which must be one of this key's type. Any
  // malformed blob is just false. May take a millisecond or more with large RSA keys.
  bool verify(std::string_view signature_algorithm, ByteView data, ByteView signature_blob,
              RsaSha1 rsa_sha1 = RsaSha1::kRefused) const;

  // The same key: equal blobs.
  friend bool operator==(const PublicKey& a, const PublicKey& b);

 private:
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace sallyport::ssh
