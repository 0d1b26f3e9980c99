// Bodies of S3 uploads on their way into the store: Content-MD5, ETag and checksums in one pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api/s3/call.h"
#include "crypto/digest.h"

namespace sallyport::api {

// The header Content-MD5 (RFC 1864): what the body must have.
class ContentMd5 {
 public:
  // InvalidDigest unless `header` is the base64 of 16 bytes; NotImplemented where the system's
  // OpenSSL has no MD5.
  static Outcome<ContentMd5> expecting(std::string_view header);
  // BadDigest when it differs.
  Outcome<Done> check_sum(ByteView md5) const;
  Outcome<Done> check(std::string_view body) const;

 private:
  Bytes expected_;
};

inline constexpr std::size_t kPiece = 256 * 1024;  // in which content passes, bytes

// MD5 and a checksum of content that passes.
class PassingDigests {
 public:
  explicit PassingDigests(std::optional<http::ChecksumAlgorithm> algorithm);
  void update(ByteView data);
  // REQUIRES: called once.
  storage::ContentDigest finish();
  // Empty where the system has no MD5. REQUIRES: after finish().
  ByteView md5() const { return sum_; }

 private:
  std::optional<crypto::Digest> md5_;
  std::optional<http::Checksum> checksum_;
  Bytes sum_;
};

// x-amz-sdk-checksum-algorithm without the checksum that it names: InvalidRequest.
Outcome<Done> check_upload_headers(const S3Call& call);
// The length of the body; MissingContentLength, EntityTooLarge.
Outcome<std::uint64_t> upload_length(const S3Call& call, std::uint64_t limit);

// The body into the writer, which is told ETag and checksums; what was written counts only if this
// succeeds. A checksum of `algorithm` is computed when the client does not send that one itself.
struct ReceivedBody {
  storage::ContentDigest digest;
};
Task<Outcome<ReceivedBody>> receive_body(const S3Call& call, storage::ObjectWriter& writer,
                                         http::ChecksumAlgorithm algorithm);

// The headers ETag and x-amz-checksum-… of what was stored.
void add_checksum_headers(http::Headers& headers, const storage::Checksums& checksums);
// "FULL_OBJECT" or "COMPOSITE".
std::string_view checksum_type(const storage::Checksums& checksums);
std::string quoted_etag(std::string_view etag);
// Without quotes and white space around it.
std::string_view unquoted_etag(std::string_view etag);

}  // namespace sallyport::api
