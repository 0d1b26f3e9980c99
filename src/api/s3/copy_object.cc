#include <fmt/format.h>

#include "api/s3/access.h"
#include "api/s3/body.h"
#include "api/s3/copy_source.h"
#include "api/s3/copy_with_checksum.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/part_checksums.h"
#include "codec/xml.h"

namespace sallyport::api {

namespace {

using iam::Action;

Outcome<bool> read_directive(const http::Headers& headers, std::string_view header,
                             std::string_view what) {
  const auto value = headers.find(header);
  if (!value || *value == "COPY") return false;
  if (*value == "REPLACE") return true;
  return s3_invalid_argument(fmt::format("Unknown {} directive.", what), header, *value);
}

Outcome<storage::CopyOptions> read_copy_options(const S3Call& call) {
  const auto& headers = call.headers();
  TRY(check_object_headers(headers));
  storage::CopyOptions options;
  TRY_ASSIGN(options.replace_metadata,
             read_directive(headers, "x-amz-metadata-directive", "metadata"));
  TRY_ASSIGN(options.replace_tags, read_directive(headers, "x-amz-tagging-directive", "tagging"));
  TRY_ASSIGN(options.put, read_put_options(headers));
  TRY(read_put_conditions(headers, options.put));
  TRY(read_source_conditions(headers, options));
  return options;
}

Outcome<Done> check_source(const S3Call& call, const PermittedSource& source,
                           const storage::CopyOptions& options) {
  if (source.info.size > kMaxCopySource)
    return s3_invalid_request(
        fmt::format("The specified copy source is larger than the maximum allowable size for a "
                    "copy source: {}",
                    kMaxCopySource));
  const bool itself = source.object.bucket == call.request.bucket &&
                      source.object.key == call.request.key && source.object.version.empty();
  if (itself && !options.replace_metadata && !options.replace_tags)
    return s3_invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the object's metadata, storage class, website redirect location or encryption "
        "attributes.");
  if (const auto wanted = call.headers().find("x-amz-checksum-algorithm")) {
    if (!http::checksum_of_name(*wanted))
      return s3_invalid_request("Value for x-amz-checksum-algorithm header is invalid.");
  }
  return done();
}

// The rights on tags that come along or are given; that of reading the source's, when they do.
Task<Outcome<std::optional<iam::Permit>>> check_tagging(const S3Call& call,
                                                        const PermittedSource& source,
                                                        const storage::CopyOptions& options) {
  std::optional<iam::Permit> reading;
  iam::Context tag_keys;
  if (options.replace_tags) {
    if (options.put.tags.empty()) co_return reading;
    tag_keys = request_tag_context(options.put.tags);
  } else {
    if (source.info.tag_count == 0) co_return reading;
    const auto action = source.object.version.empty() ? Action::kGetObjectTagging
                                                      : Action::kGetObjectVersionTagging;
    CO_TRY_ASSIGN(reading,
                  co_await s3_permit_in(call, action, source.object.bucket, source.object.key));
  }
  CO_TRY(
      co_await s3_permit(call, Action::kPutObjectTagging, call.request.key, std::move(tag_keys)));
  co_return reading;
}

// A checksum that was asked for and does not come along with the content.
std::optional<http::ChecksumAlgorithm> checksum_to_make(const S3Call& call,
                                                        const storage::ObjectInfo& source) {
  const auto name = call.headers().find("x-amz-checksum-algorithm");
  if (!name || source.checksums.contains(std::string(*name))) return std::nullopt;
  return http::checksum_of_name(*name);
}

Task<Outcome<storage::ObjectInfo>> copy(const S3Call& call, PermittedSource source,
                                        iam::Permit write, const storage::CopyOptions& options) {
  CO_TRY_ASSIGN(auto reading, co_await check_tagging(call, source, options));
  if (const auto algorithm = checksum_to_make(call, source.info)) {
    RewrittenCopy rewritten{std::move(source), std::move(reading), std::move(write), options};
    co_return co_await copy_with_checksum(call, std::move(rewritten), *algorithm);
  }
  storage::ObjectRef to{call.request.bucket, call.request.key};
  CO_TRY_ASSIGN(auto info, co_await call.objects().copy_version(source.read, write, source.object,
                                                                std::move(to), options));
  co_return std::move(info);
}

}  // namespace

S3Answer copy_object(const S3Call& call) {
  CO_TRY_ASSIGN(const auto options, read_copy_options(call));
  iam::Context tag_keys;
  if (options.replace_tags) tag_keys = request_tag_context(options.put.tags);
  CO_TRY_ASSIGN(auto write, co_await s3_permit(call, Action::kPutObject, call.request.key,
                                               std::move(tag_keys)));
  CO_TRY_ASSIGN(auto source, co_await find_copy_source(call));
  CO_TRY(check_source(call, source, options));
  const std::string source_version = source.info.version_id;
  CO_TRY_ASSIGN(const auto info, co_await copy(call, std::move(source), std::move(write), options));
  codec::XmlWriter xml;
  xml.open("CopyObjectResult", kS3Xmlns);
  xml.element("LastModified", s3_time(info.modified));
  xml.element("ETag", quoted_etag(info.etag));
  write_checksums(xml, info.checksums);
  if (!info.checksums.empty()) xml.element("ChecksumType", checksum_type(info.checksums));
  auto response = s3_xml_response(xml.take());
  if (!source_version.empty()) response.headers.add("x-amz-copy-source-version-id", source_version);
  add_version_header(response.headers, info.version_id);
  co_return response;
}

}  // namespace sallyport::api
