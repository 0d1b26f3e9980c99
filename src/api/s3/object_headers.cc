#include "api/s3/object_headers.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/s3/body.h"
#include "api/s3/tags.h"
#include "codec/utf8.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxMetadata = 2048;
constexpr std::size_t kMaxRedirect = 2048;
constexpr std::string_view kMeta = "x-amz-meta-";
constexpr std::string_view kRedirect = "x-amz-website-redirect-location";

// As the store keeps them, and as they are sent.
constexpr std::pair<std::string_view, std::string_view> kContentHeaders[] = {
    {"cache-control", "Cache-Control"},
    {"content-disposition", "Content-Disposition"},
    {"content-encoding", "Content-Encoding"},
    {"content-language", "Content-Language"},
    {"expires", "Expires"},
    {kRedirect, kRedirect},
};

constexpr std::pair<std::string_view, std::string_view> kOverrides[] = {
    {"response-content-type", "Content-Type"},
    {"response-content-disposition", "Content-Disposition"},
    {"response-cache-control", "Cache-Control"},
    {"response-content-encoding", "Content-Encoding"},
    {"response-content-language", "Content-Language"},
    {"response-expires", "Expires"},
};

Outcome<Done> check_acl(const http::Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (http::to_lower(headers.at(i).name).starts_with("x-amz-grant-"))
      return s3_fault("AccessControlListNotSupported", "");
  const auto acl = headers.find("x-amz-acl");
  if (!acl || *acl == "private" || *acl == "bucket-owner-full-control") return done();
  static constexpr std::string_view kKnown[] = {"public-read",        "public-read-write",
                                                "authenticated-read", "aws-exec-read",
                                                "bucket-owner-read",  "log-delivery-write"};
  if (std::find(std::begin(kKnown), std::end(kKnown), *acl) != std::end(kKnown))
    return s3_fault("AccessControlListNotSupported", "");
  return s3_invalid_argument("", "x-amz-acl", *acl);
}

Outcome<Done> check_storage_class(const http::Headers& headers) {
  const auto name = headers.find("x-amz-storage-class");
  if (!name || *name == "STANDARD") return done();
  static constexpr std::string_view kKnown[] = {"REDUCED_REDUNDANCY",
                                                "STANDARD_IA",
                                                "ONEZONE_IA",
                                                "INTELLIGENT_TIERING",
                                                "GLACIER",
                                                "DEEP_ARCHIVE",
                                                "OUTPOSTS",
                                                "GLACIER_IR",
                                                "SNOW",
                                                "EXPRESS_ONEZONE",
                                                "FSX_OPENZFS",
                                                "FSX_ONTAP"};
  if (std::find(std::begin(kKnown), std::end(kKnown), *name) != std::end(kKnown))
    return s3_not_implemented(fmt::format("The storage class {}", *name));
  return s3_fault("InvalidStorageClass", "");
}

// aws-chunked describes the transfer and goes; what else there is describes the content.
std::string content_encoding(std::string_view value) {
  std::string out;
  while (!value.empty()) {
    const auto comma = value.find(',');
    const std::string_view one = http::trim(value.substr(0, comma));
    value = comma == std::string_view::npos ? std::string_view() : value.substr(comma + 1);
    if (one.empty() || http::equals_ignore_case(one, "aws-chunked")) continue;
    if (!out.empty()) out += ",";
    out += one;
  }
  return out;
}

Outcome<Done> read_metadata(const http::Headers& headers, storage::Metadata& out) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto field = headers.at(i);
    const std::string name = http::to_lower(field.name);
    if (!name.starts_with(kMeta) || name.size() == kMeta.size()) continue;
    if (!codec::is_valid_utf8(field.value))
      return s3_invalid_argument("Metadata values must be UTF-8.", name, "");
    size += name.size() - kMeta.size() + field.value.size();
    std::string& value = out[name.substr(kMeta.size())];
    if (!value.empty()) value += ",";
    value += field.value;
  }
  if (size > kMaxMetadata) return s3_fault("MetadataTooLarge", "");
  return done();
}

Outcome<Done> read_redirect(std::string_view value, storage::ContentHeaders& out) {
  if (value.size() > kMaxRedirect)
    return s3_fault("InvalidRedirectLocation",
                    "The length of website redirect location cannot exceed 2,048 characters.");
  if (!value.starts_with("/") && !value.starts_with("http://") && !value.starts_with("https://"))
    return s3_fault("InvalidRedirectLocation",
                    "The website redirect location must have a prefix of 'http://' or 'https://' "
                    "or '/'.");
  out[std::string(kRedirect)] = value;
  return done();
}

}  // namespace

Outcome<Done> check_object_headers(const http::Headers& headers) {
  TRY(check_acl(headers));
  TRY(check_storage_class(headers));
  for (const std::string_view name :
       {"x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-context", "x-amz-server-side-encryption-bucket-key-enabled",
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-algorithm"}) {
    if (headers.contains(name))
      return s3_not_implemented(fmt::format("Server-side encryption ({})", name));
  }
  for (const std::string_view name :
       {"x-amz-object-lock-mode", "x-amz-object-lock-retain-until-date",
        "x-amz-object-lock-legal-hold"}) {
    if (headers.contains(name))
      return s3_invalid_request("Bucket is missing Object Lock Configuration");
  }
  if (headers.contains("x-amz-write-offset-bytes"))
    return s3_not_implemented("Appending with x-amz-write-offset-bytes");
  return done();
}

Outcome<Done> check_read_headers(const http::Headers& headers) {
  for (const std::string_view name :
       {"x-amz-server-side-encryption-customer-algorithm",
        "x-amz-copy-source-server-side-encryption-customer-algorithm"}) {
    if (headers.contains(name))
      return s3_not_implemented(fmt::format("Server-side encryption ({})", name));
  }
  return done();
}

Outcome<storage::PutOptions> read_put_options(const http::Headers& headers) {
  storage::PutOptions options;
  if (const auto type = headers.find("Content-Type"); type && !type->empty())
    options.content_type = *type;
  for (const auto& [kept, sent] : kContentHeaders) {
    const auto value = headers.find(sent);
    if (!value || value->empty()) continue;
    if (!codec::is_valid_utf8(*value))
      return s3_invalid_argument("Header values must be UTF-8.", sent, "");
    if (kept == kRedirect) {
      TRY(read_redirect(*value, options.headers));
    } else if (kept == "content-encoding") {
      if (std::string rest = content_encoding(*value); !rest.empty())
        options.headers[std::string(kept)] = std::move(rest);
    } else {
      options.headers[std::string(kept)] = *value;
    }
  }
  TRY(read_metadata(headers, options.metadata));
  if (const auto tagging = headers.find("x-amz-tagging")) {
    TRY_ASSIGN(options.tags, parse_tagging_header(*tagging));
  }
  return options;
}

Outcome<Done> read_put_conditions(const http::Headers& headers, storage::PutOptions& options) {
  const auto none_match = headers.find("If-None-Match");
  const auto match = headers.find("If-Match");
  if (none_match && *none_match != "*")
    return s3_not_implemented("If-None-Match other than * on a write");
  if (match && (*match == "*" || match->find(',') != std::string_view::npos))
    return s3_not_implemented("If-Match other than one entity tag on a write");
  if (match && none_match)
    return s3_not_implemented("If-Match together with If-None-Match on a write");
  options.only_if_absent = none_match.has_value();
  if (match) {
    options.only_if_etag = unquoted_etag(*match);
    if (options.only_if_etag.empty())
      return s3_invalid_argument("The entity tag of If-Match is empty.", "If-Match", *match);
  }
  return done();
}

void add_version_header(http::Headers& headers, std::string_view version_id) {
  if (!version_id.empty()) headers.add("x-amz-version-id", version_id);
}

void add_validators(http::Headers& headers, const storage::ObjectInfo& info) {
  headers.add("ETag", quoted_etag(info.etag));
  headers.add("Last-Modified", to_http_date(info.modified));
  add_version_header(headers, info.version_id);
}

void add_object_headers(http::Headers& headers, const storage::ObjectInfo& info,
                        const codec::Form& query) {
  add_validators(headers, info);
  headers.add("Accept-Ranges", "bytes");
  headers.add("Content-Type", info.content_type);
  for (const auto& [kept, sent] : kContentHeaders)
    if (const auto found = info.headers.find(std::string(kept)); found != info.headers.end())
      headers.add(sent, found->second);
  for (const auto& [name, value] : info.metadata) headers.add(std::string(kMeta) + name, value);
  for (const auto& [parameter, header] : kOverrides)
    if (const auto value = query.find(parameter)) headers.set(header, *value);
}

}  // namespace sallyport::api
