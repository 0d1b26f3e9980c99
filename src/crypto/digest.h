// SHA-1 and SHA-2 (FIPS 180-4) and HMAC (RFC 2104) over OpenSSL. MD5 (RFC 1321) is there for S3's
// ETags and Content-MD5 only, and for nothing that must withstand an attacker.
//
// Thread-safety: the free functions may be called from any thread. A Digest belongs to one thread
// at a time and may be moved between threads. Nothing here fails except by running out of memory,
// which ends the program.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {

enum class DigestKind : std::uint8_t { kSha1, kSha256, kSha384, kSha512, kMd5 };

inline constexpr std::size_t kMaxDigestSize = 64;

using Sha1Sum = std::array<std::uint8_t, 20>;
using Sha256Sum = std::array<std::uint8_t, 32>;
using Sha384Sum = std::array<std::uint8_t, 48>;
using Sha512Sum = std::array<std::uint8_t, 64>;

// Length of the result in bytes.
std::size_t digest_size(DigestKind kind);
// Whether this system's OpenSSL offers it; only kMd5 may be missing. Whoever uses kMd5 asks first.
bool digest_available(DigestKind kind);
// OpenSSL's handle of the digest, fetched once, never freed; for EVP calls elsewhere.
const EVP_MD* evp_digest(DigestKind kind);

Sha1Sum sha1(ByteView data);
Sha256Sum sha256(ByteView data);
Sha384Sum sha384(ByteView data);
Sha512Sum sha512(ByteView data);
inline Sha256Sum sha256(std::string_view data) {
  return sha256(as_bytes(data));
}
// A result of digest_size(kind) bytes.
Bytes digest(DigestKind kind, ByteView data);

Sha256Sum hmac_sha256(ByteView key, ByteView data);
// A result of digest_size(kind) bytes.
Bytes hmac(DigestKind kind, ByteView key, ByteView data);

// A digest of data that arrives in pieces; after finish() it is ready for the next message.
class Digest {
 public:
  explicit Digest(DigestKind kind);
  Digest(Digest&&) noexcept = default;
  Digest& operator=(Digest&&) noexcept = default;

  DigestKind kind() const { return kind_; }
  std::size_t size() const { return digest_size(kind_); }

  Digest& update(ByteView data);
  Digest& update(std::string_view data) { return update(as_bytes(data)); }

  // The digest of everything since construction, reset() or the last finish(). `out` takes size()
  // bytes. REQUIRES: out.size() >= size().
  void finish(MutableBytes out);
  Bytes finish();
  // Forgets what was fed.
  void reset();

 private:
  DigestKind kind_;
  EvpMdCtxPtr ctx_;
};

}  // namespace sallyport::crypto
