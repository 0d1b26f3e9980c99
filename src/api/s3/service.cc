#include "api/s3/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "api/wire_error.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "storage/object_store.h"

namespace sallyport::api {

namespace {

using S3Handler = S3Answer (*)(const S3Call&);

Fault not_implemented(std::string_view what) {
  return {Errc::kUnsupported,
          fmt::format("{} is not available in this version of Sallyport.", what), "NotImplemented"};
}

Outcome<S3Handler> choose_for_bucket(const S3Request& request) {
  const std::string& method = request.http->method;
  if (method == "GET" && request.query.contains("location")) return &get_bucket_location;
  if (method == "GET" && request.query.get("list-type") == "2") return &list_objects_v2;
  if (method == "GET") return not_implemented("ListObjects (version 1)");
  if (method == "PUT") return &create_bucket;
  if (method == "HEAD") return &head_bucket;
  if (method == "DELETE") return &delete_bucket;
  return not_implemented(method + " on a bucket");
}

Outcome<S3Handler> choose(const S3Request& request) {
  if (const std::string name = unsupported_query(request); !name.empty())
    return not_implemented(fmt::format("The parameter {}", name.substr(0, 64)));
  const std::string& method = request.http->method;
  if (request.bucket.empty()) {
    if (method == "GET") return &list_buckets;
    return not_implemented(method + " on the service");
  }
  if (request.key.empty()) return choose_for_bucket(request);
  if (method == "GET" || method == "HEAD") return &get_object;
  if (method == "PUT") return &put_object;
  if (method == "DELETE") return &delete_object;
  return not_implemented(method + " on an object");
}

Task<Outcome<http::HttpResponse>> answer(const S3Context& context, const S3Request& request,
                                         http::SignedBodyReader& body, const Caller& caller) {
  CO_TRY_ASSIGN(const S3Handler handler, choose(request));
  const S3Call call{context, request, body, caller};
  co_return co_await handler(call);
}

// A broken signature, framing or checksum of the body says more than the read error it causes.
WireError error_of(const Fault& fault, const http::SignedBodyReader& body) {
  if (body.failure()) return wire_error(*body.failure(), http::SigDialect::kS3);
  return s3_error(fault);
}

}  // namespace

Task<Outcome<iam::Permit>> s3_permit(const S3Call& call, iam::Action action, std::string key) {
  // Named, as g++ 12 destroys an aggregate twice that is a temporary of a co_await expression.
  iam::RequestDetails details = call.caller.details();
  if (const auto delimiter = call.request.query.get("delimiter"); !delimiter.empty())
    details.context.push_back({"s3:delimiter", std::string(delimiter)});
  auto permit = co_await call.context.authorizer.authorize(
      call.caller.identity, action, call.request.bucket, std::move(key), std::move(details));
  if (!permit.ok()) co_return std::move(permit).error();
  co_return std::move(permit).value();
}

http::HttpResponse s3_xml_response(std::string xml) {
  http::HttpResponse response;
  response.headers.add("Content-Type", "application/xml");
  response.body = std::move(xml);
  return response;
}

Task<http::HttpResponse> S3Service::handle(const http::HttpRequest& request,
                                           http::SignedBodyReader& body, const Caller& caller) {
  auto parsed = read_s3_request(request, context_.host_names);
  if (!parsed.ok()) co_return s3_error_response(s3_error(parsed.error()), "", caller.request_id);
  auto answered = co_await answer(context_, *parsed, body, caller);
  if (!answered.ok()) {
    const WireError error = error_of(answered.error(), body);
    if (error.status >= 500 && error.status != 501) {
      spdlog::error("S3 {} failed: {}: {} (request {})", request.method,
                    errc_name(answered.error().code), answered.error().message, caller.request_id);
    }
    co_return s3_error_response(error, parsed->resource, caller.request_id);
  }
  http::HttpResponse response = std::move(*answered);
  response.headers.add("x-amz-request-id", caller.request_id);
  response.headers.add("x-amz-id-2", codec::base64_encode(crypto::sha256(caller.request_id)));
  co_return response;
}

}  // namespace sallyport::api
