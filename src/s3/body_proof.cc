#include "s3/body_proof.h"

#include "codec/base64.h"
#include "http/sigv4.h"

namespace sallyport::s3 {

BodySums::BodySums(bool sha256, BodyCheck check) {
  if (sha256) sha256_.emplace(crypto::DigestKind::kSha256);
  if (check == BodyCheck::kMd5) md5_.emplace(crypto::DigestKind::kMd5);
  if (check == BodyCheck::kCrc32c) crc32c_.emplace(http::ChecksumAlgorithm::kCrc32c);
}

void BodySums::update(ByteView data) {
  if (sha256_) sha256_->update(data);
  if (md5_) md5_->update(data);
  if (crc32c_) crc32c_->update(data);
}

BodyProof BodySums::take() {
  BodyProof out;
  out.sha256 = sha256_ ? to_hex(sha256_->finish()) : std::string(http::kUnsignedPayload);
  if (md5_) out.checksum = codec::base64_encode(md5_->finish());
  if (crc32c_) {
    out.checksum = crc32c_->finish().base64;
    crc32c_.emplace(http::ChecksumAlgorithm::kCrc32c);
  }
  return out;
}

std::string_view checksum_header(BodyCheck check) {
  switch (check) {
    case BodyCheck::kNone: return {};
    case BodyCheck::kMd5: return "Content-MD5";
    case BodyCheck::kCrc32c: break;
  }
  return http::checksum_header(http::ChecksumAlgorithm::kCrc32c);
}

}  // namespace sallyport::s3
