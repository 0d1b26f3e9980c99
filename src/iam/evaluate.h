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
  const PolicyDocument* resource = nullptr;  // the bucket's policy, or the trust policy of the role
                                             // that sts:AssumeRole speaks of; null: none
};

enum class Verdict : std::uint8_t { kAllowed, kImplicitDeny, kExplicitDeny };

// Where the deciding statement stands; kRoot where root needed none, kNone where nothing allowed.
enum class PolicySource : std::uint8_t { kNone, kRoot, kIdentity, kSession, kResource, kTrust };

struct Decision {
  Verdict verdict = Verdict::kImplicitDeny;
  PolicySource source = PolicySource::kNone;
  // The statement that decided: its policy's name, which is "session policy", "resource policy" or
  // "trust policy" for those without; empty when none did.
  std::string policy;
  std::string sid;
  std::size_t statement = 0;  // its index
  // An implicit deny that only the session policy caused: identity policies would allow.
  bool limited_by_session_policy = false;

  bool allowed() const { return verdict == Verdict::kAllowed; }
};

// In one account ("Policy evaluation for requests within a single account" and "AWS JSON policy
// elements: Principal"):
// - a Deny of any policy wins, also against root, save that root may always get, put and delete the
//   bucket's policy;
// - root is allowed otherwise; anonymous needs an Allow of the resource policy for everyone;
// - a resource policy that names the user, the session by its own ARN, or everyone, allows;
// - an identity policy, or a resource policy that names the role, allows what the session policy
//   allows too;
// - a resource policy that names the account leaves it to the identity policies.
// With a trust policy as the resource policy an identity policy does not suffice: the trust policy
// must name the caller or the account, root not excepted.
Decision evaluate(const PolicySet& policies, const Identity& caller, const AccessRequest& request);

// Does a trust policy let `service` ("transfer.amazonaws.com") do sts:AssumeRole?
Decision evaluate_trust(const PolicyDocument& trust, std::string_view service,
                        const Context& context);

// How far a trust policy lets a caller of this account do sts:AssumeRole. The caller's own policies
// (and a session's policy) can still deny; evaluate() with the trust policy as the resource policy
// takes all of them in.
enum class TrustOfCaller : std::uint8_t {
  kDenied,       // no statement, or a Deny
  kIfPermitted,  // the account is trusted: the caller's own policies must allow it too
  kTrusted,      // the caller is named himself, by his role, or with everyone; or is root of a
                 // trusted account
};
TrustOfCaller evaluate_trust(const PolicyDocument& trust, const Identity& caller,
                             const Context& context);

}  // namespace sallyport::iam
