// An S3 request taken apart: bucket and key (path style or virtual-hosted style), and the query.
#pragma once

#include <string>
#include <vector>

#include "api/fault.h"
#include "codec/form.h"
#include "http/message.h"

namespace sallyport::api {

struct S3Request {
  const http::HttpRequest* http = nullptr;
  std::string bucket;  // empty: the service itself
  std::string key;     // empty: the bucket
  codec::Form query;
  std::string resource;  // "/bucket/key", for error bodies
};

// `host_names` as in ApiOptions. InvalidURI for a path that does not decode or is not UTF-8.
Outcome<S3Request> read_s3_request(const http::HttpRequest& request,
                                   const std::vector<std::string>& host_names);

// The first query parameter or header that asks for something this version does not do, or "".
std::string unsupported_query(const S3Request& request);

}  // namespace sallyport::api
