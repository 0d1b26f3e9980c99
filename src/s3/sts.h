// A client of a store's Security Token Service: AWS STS, that of a Ceph RADOS Gateway, or another
// that speaks as they do ("Actions" in the AWS STS API reference, version 2011-06-15).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/client_pool.h"
#include "http/url.h"
#include "s3/credentials.h"
#include "s3/fault.h"

namespace sallyport::s3 {

struct StsOptions {
  http::Url endpoint;
  std::string region = "us-east-1";
  // Role ARNs go without an AWS account's number (12 digits), as Ceph knows none.
  bool drop_accounts = false;
};

struct WebIdentity {
  std::string role_arn;
  std::string session_name;
  SecretString token;
};

// The reason of kUnavailable when the STS does not take the caller's own keys.
inline constexpr std::string_view kCallerRefused = "CallerKeysRefused";
// Thread-safe; calls resume on the caller's loop. Requests are tried again as the pool does it.
// Errors carry the STS's request id, and its own code as the reason; besides those named: kUnavailable
// (it cannot be reached, is throttling or is none; its answer cannot be used), kTimeout, kCancelled.
class Sts {
 public:
  // The pool and the clock outlive it.
  Sts(StsOptions options, http::ClientPool& pool, const Clock& clock)
      : options_(std::move(options)), pool_(pool), clock_(clock) {}

  // For `session.life`, or 15 minutes where the role's maximum is less than that life. Errors:
  // kPermissionDenied; kUnavailable with kCallerRefused.
  Task<Result<Keys>> assume_role(http::Credentials caller,
                                 std::shared_ptr<const iam::AssumeRoleRequest> session);
  // Unsigned. Error: kPermissionDenied.
  Task<Result<Keys>> assume_role_with_web_identity(WebIdentity identity);
  // As whom `caller` acts. Errors: kPermissionDenied; kUnsupported (Ceph does not offer it).
  Task<Result<std::string>> caller_arn(http::Credentials caller);

  // As it is sent.
  std::string role_name_of(std::string_view arn) const;
  const StsOptions& options() const { return options_; }

 private:
  // `caller` null: not signed.
  Task<Result<http::HttpResponse>> call(std::string form, const http::Credentials* caller);

  const StsOptions options_;
  http::ClientPool& pool_;
  const Clock& clock_;
};

}  // namespace sallyport::s3
