// The policies of roles, users and buckets as they stand in the resource store, parsed once and
// kept until the change feed says otherwise. Inside src/iam only.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "iam/change_cache.h"
#include "iam/evaluate.h"
#include "model/server.h"

namespace sallyport::state {
class ResourceStore;
}

namespace sallyport::iam {

// A role or a user.
struct ParsedPrincipal {
  std::string name;
  std::string arn;
  std::string id;  // AROA… or AIDA…
  std::vector<NamedPolicy> policies;
  bool readable = true;  // false: a policy cannot be read, which might have held a Deny
  std::vector<model::Tag> tags;
  // Of a role.
  std::shared_ptr<const PolicyDocument> trust;  // null: cannot be read, nobody is trusted
  std::chrono::seconds max_session{0};
};
using PrincipalPtr = std::shared_ptr<const ParsedPrincipal>;

struct BucketPolicy {
  std::shared_ptr<const PolicyDocument> document;  // null: there is none
  bool readable = true;
};
using BucketPolicyPtr = std::shared_ptr<const BucketPolicy>;

// The part behind the last '/' of an ARN; empty when there is none.
std::string_view last_component(std::string_view arn);

// Thread-safe; the store outlives it. A principal's managed policies are read with it: a change of
// any of them makes all principals be read again.
class StoredPolicies {
 public:
  explicit StoredPolicies(state::ResourceStore& resources);
  ~StoredPolicies();

  // Errors: kNotFound, kUnavailable, kCorrupt. Never null.
  Task<Result<PrincipalPtr>> role(std::string name);
  Task<Result<PrincipalPtr>> user(std::string name);
  // A bucket without settings has no policy. Errors: kUnavailable.
  Task<Result<BucketPolicyPtr>> bucket(std::string name);

 private:
  struct Caches;
  Task<Result<void>> add_managed(ParsedPrincipal& out, std::vector<std::string> arns);

  state::ResourceStore& resources_;
  std::shared_ptr<Caches> caches_;
  std::shared_ptr<void> subscription_;
};

}  // namespace sallyport::iam
