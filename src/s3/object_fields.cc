#include "s3/object_fields.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "codec/percent_encoding.h"
#include "codec/utf8.h"
#include "http/head_parser.h"
#include "http/sigv4_time.h"

namespace sallyport::s3 {
namespace {

// Beyond what files can be; sums of offsets and sizes stay numbers.
constexpr std::uint64_t kMaxSize = std::uint64_t{1} << 62;
constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kChecksumPrefix = "x-amz-checksum-";
constexpr std::string_view kKeptHeaders[] = {"cache-control",    "content-disposition",
                                             "content-encoding", "content-language",
                                             "expires",          "x-amz-website-redirect-location"};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// Of the whole object: "bytes 0-9/443", or the length where the answer is the whole.
std::optional<std::uint64_t> whole_size(const http::Headers& headers) {
  const auto range = headers.find("content-range");
  if (!range) return number(headers.get("content-length"));
  const std::size_t slash = range->rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return number(range->substr(slash + 1));
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

Result<void> check_value(std::string_view name, std::string_view value) {
  const bool control = std::any_of(value.begin(), value.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!control && codec::is_valid_utf8(value)) return ok();
  return Error(Errc::kInvalidArgument,
               "The value of " + std::string(name) + " cannot be said in a header",
               "InvalidArgument");
}

}  // namespace

Result<void> check_put_options(const storage::PutOptions& options) {
  TRY(check_value("Content-Type", options.content_type));
  for (const auto& [name, value] : options.headers) TRY(check_value(name, value));
  for (const auto& [name, value] : options.metadata) {
    if (!http::is_token(name))
      return Error(Errc::kInvalidArgument, "Names of metadata have letters, digits and - only",
                   "InvalidArgument");
    TRY(check_value(name, value));
  }
  return ok();
}

std::string unquoted_etag(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

Error no_etag(std::string_view what) {
  return Error(Errc::kCorrupt, std::string(what) + ": the answer names no ETag");
}

void add_write_defaults(const WriteDefaults& defaults, http::Headers& headers) {
  if (!defaults.encryption.empty())
    headers.add("x-amz-server-side-encryption", defaults.encryption);
  if (!defaults.kms_key_id.empty())
    headers.add("x-amz-server-side-encryption-aws-kms-key-id", defaults.kms_key_id);
  if (!defaults.acl.empty()) headers.add("x-amz-acl", defaults.acl);
}

void add_put_options(const storage::PutOptions& options, http::Headers& headers) {
  headers.add("Content-Type", options.content_type);
  for (const auto& [name, value] : options.metadata)
    headers.add(std::string(kMetaPrefix) + name, value);
  for (const auto& [name, value] : options.headers) headers.add(name, value);
  std::string tags;
  for (const auto& [name, value] : options.tags) {
    if (!tags.empty()) tags += '&';
    tags += codec::percent_encode(name) + "=" + codec::percent_encode(value);
  }
  if (!tags.empty()) headers.add("x-amz-tagging", tags);
}

Result<storage::ObjectInfo> object_info(std::string key, const http::Headers& headers) {
  const auto size = whole_size(headers);
  if (!size || *size > kMaxSize)
    return Error(Errc::kCorrupt, "the store does not say how large the object is");
  storage::ObjectInfo info;
  info.key = std::move(key);
  info.size = *size;
  (void)http::parse_http_date(headers.get("last-modified"), info.modified);
  info.etag = unquoted_etag(headers.get("etag"));
  info.content_type = headers.get("content-type");
  info.version_id = headers.get("x-amz-version-id");
  info.tag_count =
      static_cast<std::uint32_t>(number(headers.get("x-amz-tagging-count")).value_or(0));
  info.part_count =
      static_cast<std::uint32_t>(number(headers.get("x-amz-mp-parts-count")).value_or(0));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto [name, value] = headers.at(i);
    const std::string lower = http::to_lower(name);
    if (lower.starts_with(kMetaPrefix)) info.metadata[lower.substr(kMetaPrefix.size())] = value;
    if (lower.starts_with(kChecksumPrefix) && lower != "x-amz-checksum-type")
      info.checksums[upper(lower.substr(kChecksumPrefix.size()))] = value;
  }
  for (const std::string_view name : kKeptHeaders)
    if (const auto value = headers.find(name)) info.headers[std::string(name)] = *value;
  return info;
}

}  // namespace sallyport::s3
