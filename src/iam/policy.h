// A policy as parsed (IAM user guide, "Grammar of the IAM JSON policy language"). Pure, bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "iam/condition.h"
#include "iam/pattern.h"
#include "iam/policy_principals.h"

namespace sallyport::iam {

// What a policy hangs on decides which elements it has.
enum class PolicyKind : std::uint8_t {
  kIdentity,  // of a role, and session policies: no Principal
  kBucket,    // Principal and Resource
  kTrust,     // AssumeRolePolicyDocument: Principal, no Resource, actions of STS
};

enum class Effect : std::uint8_t { kAllow, kDeny };

struct Statement {
  std::string sid;
  Effect effect = Effect::kAllow;
  bool not_action = false;
  std::vector<Pattern> actions;  // in lower case, to be matched with a lower-case action
  bool not_resource = false;
  std::vector<Pattern> resources;  // empty in trust policies
  Principals principals;           // of bucket and trust policies
  std::vector<Condition> conditions;
};

// Sizes without white space, as IAM counts them, and of the text as given.
inline constexpr std::size_t kMaxIdentityPolicyBytes = 10240;
inline constexpr std::size_t kMaxBucketPolicyBytes = 20480;
inline constexpr std::size_t kMaxTrustPolicyBytes = 4096;
inline constexpr std::size_t kMaxPolicyText = 131072;
inline constexpr std::size_t kMaxStatements = 500;

// Immutable, thread-safe.
class PolicyDocument {
 public:
  // Errors: kInvalidArgument with reason "MalformedPolicyDocument"; the message names the place
  // ("Statement[1].Action") and what would be right. kLimitExceeded with reason "LimitExceeded".
  static Result<std::shared_ptr<const PolicyDocument>> parse(std::string_view json,
                                                             PolicyKind kind);

  PolicyKind kind() const { return kind_; }
  const std::string& id() const { return id_; }
  const std::vector<Statement>& statements() const { return statements_; }
  // A condition has a key s3:ExistingObjectTag/….
  bool asks_object_tags() const;

 private:
  friend class PolicyParser;
  PolicyDocument() = default;
  PolicyKind kind_ = PolicyKind::kIdentity;
  std::string id_;
  std::vector<Statement> statements_;
};

}  // namespace sallyport::iam
