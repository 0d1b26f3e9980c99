// Private host keys: generation, the text forms that administrators bring, signing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "ssh/public_key.h"

namespace sallyport::ssh {

// What generate() makes.
enum class HostKeyType : std::uint8_t { kRsa3072, kEcdsaP256, kEd25519 };

// A host key pair. Immutable, cheap to copy (copies share the key), thread-safe.
class HostKey {
 public:
  // Longest text parse() looks at, in bytes.
  static constexpr std::size_t kMaxTextSize = 32 * 1024;

  // RSA takes some hundred milliseconds: not for an event loop's thread.
  static Result<HostKey> generate(HostKeyType type);

  // "BEGIN OPENSSH PRIVATE KEY" (PROTOCOL.key of OpenSSH), PKCS#1 "BEGIN RSA PRIVATE KEY", SEC 1
  // "BEGIN EC PRIVATE KEY", PKCS#8 "BEGIN PRIVATE KEY"; none encrypted. RSA of at least 2048 bits,
  // ECDSA on nistp256, nistp384 or nistp521, Ed25519. The halves are checked to belong together.
  // Everything else: kInvalidArgument whose message begins "Invalid host key format".
  static Result<HostKey> parse(const SecretString& text);

  // The key as unencrypted "BEGIN OPENSSH PRIVATE KEY" text, which parse() and ssh-keygen read.
  SecretString to_pem() const;

  const PublicKey& public_key() const;
  // What sign() takes, strongest first. RSA: rsa-sha2-512, rsa-sha2-256 (and ssh-rsa, which is not
  // in the list: old policies name it); else the key's own type.
  std::vector<std::string> signature_algorithms() const;

  // The SSH signature blob (string algorithm, string signature) over `data`; from any thread.
  // kInvalidArgument for an algorithm that is not this key's.
  Result<Bytes> sign(std::string_view algorithm, ByteView data) const;

 private:
  struct State;
  explicit HostKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace sallyport::ssh
