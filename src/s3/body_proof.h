// What goes with a body so that the store takes nothing else for it: the signed SHA-256, and a
// checksum (Amazon S3 API reference, PutObject and UploadPart; RFC 1864 for Content-MD5).
//
// Amazon S3 takes no upload without a checksum into a bucket whose objects are locked by default.
#pragma once

#include <optional>
#include <string>

#include "http/checksum.h"

namespace sallyport::s3 {

enum class BodyCheck : std::uint8_t { kNone, kCrc32c, kMd5 };

struct BodyProof {
  // Lower-case hexadecimal, or what stands for it in a signature.
  std::string sha256;
  // In base64, of the kind that was asked for; empty: none was.
  std::string checksum;
};

// Of one body after another, each in pieces. Not thread-safe.
class BodySums {
 public:
  // Without `sha256` signatures say UNSIGNED-PAYLOAD.
  BodySums(bool sha256, BodyCheck check);
  void update(ByteView data);
  // Of what came since the last one.
  BodyProof take();

 private:
  std::optional<crypto::Digest> sha256_;
  std::optional<crypto::Digest> md5_;
  std::optional<http::Checksum> crc32c_;
};

// The header that carries such a checksum; empty for kNone.
std::string_view checksum_header(BodyCheck check);

}  // namespace sallyport::s3
