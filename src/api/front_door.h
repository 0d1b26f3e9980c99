// The one API port: health and metrics for anyone, what a bucket policy opens for unsigned S3
// requests, everything else for signed ones. The service is chosen by the signature's credential
// scope, then by X-Amz-Target, then by Action; whose the key is, and whether it holds, by the
// CredentialStore. Each call leaves its event in the audit log, one that names a known key but does
// not hold as well.
//   GET /_sallyport/health     200 once set_ready(true) was called, else 503
//   GET /_sallyport/metrics    Prometheus text
//   GET /_sallyport/…          signed: support/service.h
#pragma once

#include <memory>

#include "api/services.h"
#include "base/result.h"
#include "http/server.h"

namespace sallyport::api {

// Thread-safe.
class FrontDoor final : public http::Handler {
 public:
  // kInvalidArgument for options that cannot work (a short page token key).
  static Result<std::unique_ptr<FrontDoor>> create(ApiServices services, ApiOptions options);
  ~FrontDoor() override;

  Task<http::HttpResponse> handle(http::HttpRequest& request, http::BodyReader& body,
                                  const http::RequestContext& context) override;

  // Whether the health check answers 200; false at first.
  void set_ready(bool ready);

 private:
  struct Impl;
  explicit FrontDoor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::api
