// One request to the S3 API on its way through the operations.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "api/caller.h"
#include "api/page_token.h"
#include "api/s3/errors.h"
#include "api/s3/request.h"
#include "api/services.h"
#include "base/task.h"
#include "http/signed_body.h"
#include "iam/authorizer.h"
#include "storage/bucket_store.h"

namespace sallyport::api {

inline constexpr std::string_view kS3Xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

// Outlives every call. Thread-safe.
struct S3Context {
  storage::BucketStore& objects;
  iam::Authorizer& authorizer;
  state::ResourceStore& resources;
  model::Place place;
  PageTokens tokens;
  std::vector<std::string> host_names;
  // Whether sessions look for the bucket in another store; empty: never.
  std::function<bool(std::string_view bucket)> is_elsewhere = {};
};

struct S3Route;

// One request; everything referenced outlives its task.
struct S3Call {
  const S3Context& context;
  const S3Request& request;
  http::SignedBodyReader& body;
  const Caller& caller;
  const S3Route& route;
  http::Headers& error_headers;  // sent along when the operation fails

  const http::Headers& headers() const { return request.headers; }
  const codec::Form& query() const { return request.query; }
  storage::BucketStore& objects() const { return context.objects; }
};

using S3Answer = Task<Outcome<http::HttpResponse>>;

// As S3 writes times in XML: whole seconds, like the header Last-Modified.
std::string s3_time(WallTime time);
http::HttpResponse s3_xml_response(std::string xml);
http::HttpResponse s3_empty_response(int status);

}  // namespace sallyport::api
