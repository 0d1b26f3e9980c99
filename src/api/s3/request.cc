#include "api/s3/request.h"

#include <algorithm>

#include "codec/percent_encoding.h"
#include "codec/utf8.h"

namespace sallyport::api {

namespace {

Fault invalid_uri() {
  return {Errc::kInvalidArgument, "Couldn't parse the specified URI.", "InvalidURI"};
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
  return out;
}

std::string unsupported_query(const S3Request& request) {
  static constexpr std::string_view kKnown[] = {"list-type",
                                                "prefix",
                                                "delimiter",
                                                "max-keys",
                                                "start-after",
                                                "encoding-type",
                                                "fetch-owner",
                                                "continuation-token",
                                                "location",
                                                "x-id",
                                                "response-content-type",
                                                "response-content-disposition",
                                                "response-cache-control",
                                                "response-content-encoding",
                                                "response-content-language",
                                                "response-expires"};
  for (const auto& [name, value] : request.query.fields()) {
    if (http::to_lower(name).starts_with("x-amz-")) continue;
    if (std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) return name;
  }
  return "";
}

}  // namespace sallyport::api
