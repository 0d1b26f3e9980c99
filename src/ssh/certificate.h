// SSH user certificates, version 01, as OpenSSH's PROTOCOL.certkeys describes them: a public key
// with the names of those who may log in with it, signed by a certification authority.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/address.h"
#include "ssh/public_key.h"

namespace sallyport::ssh {

// The signature algorithm behind a certificate's algorithm name
// ("rsa-sha2-512-cert-v01@openssh.com" → "rsa-sha2-512"), or an empty view for a name that is none.
// The one of SHA-1, ssh-rsa-cert-v01@openssh.com, is none here.
std::string_view signature_algorithm_of_certificate(std::string_view algorithm);

// A parsed certificate. Immutable, cheap to copy, thread-safe.
class Certificate {
 public:
  // The wire form. Strict: a known type, a key and an authority's key as PublicKey takes them (so
  // the authority is no certificate itself), at most 256 principals, critical options in order and
  // each once, nothing left over. That the signature is good is not looked at. kInvalidArgument
  // "Unsupported or invalid SSH certificate format" otherwise.
  static Result<Certificate> parse(ByteView blob);

  // What is certified.
  const PublicKey& key() const { return key_; }
  const PublicKey& authority() const { return authority_; }
  // The number the authority gave it; for logs.
  std::uint64_t serial() const { return serial_; }

  // Whether one of `trusted` has made it, by a signature without SHA-1. Takes no time worth naming
  // for an authority that is not among them, whatever was sent.
  bool is_signed_by_one_of(std::span<const PublicKey> trusted) const;

  // Whether it lets `user` in, now and from `source`. REQUIRES for the answer to mean anything:
  // is_signed_by_one_of(). kPermissionDenied with what is wrong: not for users, not valid yet or
  // any more, the name not among the principals, a source-address that does not hold `source`, any
  // other critical option, force-command among them. Extensions do not count.
  Result<void> check(std::string_view user, const net::IpAddress& source, WallTime now) const;

 private:
  struct Option {
    std::string name;
    Bytes data;
  };
  Certificate(PublicKey key, PublicKey authority)
      : key_(std::move(key)), authority_(std::move(authority)) {}

  PublicKey key_;
  PublicKey authority_;
  std::uint64_t serial_ = 0;
  std::uint32_t type_ = 0;
  std::vector<std::string> principals_;
  // Seconds since 1970.
  std::uint64_t valid_after_ = 0;
  std::uint64_t valid_before_ = 0;
  std::vector<Option> critical_options_;
  Bytes signed_part_;
  Bytes signature_;
};

}  // namespace sallyport::ssh
