#include "http/checksum.h"

#include <array>

#include "codec/base64.h"
#include "http/headers.h"

namespace sallyport::http {
namespace {

struct Row {
  ChecksumAlgorithm algorithm;
  std::string_view name;
  std::string_view header;
  std::size_t size;
};

constexpr std::array<Row, 5> kRows = {{
    {ChecksumAlgorithm::kCrc32, "CRC32", "x-amz-checksum-crc32", 4},
    {ChecksumAlgorithm::kCrc32c, "CRC32C", "x-amz-checksum-crc32c", 4},
    {ChecksumAlgorithm::kCrc64Nvme, "CRC64NVME", "x-amz-checksum-crc64nvme", 8},
    {ChecksumAlgorithm::kSha1, "SHA1", "x-amz-checksum-sha1", 20},
    {ChecksumAlgorithm::kSha256, "SHA256", "x-amz-checksum-sha256", 32},
}};

const Row& row(ChecksumAlgorithm algorithm) {
  return kRows[static_cast<std::size_t>(algorithm)];
}

using State = std::variant<codec::Crc32, codec::Crc32c, codec::Crc64Nvme, crypto::Digest>;

State initial(ChecksumAlgorithm algorithm) {
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return codec::Crc32();
    case ChecksumAlgorithm::kCrc32c: return codec::Crc32c();
    case ChecksumAlgorithm::kCrc64Nvme: return codec::Crc64Nvme();
    case ChecksumAlgorithm::kSha1: return crypto::Digest(crypto::DigestKind::kSha1);
    case ChecksumAlgorithm::kSha256: break;
  }
  return crypto::Digest(crypto::DigestKind::kSha256);
}

template <class Word>
Bytes big_endian(Word value) {
  Bytes out(sizeof value);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(value >> (8 * (out.size() - 1 - i)));
  return out;
}

struct Raw {
  Bytes operator()(const codec::Crc32& c) const { return big_endian(c.value()); }
  Bytes operator()(const codec::Crc32c& c) const { return big_endian(c.value()); }
  Bytes operator()(const codec::Crc64Nvme& c) const { return big_endian(c.value()); }
  Bytes operator()(crypto::Digest& d) const { return d.finish(); }
};

}  // namespace

std::string_view checksum_name(ChecksumAlgorithm algorithm) {
  return row(algorithm).name;
}
std::string_view checksum_header(ChecksumAlgorithm algorithm) {
  return row(algorithm).header;
}
std::size_t checksum_size(ChecksumAlgorithm algorithm) {
  return row(algorithm).size;
}

std::optional<ChecksumAlgorithm> checksum_of_header(std::string_view header) {
  for (const Row& r : kRows)
    if (equals_ignore_case(r.header, header)) return r.algorithm;
  return std::nullopt;
}

std::optional<ChecksumAlgorithm> checksum_of_name(std::string_view name) {
  for (const Row& r : kRows)
    if (r.name == name) return r.algorithm;
  return std::nullopt;
}

Checksum::Checksum(ChecksumAlgorithm algorithm)
    : algorithm_(algorithm), state_(initial(algorithm)) {}

void Checksum::update(ByteView data) {
  std::visit([data](auto& state) { state.update(data); }, state_);
}

ChecksumValue Checksum::finish() {
  return {algorithm_, codec::base64_encode(std::visit(Raw(), state_))};
}

}  // namespace sallyport::http
