// CompleteMultipartUpload.
#include <fmt/format.h>

#include <charconv>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"
#include "api/s3/part_sizes.h"
#include "api/s3/xml_body.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {

namespace {

using Parts = std::vector<storage::CompletedPart>;

Outcome<storage::CompletedPart> read_part(const pugi::xml_node& node) {
  TRY(expect_children(node, {"PartNumber", "ETag", "ChecksumCRC32", "ChecksumCRC32C",
                             "ChecksumCRC64NVME", "ChecksumSHA1", "ChecksumSHA256"}));
  TRY_ASSIGN(const auto number, xml_child_text(node, "PartNumber"));
  TRY_ASSIGN(const auto etag, xml_child_text(node, "ETag"));
  if (!number || !etag) return s3_malformed_xml();
  storage::CompletedPart out;
  const auto [end, error] =
      std::from_chars(number->data(), number->data() + number->size(), out.number);
  if (error != std::errc() || end != number->data() + number->size()) return s3_malformed_xml();
  if (out.number < 1 || out.number > storage::kMaxParts)
    return s3_invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                               "PartNumber", *number);
  out.etag = unquoted_etag(*etag);
  TRY_ASSIGN(out.checksums, read_checksums(node));
  return out;
}

Outcome<Parts> read_parts(std::string_view body) {
  if (body.empty()) return s3_invalid_request("You must specify at least one part");
  TRY_ASSIGN(const auto document, parse_s3_xml(body, "CompleteMultipartUpload"));
  const auto root = document->document_element();
  TRY(expect_children(root, {"Part"}));
  Parts out;
  for (const auto& node : root.children()) {
    TRY_ASSIGN(auto part, read_part(node));
    if (!out.empty() && part.number <= out.back().number) return s3_fault("InvalidPartOrder", "");
    out.push_back(std::move(part));
  }
  if (out.empty()) return s3_malformed_xml();
  return out;
}

// Those of the stored parts that are named, in order.
Task<Outcome<std::vector<storage::PartInfo>>> find_parts(const S3Call& call, iam::Permit permit,
                                                         storage::UploadRef upload,
                                                         const Parts& named) {
  std::vector<storage::PartInfo> out;
  out.reserve(named.size());
  auto wanted = named.begin();
  std::uint32_t after = 0;
  for (bool more = true; more && wanted != named.end();) {
    CO_TRY_ASSIGN(auto page, co_await call.objects().list_parts(permit, upload, after, 1000));
    for (auto& part : page.parts) {
      after = part.number;
      if (wanted == named.end() || part.number < wanted->number) continue;
      if (part.number > wanted->number) co_return s3_fault("InvalidPart", "");
      out.push_back(std::move(part));
      ++wanted;
    }
    more = page.truncated && !page.parts.empty();
  }
  if (wanted != named.end()) co_return s3_fault("InvalidPart", "");
  co_return std::move(out);
}

// What the client says of the whole against what came out.
Outcome<Done> check_stated(const S3Call& call, const UploadChecksum& checksum,
                           const std::string& sum, std::uint64_t size) {
  if (const auto type = call.headers().find(kUploadChecksumType);
      type && checksum.chosen && (*type == "FULL_OBJECT") != checksum.full_object)
    return s3_invalid_request(
        fmt::format("The upload was created using the {} checksum mode. The complete request must "
                    "use the same checksum mode.",
                    checksum.full_object ? "FULL_OBJECT" : "COMPOSITE"));
  const std::string header(http::checksum_header(checksum.algorithm));
  if (const auto stated = call.headers().find(header)) {
    if (*stated != sum && *stated != sum.substr(0, sum.find('-')))
      return s3_fault("BadDigest",
                      fmt::format("The {} you specified did not match the calculated checksum.",
                                  http::checksum_name(checksum.algorithm)));
  }
  if (const auto stated = call.headers().find("x-amz-mp-object-size")) {
    if (*stated != std::to_string(size))
      return s3_invalid_request(
          fmt::format("The provided 'x-amz-mp-object-size' header value does not match what was "
                      "computed: {}",
                      size));
  }
  return done();
}

std::string answer_xml(const S3Call& call, const storage::ObjectInfo& info) {
  codec::XmlWriter xml;
  xml.open("CompleteMultipartUploadResult", kS3Xmlns);
  xml.element("Location",
              fmt::format("http://{}/{}/{}", call.headers().get("Host"), call.request.bucket,
                          codec::percent_encode_path(call.request.key)));
  xml.element("Bucket", call.request.bucket).element("Key", call.request.key);
  xml.element("ETag", quoted_etag(info.etag));
  write_checksums(xml, info.checksums);
  if (!info.checksums.empty()) xml.element("ChecksumType", checksum_type(info.checksums));
  return xml.take();
}

}  // namespace

S3Answer complete_multipart_upload(const S3Call& call) {
  const storage::UploadRef upload{call.request.bucket, call.request.key,
                                  std::string(call.query().get("uploadId"))};
  storage::PutOptions conditions;
  CO_TRY(read_put_conditions(call.headers(), conditions));
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutObject, call.request.key));
  CO_TRY_ASSIGN(const auto body, co_await read_small_body(call, kMaxListBody));
  CO_TRY_ASSIGN(auto parts, read_parts(body));
  CO_TRY_ASSIGN(const auto begun, co_await call.objects().upload_options(permit, upload));
  CO_TRY_ASSIGN(const auto stored, co_await find_parts(call, permit, upload, parts));

  const UploadChecksum checksum = kept_upload_checksum(begun.headers);
  const std::string sum = sum_parts(checksum, stored);
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    size += stored[i].size;
    if (parts[i].etag != stored[i].etag) co_return s3_fault("InvalidPart", "");
    for (const auto& [name, value] : parts[i].checksums) {
      const auto found = stored[i].checksums.find(name);
      if (found != stored[i].checksums.end() && found->second != value)
        co_return s3_fault("InvalidPart", "");
    }
    // The sum holds for the parts as they were just read, and for no others.
    parts[i].checksums = stored[i].checksums;
  }
  CO_TRY(check_stated(call, checksum, sum, size));
  conditions.headers[std::string(kPartSizes)] = encode_part_sizes(stored);
  storage::ContentDigest digest;
  if (!sum.empty()) digest.checksums[std::string(http::checksum_name(checksum.algorithm))] = sum;
  CO_TRY_ASSIGN(const auto info,
                co_await call.objects().complete_upload(permit, upload, std::move(parts),
                                                        std::move(conditions), std::move(digest)));
  auto response = s3_xml_response(answer_xml(call, info));
  add_version_header(response.headers, info.version_id);
  co_return response;
}

}  // namespace sallyport::api
