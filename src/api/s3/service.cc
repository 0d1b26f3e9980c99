#include "api/s3/service.h"

#include <spdlog/spdlog.h>

#include <chrono>

#include "api/s3/audit.h"
#include "api/s3/routes.h"
#include "api/wire_error.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "crypto/digest.h"

namespace sallyport::api {

namespace {

// Who names the bucket's owner means this account or nobody here.
Outcome<Done> check_owner(const S3Request& request, const model::Place& place) {
  for (const std::string_view name :
       {"x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"}) {
    const auto owner = request.headers.find(name);
    if (owner && *owner != place.account)
      return Fault(Errc::kPermissionDenied, "Access Denied", "AccessDenied");
  }
  return done();
}

Task<Outcome<http::HttpResponse>> answer(const S3Context& context, const S3Request& request,
                                         http::SignedBodyReader& body, const Caller& caller,
                                         http::Headers& error_headers) {
  CO_TRY_ASSIGN(const S3Route* const route, find_s3_route(request));
  begin_s3_audit(caller.audit, request, *route, context.place);
  CO_TRY(check_owner(request, context.place));
  const S3Call call{context, request, body, caller, *route, error_headers};
  co_return co_await route->handler(call);
}

// A broken signature, framing or checksum of the body says more than the read error it causes.
WireError error_of(const Fault& fault, const http::SignedBodyReader& body,
                   const S3Request& request) {
  if (body.failure()) return wire_error(*body.failure(), http::SigDialect::kS3);
  WireError out = s3_error(fault);
  if (out.code == "NoSuchKey") out.members = {{"Key", request.key}};
  if (out.code == "NoSuchBucket" || out.code == "NoSuchBucketPolicy" ||
      out.code == "NoSuchTagSet" || out.code == "BucketNotEmpty" ||
      out.code == "BucketAlreadyOwnedByYou")
    out.members = {{"BucketName", request.bucket}};
  return out;
}

}  // namespace

std::string s3_time(WallTime time) {
  return to_iso8601_ms(std::chrono::floor<std::chrono::seconds>(time));
}

http::HttpResponse s3_xml_response(std::string xml) {
  http::HttpResponse response;
  response.headers.add("Content-Type", "application/xml");
  response.body = std::move(xml);
  return response;
}

http::HttpResponse s3_empty_response(int status) {
  http::HttpResponse response;
  response.status = status;
  return response;
}

Task<http::HttpResponse> S3Service::handle(const http::HttpRequest& request,
                                           http::SignedBodyReader& body, const Caller& caller) {
  auto parsed = read_s3_request(request, context_.host_names);
  if (!parsed.ok()) co_return s3_error_response(s3_error(parsed.error()), "", caller.request_id);
  http::Headers error_headers;
  auto answered = co_await answer(context_, *parsed, body, caller, error_headers);
  if (!answered.ok()) {
    const WireError error = error_of(answered.error(), body, *parsed);
    if (error.status >= 500 && error.status != 501) {
      spdlog::error("S3 {} failed: {}: {} (request {})", request.method,
                    errc_name(answered.error().code), answered.error().message, caller.request_id);
    }
    fail_s3_audit(caller.audit, error);
    http::HttpResponse response = s3_error_response(error, parsed->resource, caller.request_id);
    for (std::size_t i = 0; i < error_headers.size(); ++i)
      response.headers.set(error_headers.at(i).name, error_headers.at(i).value);
    co_return response;
  }
  http::HttpResponse response = std::move(*answered);
  response.headers.add("x-amz-request-id", caller.request_id);
  response.headers.add("x-amz-id-2", codec::base64_encode(crypto::sha256(caller.request_id)));
  co_return response;
}

}  // namespace sallyport::api
