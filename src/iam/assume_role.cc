#include <algorithm>

#include "iam/authorizer_impl.h"
#include "iam/denial.h"
#include "iam/policy.h"

namespace sallyport::iam {

namespace {

constexpr std::size_t kMinSessionName = 2;
constexpr std::size_t kMaxSessionName = 64;
constexpr std::size_t kMinExternalId = 2;
constexpr std::size_t kMaxExternalId = 1224;
constexpr std::chrono::seconds kMaxRoleSessionLife{12 * 3600};
constexpr std::string_view kAssumeRole = "sts:AssumeRole";

Error cannot_assume(std::string message) {
  return Error(Errc::kPermissionDenied, std::move(message), "AssumeRole");
}

Error invalid(std::string message) {
  return Error(Errc::kInvalidArgument, std::move(message), "ValidationError");
}

Error violated(std::string_view member, std::string_view constraint) {
  std::string text = "1 validation error detected: Value at '";
  text.append(member).append("' failed to satisfy constraint: Member must ").append(constraint);
  return invalid(std::move(text));
}

// [\w+=,.@-] and what `more` adds, in ASCII.
bool is_of(std::string_view text, std::string_view more) {
  return std::all_of(text.begin(), text.end(), [more](char c) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return word || std::string_view("_+=,.@-").find(c) != std::string_view::npos ||
           more.find(c) != std::string_view::npos;
  });
}

// The bounds that the API reference of AssumeRole gives its parameters.
Result<void> check_parameters(const AssumeRoleRequest& request) {
  const std::string& name = request.session_name;
  if (name.size() < kMinSessionName)
    return violated("roleSessionName", "have length greater than or equal to 2");
  if (name.size() > kMaxSessionName)
    return violated("roleSessionName", "have length less than or equal to 64");
  if (!is_of(name, ""))
    return violated("roleSessionName", "satisfy regular expression pattern: [\\w+=,.@-]*");
  const std::string& id = request.external_id;
  if (!id.empty() && id.size() < kMinExternalId)
    return violated("externalId", "have length greater than or equal to 2");
  if (id.size() > kMaxExternalId)
    return violated("externalId", "have length less than or equal to 1224");
  if (!is_of(id, ":/"))
    return violated("externalId", "satisfy regular expression pattern: [\\w+=,.@:\\/-]*");
  if (request.life < kMinRoleSessionLife)
    return violated("durationSeconds", "have value greater than or equal to 900");
  if (request.life > kMaxRoleSessionLife)
    return violated("durationSeconds", "have value less than or equal to 43200");
  const std::string& policy = request.session_policy;
  const auto characters =
      std::count_if(policy.begin(), policy.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (static_cast<std::size_t>(characters) > kMaxSessionPolicyCharacters)
    return violated("policy", "have length less than or equal to 2048");
  if (!policy.empty()) TRY(PolicyDocument::parse(policy, PolicyKind::kIdentity));
  return ok();
}

}  // namespace

Result<Identity> Authorizer::session_of(const ParsedPrincipal& role,
                                        const AssumeRoleRequest& request, WallTime expires) const {
  const std::string session = request.session_name.substr(0, kMaxSessionName);
  Identity out;
  if (!request.session_policy.empty()) {
    TRY_ASSIGN(out.session_policy_,
               PolicyDocument::parse(request.session_policy, PolicyKind::kIdentity));
    out.session_policy_text_ = request.session_policy;
  }
  out.account_ = impl_->place.account;
  out.principal_arn_ = role.arn;
  out.role_arn_ = role.arn;
  out.caller_arn_ = "arn:aws:sts::" + out.account_ + ":assumed-role/" + role.name + "/" + session;
  out.user_id_ = role.id + ":" + session;
  out.issued_ = expires - request.life;
  out.expires_ = expires;
  out.kind_ = Identity::Kind::kRole;
  return out;
}

Task<Result<Identity>> Authorizer::assume_role(AssumeRoleRequest request) {
  auto loaded = co_await impl_->role(request.role_arn);
  if (!loaded.ok()) {
    if (loaded.error().code == Errc::kUnavailable) co_return std::move(loaded).error();
    co_return cannot_assume("the role is not there or cannot be read");
  }
  const ParsedPrincipal& role = **loaded;

  Context context{{"aws:SourceAccount", impl_->place.account}};
  if (!request.source_arn.empty()) context.push_back({"aws:SourceArn", request.source_arn});
  if (role.trust == nullptr || !evaluate_trust(*role.trust, request.service, context).allowed())
    co_return cannot_assume("the role does not trust " + request.service);

  auto session = session_of(role, request, impl_->clock.wall() + request.life);
  if (!session.ok())
    co_return cannot_assume("the session policy cannot be read: " + session.error().message);
  co_return session;
}

Task<Result<Identity>> Authorizer::assume_role(Identity caller, AssumeRoleRequest request) {
  CO_TRY(check_parameters(request));
  auto loaded = co_await impl_->role(request.role_arn);
  if (!loaded.ok() && loaded.error().code == Errc::kUnavailable)
    co_return std::move(loaded).error();
  auto whose = co_await impl_->principal(caller);
  if (!whose.ok() && whose.error().code == Errc::kUnavailable) co_return std::move(whose).error();
  const auto untrusted = [&caller](bool explicit_deny) {
    return Error(Errc::kPermissionDenied, trust_denial_sentence(caller, explicit_deny),
                 "AccessDenied");
  };
  if (!loaded.ok() || !whose.ok() || (*loaded)->trust == nullptr) co_return untrusted(false);
  const ParsedPrincipal& role = **loaded;

  RequestDetails details = std::move(request.details);
  details.context.push_back({"sts:RoleSessionName", request.session_name});
  if (!request.external_id.empty())
    details.context.push_back({"sts:ExternalId", request.external_id});
  for (const model::Tag& tag : role.tags)
    details.context.push_back({"aws:ResourceTag/" + tag.key, tag.value});
  const AccessRequest access{std::string(kAssumeRole), role.arn,
                             impl_->context_of(caller, whose->get(), std::move(details))};
  if (evaluate_trust(*role.trust, caller, access.context) == TrustOfCaller::kDenied) {
    const Decision by_trust = evaluate({{}, nullptr, role.trust.get()}, caller, access);
    co_return untrusted(by_trust.verdict == Verdict::kExplicitDeny);
  }
  PolicySet policies{{}, caller.session_policy(), role.trust.get()};
  if (*whose != nullptr) policies.identity = (*whose)->policies;
  const bool readable = *whose == nullptr || (*whose)->readable;
  const Decision decision = readable ? evaluate(policies, caller, access) : Decision();
  if (!decision.allowed()) {
    co_return Error(Errc::kPermissionDenied,
                    denial_sentence(caller, kAssumeRole, role.arn, decision), "AccessDenied");
  }

  if (caller.kind() == Identity::Kind::kRole && request.life > kMaxChainedSessionLife)
    co_return invalid(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining.");
  if (request.life > role.max_session)
    co_return invalid(
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  co_return session_of(role, request, impl_->clock.wall() + request.life);
}

Task<Result<Identity>> Authorizer::resume_role(AssumeRoleRequest request, WallTime expires) {
  CO_TRY_ASSIGN(const PrincipalPtr role, co_await impl_->role(request.role_arn));
  auto session = session_of(*role, request, expires);
  if (!session.ok()) co_return Error(Errc::kCorrupt, "the session policy cannot be read");
  co_return session;
}

}  // namespace sallyport::iam
