#include "iam/denial.h"

namespace sallyport::iam {

namespace {

std::string subject(const Identity& caller, std::string_view action) {
  return "User: " + caller.caller_arn() + " is not authorized to perform: " + std::string(action);
}

std::string_view explicit_source(PolicySource source) {
  switch (source) {
    case PolicySource::kSession: return " with an explicit deny in a session policy";
    case PolicySource::kResource: return " with an explicit deny in a resource-based policy";
    case PolicySource::kTrust: return " with an explicit deny in the role trust policy";
    case PolicySource::kIdentity:
    case PolicySource::kNone:
    case PolicySource::kRoot: break;
  }
  return " with an explicit deny in an identity-based policy";
}

}  // namespace

std::string denial_sentence(const Identity& caller, std::string_view action,
                            std::string_view resource, const Decision& decision) {
  if (caller.kind() == Identity::Kind::kAnonymous) return "Access Denied";
  std::string out = subject(caller, action);
  const bool s3 = action.starts_with("s3:");
  if (s3 && resource != "*") out.append(" on resource: \"").append(resource).append("\"");
  if (!s3) out.append(" on resource: ").append(resource);
  if (decision.verdict == Verdict::kExplicitDeny)
    return out.append(explicit_source(decision.source));
  const std::string_view kind = decision.limited_by_session_policy ? "session" : "identity-based";
  out.append(" because no ").append(kind).append(" policy allows the ").append(action);
  return out.append(" action");
}

std::string trust_denial_sentence(const Identity& caller, bool explicit_deny) {
  std::string out = subject(caller, "sts:AssumeRole");
  if (explicit_deny) return out.append(explicit_source(PolicySource::kTrust));
  return out.append(" because no role trust policy allows the sts:AssumeRole action");
}

}  // namespace sallyport::iam
