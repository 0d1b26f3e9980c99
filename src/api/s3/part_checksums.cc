#include "api/s3/part_checksums.h"

#include <fmt/format.h>

#include "api/s3/object_headers.h"
#include "api/s3/xml_body.h"
#include "codec/base64.h"
#include "codec/crc.h"

namespace sallyport::api {

namespace {

using http::ChecksumAlgorithm;

bool combines(ChecksumAlgorithm algorithm) {
  return algorithm == ChecksumAlgorithm::kCrc32 || algorithm == ChecksumAlgorithm::kCrc32c ||
         algorithm == ChecksumAlgorithm::kCrc64Nvme;
}

std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes) out = out << 8 | byte;
  return out;
}

std::uint64_t combine(ChecksumAlgorithm algorithm, std::uint64_t first, std::uint64_t second,
                      std::uint64_t size) {
  const auto a = static_cast<std::uint32_t>(first), b = static_cast<std::uint32_t>(second);
  switch (algorithm) {
    case ChecksumAlgorithm::kCrc32: return codec::Crc32::combine(a, b, size);
    case ChecksumAlgorithm::kCrc32c: return codec::Crc32c::combine(a, b, size);
    default: return codec::Crc64Nvme::combine(first, second, size);
  }
}

// The raw checksum of a part.
std::optional<Bytes> raw_checksum(const storage::PartInfo& part, ChecksumAlgorithm algorithm) {
  const auto found = part.checksums.find(std::string(http::checksum_name(algorithm)));
  if (found == part.checksums.end()) return std::nullopt;
  auto raw = codec::base64_decode(found->second);
  if (!raw.ok() || raw->size() != http::checksum_size(algorithm)) return std::nullopt;
  return std::move(*raw);
}

std::string sum_full(ChecksumAlgorithm algorithm, const std::vector<storage::PartInfo>& parts) {
  std::uint64_t sum = 0;
  for (const auto& part : parts) {
    const auto raw = raw_checksum(part, algorithm);
    if (!raw) return "";
    sum = combine(algorithm, sum, big_endian(*raw), part.size);
  }
  Bytes bytes(http::checksum_size(algorithm));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(sum >> (8 * (bytes.size() - 1 - i)));
  return codec::base64_encode(bytes);
}

std::string sum_composite(ChecksumAlgorithm algorithm,
                          const std::vector<storage::PartInfo>& parts) {
  http::Checksum sum(algorithm);
  for (const auto& part : parts) {
    const auto raw = raw_checksum(part, algorithm);
    if (!raw) return "";
    sum.update(*raw);
  }
  return fmt::format("{}-{}", sum.finish().base64, parts.size());
}

std::string element_of(std::string_view name) {
  return "Checksum" + std::string(name);
}

}  // namespace

Outcome<UploadChecksum> read_upload_checksum(const http::Headers& headers) {
  UploadChecksum out;
  const auto name = headers.find(kUploadChecksumAlgorithm);
  const auto type = headers.find(kUploadChecksumType);
  if (!name) {
    if (type)
      return s3_invalid_request(
          "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm "
          "header.");
    return out;
  }
  const auto algorithm = http::checksum_of_name(*name);
  if (!algorithm)
    return s3_invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid "
        "types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  out.algorithm = *algorithm;
  out.chosen = true;
  out.full_object = *algorithm == ChecksumAlgorithm::kCrc64Nvme;
  if (!type) return out;
  if (*type != "FULL_OBJECT" && *type != "COMPOSITE")
    return s3_invalid_request("Value for x-amz-checksum-type header is invalid.");
  out.full_object = *type == "FULL_OBJECT";
  const bool possible =
      out.full_object ? combines(*algorithm) : *algorithm != ChecksumAlgorithm::kCrc64Nvme;
  if (!possible)
    return s3_invalid_request(
        fmt::format("The {} checksum type cannot be used with the {} checksum algorithm.", *type,
                    http::to_lower(*name)));
  return out;
}

void keep_upload_checksum(const UploadChecksum& checksum, storage::ContentHeaders& headers) {
  if (!checksum.chosen) return;
  headers[std::string(kUploadChecksumAlgorithm)] = http::checksum_name(checksum.algorithm);
  headers[std::string(kUploadChecksumType)] = checksum.full_object ? "FULL_OBJECT" : "COMPOSITE";
}

UploadChecksum kept_upload_checksum(const storage::ContentHeaders& headers) {
  UploadChecksum out;
  const auto name = headers.find(std::string(kUploadChecksumAlgorithm));
  const auto type = headers.find(std::string(kUploadChecksumType));
  if (name == headers.end() || type == headers.end()) return out;
  const auto algorithm = http::checksum_of_name(name->second);
  if (!algorithm) return out;
  return {*algorithm, type->second == "FULL_OBJECT", true};
}

std::string sum_parts(const UploadChecksum& checksum, const std::vector<storage::PartInfo>& parts) {
  return checksum.full_object ? sum_full(checksum.algorithm, parts)
                              : sum_composite(checksum.algorithm, parts);
}

void write_checksums(codec::XmlWriter& xml, const storage::Checksums& checksums) {
  for (const auto& [name, value] : checksums) xml.element(element_of(name), value);
}

Outcome<storage::Checksums> read_checksums(const pugi::xml_node& node) {
  storage::Checksums out;
  for (const std::string_view name : {"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"}) {
    TRY_ASSIGN(const auto value, xml_child_text(node, element_of(name).c_str()));
    if (value) out[std::string(name)] = *value;
  }
  return out;
}

}  // namespace sallyport::api
