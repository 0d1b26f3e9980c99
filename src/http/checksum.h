// The checksums of S3's flexible checksum headers (x-amz-checksum-*).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "codec/crc.h"
#include "crypto/digest.h"

namespace sallyport::http {

enum class ChecksumAlgorithm : std::uint8_t { kCrc32, kCrc32c, kCrc64Nvme, kSha1, kSha256 };

// "CRC32", as S3 spells it in x-amz-sdk-checksum-algorithm and in its texts.
std::string_view checksum_name(ChecksumAlgorithm algorithm);
// "x-amz-checksum-crc32"
std::string_view checksum_header(ChecksumAlgorithm algorithm);
// From the header's name, case-insensitively.
std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header);
// From the name as S3 spells it ("CRC32"), case-sensitively.
std::optional<ChecksumAlgorithm> checksum_of_name(std::string_view name);
// Length of the raw checksum in bytes.
std::size_t checksum_size(ChecksumAlgorithm algorithm);

struct ChecksumValue {
  ChecksumAlgorithm algorithm;
  std::string base64;  // big-endian bytes
};

// Of data that arrives in pieces. One thread at a time.
class Checksum {
 public:
  explicit Checksum(ChecksumAlgorithm algorithm);
  void update(ByteView data);
  // REQUIRES: called once.
  ChecksumValue finish();
  ChecksumAlgorithm algorithm() const { return algorithm_; }

 private:
  ChecksumAlgorithm algorithm_;
  std::variant<codec::Crc32, codec::Crc32c, codec::Crc64Nvme, crypto::Digest> state_;
};

}  // namespace sallyport::http
