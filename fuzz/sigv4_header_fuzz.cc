// Signatures as a request presents them: a head whose Authorization, query and dates are arbitrary.
#include <cstdlib>
#include <string>

#include "http/head_parser.h"
#include "http/sigv4.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::HeadParser parser;
  http::HttpRequest request;
  if (parser.parse_request({data, size}, request) != http::ParseStep::kDone) {
    // Not a head: the bytes as an Authorization header and as a query.
    const std::string text(reinterpret_cast<const char*>(data), size);
    request = http::HttpRequest();
    request.method = "GET";
    request.target = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&" + text;
    (void)http::parse_authorization(request);
    request.target = "/a/../b?" + text;
    request.headers.add("Host", "h");
    request.headers.add("X-Amz-Date", "20130524T000000Z");
    request.headers.add("Authorization", text);
  }
  const auto presented = http::parse_authorization(request);
  if (!presented.ok()) return 0;
  const SecretString secret("secret");
  const std::string hash = presented->is_s3() ? presented->content_sha256 : http::sha256_hex("");
  (void)http::verify(*presented, request, hash, secret, presented->signed_at);
  // What we sign ourselves must verify, whatever the request looks like.
  if (presented->presigned || !request.headers.contains("Host")) return 0;
  http::sign(request, {presented->access_key, secret, presented->session_token}, hash,
             {presented->region, presented->service, presented->signed_at});
  const auto own = http::parse_authorization(request);
  if (own.ok() && !http::verify(*own, request, hash, secret, own->signed_at).ok() &&
      request.headers.get("x-amz-content-sha256").empty())
    std::abort();
  return 0;
}
