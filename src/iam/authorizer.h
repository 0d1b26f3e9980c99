// May this identity do this? Trust is settled once, when a role is assumed; policies are read as
// they stand at each call (IAM user guide, "Policy evaluation logic").
#pragma once

#include <chrono>
#include <map>
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

struct ParsedPrincipal;

// How long an assumed role may be used where nobody says otherwise (AssumeRole, DurationSeconds).
inline constexpr std::chrono::seconds kRoleSessionLife{3600};
inline constexpr std::chrono::seconds kMinRoleSessionLife{900};
// Of a role that was assumed with another role's credentials.
inline constexpr std::chrono::seconds kMaxChainedSessionLife{3600};
inline constexpr std::size_t kMaxSessionPolicyCharacters = 2048;

// Where the tags of an object are found, for the condition keys s3:ExistingObjectTag/….
// Thread-safe.
class ObjectTagSource {
 public:
  virtual ~ObjectTagSource() = default;
  // None for an object that is not there. The permit is for a decision, not for the caller.
  virtual Task<Result<std::map<std::string, std::string>>> object_tags(Permit permit,
                                                                       std::string version) = 0;
};

// What a request says beside its resource: more condition keys (s3:delimiter, aws:SourceIp, …).
// Those of the caller and of the place are added by the Authorizer.
struct RequestDetails {
  Context context;
  // Asked only when a policy wants to know; outlives the question. Null: no object has a say.
  ObjectTagSource* object_tags = nullptr;
  std::string object_key = {};
  std::string object_version = {};  // empty: the current one
};

struct AssumeRoleRequest {
  std::string role_arn;
  std::string session_name;                        // at most 64 characters
  std::string service = "transfer.amazonaws.com";  // the principal that assumes
  std::string session_policy;  // JSON text, variables already replaced; may be empty
  std::string source_arn;   // for whom the service acts (condition key aws:SourceArn); may be empty
  std::string external_id;  // condition key sts:ExternalId; may be empty
  std::chrono::seconds life = kRoleSessionLife;
  RequestDetails details;  // of a caller's request, for the trust policy's conditions
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
  // For a caller of the API (STS AssumeRole): `request.service` and `source_arn` do not count. The
  // role's trust policy must name the caller, or name the account while the caller's own policies
  // allow sts:AssumeRole on the role. AWS refuses this to the root user; here root may assume what
  // trusts the account, as an installation often has no other key. Errors: kPermissionDenied with
  // reason "AccessDenied" and the usual sentence (also for a role that is not there);
  // kInvalidArgument with reason "MalformedPolicyDocument" (session policy) or "ValidationError"
  // (a name, an external id or a life out of bounds); kUnavailable.
  Task<Result<Identity>> assume_role(Identity caller, AssumeRoleRequest request);
  // A session as it was assumed, from a token that this installation sealed; it began
  // `request.life` before `expires`. Errors as of loading a role: kNotFound when it is gone (AWS:
  // InvalidClientTokenId), kUnavailable; kCorrupt when the session policy cannot be read.
  Task<Result<Identity>> resume_role(AssumeRoleRequest request, WallTime expires);
  // Error: kNotFound, kUnavailable.
  Task<Result<Identity>> user(std::string user_name);

  // For S3. Errors: kPermissionDenied with reason "AccessDenied"; kUnavailable. `key` as the
  // action's scope wants it. A role whose policies cannot be read allows nothing, nor does a bucket
  // whose policy cannot be read to anyone but root.
  Task<Result<Permit>> authorize(Identity identity, Action action, std::string bucket,
                                 std::string key, RequestDetails details = {});
  // For a store that decides for itself: as whom it is asked. Nothing is looked up here.
  static Permit delegate(std::shared_ptr<const AssumeRoleRequest> session, Action action,
                         std::string bucket, std::string key);
  // For every other service. Error: kPermissionDenied with reason "AccessDenied" and the sentence
  // "User: … is not authorized to perform: … on resource: … because …".
  Task<Result<void>> check(Identity identity, AccessQuestion question);
  // The decision itself, for explanations. Errors: kPermissionDenied (the role or user is not there
  // or has been replaced by another of its name, or a policy cannot be read), kUnavailable.
  Task<Result<Decision>> decide(Identity identity, AccessQuestion question);

 private:
  struct Impl;
  Result<Identity> session_of(const ParsedPrincipal& role, const AssumeRoleRequest& request,
                              WallTime expires) const;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::iam
