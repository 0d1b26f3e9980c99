// UploadPart and UploadPartCopy.
#include <fmt/format.h>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/conditions.h"
#include "api/s3/copy_source.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"
#include "codec/xml.h"

namespace sallyport::api {

namespace {

struct PartRef {
  storage::UploadRef upload;
  std::uint32_t number = 0;
};

Outcome<PartRef> read_part(const S3Call& call) {
  const auto text = call.query().get("partNumber");
  const auto number = read_number(call.query(), "partNumber", 0, 1, storage::kMaxParts);
  if (!number.ok() || *number == 0)
    return s3_invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                               "partNumber", text);
  return PartRef{{call.request.bucket, call.request.key, std::string(call.query().get("uploadId"))},
                 *number};
}

Outcome<Done> check_algorithm(const S3Call& call, const UploadChecksum& checksum) {
  const auto sent = call.body.announced_checksum();
  if (!checksum.chosen || !sent || *sent == checksum.algorithm) return done();
  return s3_invalid_request(
      fmt::format("Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum "
                  "Type: {}",
                  http::to_lower(http::checksum_name(checksum.algorithm)),
                  http::to_lower(http::checksum_name(*sent))));
}

// "bytes=first-last", both of them.
Outcome<storage::BucketStore::Range> read_source_range(const S3Call& call, std::uint64_t size) {
  storage::BucketStore::Range out;
  const auto header = call.headers().find("x-amz-copy-source-range");
  if (!header) return out;
  const auto last_char = header->empty() ? '-' : header->back();
  const auto range = read_range_header(*header, size);
  const bool form = header->starts_with("bytes=") && header->find("=-") == std::string_view::npos &&
                    last_char != '-';
  if (!form || (range.ok() && !*range))
    return s3_invalid_argument(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and "
        "last are the zero-based offsets of the first and last bytes to copy",
        "x-amz-copy-source-range", *header);
  // One that is cut at the end of the source is not what was asked for.
  if (!range.ok() || header->substr(header->find('-') + 1) != std::to_string((*range)->last))
    return s3_invalid_argument(
        fmt::format("Range specified is not valid for source object of size: {}", size),
        "x-amz-copy-source-range", *header);
  out.first = (*range)->first;
  out.count = (*range)->last - (*range)->first + 1;
  return out;
}

}  // namespace

S3Answer upload_part(const S3Call& call) {
  CO_TRY(check_upload_headers(call));
  CO_TRY(check_read_headers(call.headers()));
  CO_TRY_ASSIGN(const auto part, read_part(call));
  CO_TRY(upload_length(call, storage::kMaxPartBytes));
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kPutObject, call.request.key));
  CO_TRY_ASSIGN(const auto options, co_await call.objects().upload_options(permit, part.upload));
  const UploadChecksum checksum = kept_upload_checksum(options.headers);
  CO_TRY(check_algorithm(call, checksum));
  CO_TRY_ASSIGN(auto writer, co_await call.objects().create_part(permit, part.upload, part.number));
  auto received = co_await receive_body(call, *writer, checksum.algorithm);
  if (!received.ok()) {
    co_await writer->abort();
    co_return std::move(received).error();
  }
  CO_TRY_ASSIGN(const auto info, co_await writer->commit());
  http::HttpResponse response;
  response.headers.add("ETag", quoted_etag(info.etag));
  for (const auto& [name, value] : received->digest.checksums)
    if (const auto algorithm = http::checksum_of_name(name))
      response.headers.add(http::checksum_header(*algorithm), value);
  co_return response;
}

S3Answer upload_part_copy(const S3Call& call) {
  CO_TRY(check_read_headers(call.headers()));
  CO_TRY_ASSIGN(const auto part, read_part(call));
  storage::CopyOptions options;
  CO_TRY(read_source_conditions(call.headers(), options));
  CO_TRY_ASSIGN(auto write, co_await s3_permit(call, iam::Action::kPutObject, call.request.key));
  CO_TRY_ASSIGN(const auto source, co_await find_copy_source(call));
  CO_TRY_ASSIGN(const auto range, read_source_range(call, source.info.size));
  if (std::min(range.count, source.info.size) > kMaxCopySource)
    co_return s3_invalid_request(
        fmt::format("The specified copy source is larger than the maximum allowable size for a "
                    "copy source: {}",
                    kMaxCopySource));
  CO_TRY_ASSIGN(const auto copied,
                co_await call.objects().copy_part(source.read, write, source.object, range,
                                                  part.upload, part.number, options));
  codec::XmlWriter xml;
  xml.open("CopyPartResult", kS3Xmlns);
  xml.element("LastModified", s3_time(copied.modified));
  xml.element("ETag", quoted_etag(copied.etag));
  write_checksums(xml, copied.checksums);
  auto response = s3_xml_response(xml.take());
  if (!source.info.version_id.empty())
    response.headers.add("x-amz-copy-source-version-id", source.info.version_id);
  co_return response;
}

}  // namespace sallyport::api
