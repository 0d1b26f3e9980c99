// Amazon S3's REST API over the embedded buckets (S3 API reference, API version 2006-03-01).
#pragma once

#include "api/s3/call.h"

namespace sallyport::api {

// Thread-safe.
class S3Service {
 public:
  explicit S3Service(S3Context context) : context_(std::move(context)) {}
  // All references outlive the task. Tells caller.audit of the call.
  Task<http::HttpResponse> handle(const http::HttpRequest& request, http::SignedBodyReader& body,
                                  const Caller& caller);

 private:
  S3Context context_;
};

}  // namespace sallyport::api
