// May this identity do this? Trust is settled once, when a role is assumed; policies are read as
// they stand at each call (IAM user guide, "Policy evaluation logic").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "iam/permit.h"
#include "model/ids.h"

namespace sallyport::state {
class ResourceStore;
}

namespace sallyport::iam {

class PolicyDocument;

// Who acts. Immutable, cheap to copy, thread-safe.
class Identity {
 public:
  // The installation's own root credentials: everything is allowed.
  static Identity root(std::string_view account = "000000000000");
  bool is_root() const { return role_arn_.empty(); }
  const std::string& role_arn() const { return role_arn_; }
  // "arn:aws:sts::<account>:assumed-role/<role>/<session>"; the root's account ARN for root.
  const std::string& caller_arn() const { return caller_arn_; }

 private:
  friend class Authorizer;
  Identity() = default;  // the root's; nobody gets that by forgetting to fill one in
  std::string role_arn_;
  std::string caller_arn_;
  std::string user_id_;  // "<role id>:<session name>", condition key aws:userid
  std::shared_ptr<const PolicyDocument> session_policy_;
};

struct AssumeRoleRequest {
  std::string role_arn;
  std::string session_name;                        // at most 64 characters
  std::string service = "transfer.amazonaws.com";  // the principal that assumes
  std::string session_policy;  // JSON text, variables already replaced; may be empty
  std::string source_arn;  // for whom the service acts (condition key aws:SourceArn); may be empty
};

// What a request says beside its resource; feeds condition keys.
struct RequestDetails {
  std::string delimiter;  // of kListBucket: s3:delimiter; empty: none
};

// Thread-safe. Reads roles through the resource store, with a cache that its change feed keeps
// true.
class Authorizer {
 public:
  Authorizer(state::ResourceStore& resources, model::Place place);
  ~Authorizer();

  // Errors: kPermissionDenied with reason "AssumeRole" (the role is not there, or does not trust
  // the service, or the session policy cannot be read); kUnavailable.
  Task<Result<Identity>> assume_role(AssumeRoleRequest request);

  // Errors: kPermissionDenied with reason "AccessDenied"; kUnavailable. `key` is the object key, or
  // for kListBucket the prefix (condition key s3:prefix). A role whose policies cannot be read
  // allows nothing.
  Task<Result<Permit>> authorize(Identity identity, Action action, std::string bucket,
                                 std::string key, RequestDetails details = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::iam
