// Who calls and with what, as every service of the API sees it.
#pragma once

#include <optional>
#include <string>

#include "api/audit.h"
#include "base/clock.h"
#include "iam/authorizer.h"

namespace sallyport::api {

// One call; outlives the service's task.
struct Caller {
  iam::Identity identity = iam::Identity::anonymous();
  std::string access_key;  // empty: unsigned, or unknown
  std::string source_ip;
  std::string user_agent;
  std::string referer;
  std::string request_id;
  WallTime time{};
  // Whether the request came over TLS, where that is known: on a loopback address a proxy may have
  // ended it.
  std::optional<bool> secure_transport;
  // S3 only: condition keys s3:authType ("REST-HEADER", "REST-QUERY-STRING", "" unsigned),
  // s3:signatureAge.
  std::string auth_type;
  WallTime signed_at{};
  // What the service tells the audit log of this call.
  AuditNote* audit = nullptr;

  // aws:SourceIp, aws:UserAgent, aws:CurrentTime, aws:SecureTransport (where known), …: what every
  // question to the policies says.
  iam::RequestDetails details() const;
};

// Whether the caller may do it; kPermissionDenied. All outlive the task.
Task<Result<void>> may(iam::Authorizer& authorizer, const Caller& caller, std::string action,
                       std::string resource);

}  // namespace sallyport::api
