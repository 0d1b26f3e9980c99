// Which operation a request asks for: one row an operation.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "api/s3/call.h"

namespace sallyport::api {

enum class S3Scope : std::uint8_t { kService, kBucket, kObject };

using S3Handler = S3Answer (*)(const S3Call&);

// One operation. Of the rows of a method and scope the first whose parameter (and header) the
// request has is meant; a row without either stands behind those.
struct S3Route {
  std::string_view method;
  S3Scope scope;
  std::string_view parameter;  // of the query; "list-type=2" wants the value too; "" for none
  std::string_view header;     // must be there as well; "" for none
  std::string_view name;       // of the event in the audit log
  S3Handler handler;
};

std::span<const S3Route> s3_routes();
// NotImplemented for a method or a sub-resource that is in no row; InvalidArgument for two
// sub-resources at once.
Outcome<const S3Route*> find_s3_route(const S3Request& request);

}  // namespace sallyport::api
