// May this identity do this? Trust is settled once, when a role is assumed; policies are read as
// they stand at each call (IAM user guide, "Policy evaluation logic").
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "iam/evaluate.h"
#include "iam/identity.h"
#include "iam/permit.h"
#include "model/ids.h"

namespace sallyport::state {
class ResourceStore;
}

namespace sallyport::iam {

// How long an assumed role may be used where nobody says otherwise (AssumeRole, DurationSeconds).
inline constexpr std::chrono::seconds kRoleSessionLife{3600};

struct AssumeRoleRequest {
  std::string role_arn;
  std::string session_name;                        // at most 64 characters
  std::string service = "transfer.amazonaws.com";  // the principal that assumes
  std::string session_policy;  // JSON text, variables already replaced; may be empty
  std::string source_arn;   // for whom the service acts (condition key aws:SourceArn); may be empty
  std::string external_id;  // condition key sts:ExternalId; may be empty
  std::chrono::seconds life = kRoleSessionLife;
};

// What a request says beside its resource: more condition keys (s3:delimiter, aws:SourceIp, …).
// Those of the caller and of the place are added by the Authorizer.
struct RequestDetails {
  Context context;
};

// One question to the policies.
struct AccessQuestion {
  std::string action;
  std::string resource;  // ARN
  std::string bucket;    // whose bucket policy speaks too; empty: none
  RequestDetails details;
};

// Thread-safe. Reads roles, users, managed policies and bucket policies through the resource store,
// with a cache that its change feed keeps true.
class Authorizer {
 public:
  Authorizer(state::ResourceStore& resources, model::Place place, const Clock& clock);
  ~Authorizer();

  // For a service. Errors: kPermissionDenied with reason "AssumeRole" (the role is not there, or
  // does not trust the service, or the session policy cannot be read); kUnavailable.
  Task<Result<Identity>> assume_role(AssumeRoleRequest request);
  // For a caller of the API (STS AssumeRole): `request.service` does not count. Errors:
  // kPermissionDenied with reason "AccessDenied" and the usual sentence; kInvalidArgument with
  // reason "MalformedPolicyDocument" (session policy) or "ValidationError" (a life beyond the
  // role's); kUnavailable.
  Task<Result<Identity>> assume_role(Identity caller, AssumeRoleRequest request);
  // A session as it was assumed, from a token that this installation sealed. Errors as of loading a
  // role: kNotFound when it is gone (AWS: InvalidClientTokenId), kUnavailable.
  Task<Result<Identity>> resume_role(AssumeRoleRequest request, WallTime expires);
  // Error: kNotFound, kUnavailable.
  Task<Result<Identity>> user(std::string user_name);

  // For S3. Errors: kPermissionDenied with reason "AccessDenied"; kUnavailable. `key` as the
  // action's scope wants it. A role whose policies cannot be read allows nothing.
  Task<Result<Permit>> authorize(Identity identity, Action action, std::string bucket,
                                 std::string key, RequestDetails details = {});
  // For every other service. Error: kPermissionDenied with reason "AccessDenied" and the sentence
  // "User: … is not authorized to perform: … on resource: … because …".
  Task<Result<void>> check(Identity identity, AccessQuestion question);
  // The decision itself, for explanations. Errors: kPermissionDenied (the role is not there or
  // cannot be read), kUnavailable.
  Task<Result<Decision>> decide(Identity identity, AccessQuestion question);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::iam
