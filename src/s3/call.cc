#include "s3/call.h"

#include "codec/percent_encoding.h"

namespace sallyport::s3 {
namespace {

bool names_bucket_in_host(const Place& place, const Call& call) {
  return place.addressing == Addressing::kVirtualHost && !call.bucket.empty();
}

}  // namespace

http::Origin origin_of(const Place& place, const Call& call) {
  http::Origin origin = http::Origin::of(place.endpoint);
  if (names_bucket_in_host(place, call)) origin.host = call.bucket + "." + origin.host;
  return origin;
}

http::HttpRequest wire_request(const Place& place, const Call& call) {
  const bool in_host = names_bucket_in_host(place, call);
  http::HttpRequest request;
  request.method = call.method;
  request.target = "/";
  if (!in_host && !call.bucket.empty()) {
    request.target += codec::percent_encode(call.bucket);
    if (!call.key.empty()) request.target += '/';
  }
  request.target += codec::percent_encode_path(call.key);
  char separator = '?';
  for (const auto& [name, value] : call.query) {
    request.target += separator;
    request.target += codec::percent_encode(name);
    request.target += '=';
    request.target += codec::percent_encode(value);
    separator = '&';
  }
  request.headers = call.headers;
  std::string host = place.endpoint.authority();
  if (in_host) host = call.bucket + "." + host;
  request.headers.set("Host", host);
  return request;
}

void add_proof(Call& call, BodyCheck check, BodyProof proof) {
  call.body_sha256 = std::move(proof.sha256);
  if (check != BodyCheck::kNone)
    call.headers.add(std::string(checksum_header(check)), std::move(proof.checksum));
}

std::string copy_source(std::string_view bucket, std::string_view key) {
  return "/" + codec::percent_encode(bucket) + "/" + codec::percent_encode_path(key);
}

}  // namespace sallyport::s3
