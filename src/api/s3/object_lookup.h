// Finding the object that a request names.
#pragma once

#include <memory>
#include <string>

#include "api/s3/call.h"

namespace sallyport::api {

// With the permit s3:GetObject, or s3:GetObjectVersion for a version. Errors: NoSuchKey
// (AccessDenied for who may not list the bucket), NoSuchVersion, MethodNotAllowed (a delete
// marker); of delete markers the error's headers tell.
Task<Outcome<storage::ObjectInfo>> s3_head_object(const S3Call& call, std::string version);
Task<Outcome<std::unique_ptr<storage::ObjectReader>>> s3_open_object(const S3Call& call,
                                                                     std::string version);

}  // namespace sallyport::api
