// An S3 request taken apart: bucket and key (path style or virtual-hosted style), headers, query.
#pragma once

#include <optional>
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
  // The request's, and those that a presigned URL has in its query ("x-amz-meta-…").
  http::Headers headers;
  std::string resource;  // "/bucket/key", for error bodies
};

// `host_names` as in ApiOptions. InvalidURI for a path that does not decode or is not UTF-8.
Outcome<S3Request> read_s3_request(const http::HttpRequest& request,
                                   const std::vector<std::string>& host_names);

// The header x-amz-copy-source: "[/]bucket/key[?versionId=id]", form-encoded. InvalidArgument.
struct CopySource {
  std::string bucket;
  std::string key;
  std::string version;  // empty: the current one
};
Outcome<CopySource> parse_copy_source(std::string_view header);

// The parameter versionId; "" without one. InvalidArgument for an empty one.
Outcome<std::string> read_version_id(const codec::Form& query);
// A parameter that is a number between bounds, or `fallback` without it. InvalidArgument.
Outcome<std::uint32_t> read_number(const codec::Form& query, std::string_view name,
                                   std::uint32_t fallback, std::uint32_t least, std::uint32_t most);

}  // namespace sallyport::api
