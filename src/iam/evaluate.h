// Policy evaluation: an explicit deny wins, then something must allow (IAM user guide, "Policy
// evaluation logic"). Pure and thread-safe; what `explain-access` and the Authorizer share.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

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

enum class Verdict : std::uint8_t { kAllowed, kImplicitDeny, kExplicitDeny };

struct Decision {
  Verdict verdict = Verdict::kImplicitDeny;
  // The statement that decided; policy is empty when none did.
  std::string policy;
  std::string sid;
  std::size_t statement = 0;  // its index
  // An implicit deny that only the session policy caused.
  bool limited_by_session_policy = false;

  bool allowed() const { return verdict == Verdict::kAllowed; }
};

// `session_policy` null: there is none. Otherwise the request must be allowed by both.
Decision evaluate(std::span<const NamedPolicy> policies, const PolicyDocument* session_policy,
                  const AccessRequest& request);

// Does a trust policy let `service` ("transfer.amazonaws.com") do sts:AssumeRole?
Decision evaluate_trust(const PolicyDocument& trust, std::string_view service,
                        const Context& context);

}  // namespace sallyport::iam
