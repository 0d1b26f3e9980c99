// Policy evaluation: an explicit deny wins, then something must allow (IAM user guide, "Policy
// evaluation logic" within one account). Pure and thread-safe; what `explain-access` and the
// Authorizer share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "iam/identity.h"
#include "iam/pattern.h"
#include "iam/policy.h"

namespace sallyport::iam {

struct AccessRequest {
  std::string action;    // "s3:GetObject"; compared without regard to letter case
  std::string resource;  // ARN
  Context context;
};

// A policy under the name that a Decision gives for it.
struct NamedPolicy {
  std::string name;
  std::shared_ptr<const PolicyDocument> document;
};

// All policies that speak of one request. Borrowed.
struct PolicySet {
  std::span<const NamedPolicy> identity;     // of the role or user
  const PolicyDocument* session = nullptr;   // null: none; else it must allow as well
  const PolicyDocument* resource = nullptr;  // the bucket's policy; null: none
};

enum class Verdict : std::uint8_t { kAllowed, kImplicitDeny, kExplicitDeny };

// Where the deciding statement stands.
enum class PolicySource : std::uint8_t { kNone, kRoot, kIdentity, kSession, kResource, kTrust };

struct Decision {
  Verdict verdict = Verdict::kImplicitDeny;
  PolicySource source = PolicySource::kNone;
  // The statement that decided; policy is empty when none did.
  std::string policy;
  std::string sid;
  std::size_t statement = 0;  // its index
  // An implicit deny that only the session policy caused: identity policies would allow.
  bool limited_by_session_policy = false;

  bool allowed() const { return verdict == Verdict::kAllowed; }
};

// In one account:
// - a Deny of any policy wins, also against root (a bucket policy's);
// - root is allowed otherwise; anonymous needs an Allow of the resource policy;
// - a user or role is allowed by an identity policy or by the resource policy; a session policy
//   limits both, save what a resource policy allows the session by its own ARN.
Decision evaluate(const PolicySet& policies, const Identity& caller, const AccessRequest& request);

// Does a trust policy let `service` ("transfer.amazonaws.com") do sts:AssumeRole?
Decision evaluate_trust(const PolicyDocument& trust, std::string_view service,
                        const Context& context);

// How far a trust policy lets a caller of this account do sts:AssumeRole.
enum class TrustOfCaller : std::uint8_t {
  kDenied,       // no statement, or a Deny
  kIfPermitted,  // the account is trusted: the caller's own policies must allow it too
  kTrusted,      // the caller is named himself
};
TrustOfCaller evaluate_trust(const PolicyDocument& trust, const Identity& caller,
                             const Context& context);

}  // namespace sallyport::iam
