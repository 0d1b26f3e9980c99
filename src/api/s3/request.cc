#include "api/s3/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "api/s3/errors.h"
#include "codec/percent_encoding.h"
#include "codec/utf8.h"
#include "http/checksum.h"

namespace sallyport::api {

namespace {

Fault invalid_uri() {
  return s3_fault("InvalidURI", "");
}

Fault bad_copy_source(std::string_view header) {
  return s3_invalid_argument(
      "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
      "x-amz-copy-source", codec::is_valid_utf8(header) ? header : "");
}

// What signing took from the headers into the query, as S3 reads it.
void add_hoisted_headers(const codec::Form& query, http::Headers& headers) {
  if (!query.contains("X-Amz-Signature")) return;
  for (const auto& [name, value] : query.fields()) {
    const std::string lower = http::to_lower(name);
    if (!lower.starts_with("x-amz-") || name.starts_with("X-Amz-")) continue;
    // A URL is made before its body is known.
    if (lower == "x-amz-sdk-checksum-algorithm" || http::checksum_of_header(lower)) continue;
    if (!headers.contains(lower)) headers.add(lower, value);
  }
}

// "bucket" of "bucket.localhost:4566", when "localhost" is one of the names; else "".
std::string bucket_of_host(std::string_view host, const std::vector<std::string>& host_names) {
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos && host.back() != ']')
    host = host.substr(0, colon);
  const std::string name = http::to_lower(host);
  std::size_t longest = 0;
  for (const auto& known : host_names) {
    // "s3.localhost" is a name of the service, not the bucket "s3" of "localhost".
    if (name == known) return "";
    if (name.size() > known.size() + 1 && name.ends_with("." + known))
      longest = std::max(longest, known.size());
  }
  return longest == 0 ? "" : name.substr(0, name.size() - longest - 1);
}

}  // namespace

Outcome<S3Request> read_s3_request(const http::HttpRequest& request,
                                   const std::vector<std::string>& host_names) {
  S3Request out;
  out.http = &request;
  auto path = codec::percent_decode(request.path());
  if (!path.ok() || !codec::is_valid_utf8(*path) || !path->starts_with('/')) return invalid_uri();
  if (path->find('\0') != std::string::npos) return invalid_uri();
  out.bucket = bucket_of_host(request.headers.get("Host"), host_names);
  std::string_view rest = std::string_view(*path).substr(1);
  if (out.bucket.empty()) {
    const auto slash = rest.find('/');
    out.bucket = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  out.key = rest;
  out.resource =
      out.bucket.empty() ? "/" : "/" + out.bucket + (out.key.empty() ? "" : "/" + out.key);
  auto query = codec::parse_form(request.query());
  if (!query.ok()) return invalid_uri();
  out.query = std::move(*query);
  out.headers = request.headers;
  add_hoisted_headers(out.query, out.headers);
  return out;
}

Outcome<CopySource> parse_copy_source(std::string_view header) {
  CopySource out;
  std::string_view path = header;
  constexpr std::string_view kVersion = "?versionId=";
  if (const auto at = header.rfind(kVersion); at != std::string_view::npos) {
    path = header.substr(0, at);
    auto version = codec::form_decode(header.substr(at + kVersion.size()));
    if (!version.ok() || version->empty() || !codec::is_valid_utf8(*version))
      return bad_copy_source(header);
    out.version = std::move(*version);
  }
  auto decoded = codec::form_decode(path);
  if (!decoded.ok() || !codec::is_valid_utf8(*decoded)) return bad_copy_source(header);
  if (decoded->find('\0') != std::string::npos) return bad_copy_source(header);
  std::string_view rest = *decoded;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const auto slash = rest.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == rest.size())
    return bad_copy_source(header);
  out.bucket = rest.substr(0, slash);
  out.key = rest.substr(slash + 1);
  if (out.bucket.starts_with("arn:")) return s3_not_implemented("Copying through an access point");
  return out;
}

Outcome<std::string> read_version_id(const codec::Form& query) {
  const auto version = query.find("versionId");
  if (version && version->empty())
    return s3_invalid_argument("Version id cannot be the empty string", "versionId", "");
  return std::string(version.value_or(""));
}

Outcome<std::uint32_t> read_number(const codec::Form& query, std::string_view name,
                                   std::uint32_t fallback, std::uint32_t least,
                                   std::uint32_t most) {
  const auto text = query.find(name);
  if (!text || text->empty()) return fallback;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool number = error == std::errc() && end == text->data() + text->size();
  if (!number && text->find_first_not_of("0123456789-") != std::string_view::npos)
    return s3_invalid_argument(
        fmt::format("Provided {} not an integer or within integer range", name), name, *text);
  if (!number || value < least || value > most)
    return s3_invalid_argument(
        fmt::format("Argument {} must be an integer between {} and {}", name, least, most), name,
        *text);
  return value;
}

}  // namespace sallyport::api
