#include "session/explain_role.h"

#include <algorithm>

#include "iam/evaluate.h"
#include "iam/managed_policies.h"
#include "iam/policy.h"
#include "state/repository.h"

namespace sallyport::session {

namespace {

using Kind = RoleFault::Kind;

// The fifth part of an ARN.
std::string account_of(std::string_view arn) {
  for (int colons = 0; colons < 4; ++colons) {
    const std::size_t at = arn.find(':');
    if (at == std::string_view::npos) return {};
    arn.remove_prefix(at + 1);
  }
  return std::string(arn.substr(0, arn.find(':')));
}

void check_trust(const model::Role& role, const std::string& server_arn, RoleCheck& out) {
  const auto trust =
      iam::PolicyDocument::parse(role.assume_role_policy_document, iam::PolicyKind::kTrust);
  if (!trust.ok()) {
    out.faults.push_back(
        {Kind::kUnreadableTrust, "its trust policy cannot be read: " + trust.error().message, {}});
    return;
  }
  const iam::Context context{{"aws:SourceAccount", account_of(server_arn)},
                             {"aws:SourceArn", server_arn}};
  const auto decision = iam::evaluate_trust(**trust, kTransferService, context);
  if (decision.allowed()) return;
  const std::string statement = "statement " + std::to_string(decision.statement) +
                                (decision.sid.empty() ? "" : " (" + decision.sid + ")");
  if (decision.verdict == iam::Verdict::kExplicitDeny) {
    out.faults.push_back({Kind::kTrustDenied,
                          statement + " of its trust policy denies " +
                              std::string(kTransferService) + " sts:AssumeRole",
                          {}});
    return;
  }
  const auto& all = (*trust)->statements();
  const bool named = std::any_of(all.begin(), all.end(), [](const iam::Statement& s) {
    return s.effect == iam::Effect::kAllow && s.principals.names_service(kTransferService);
  });
  if (named) {
    out.faults.push_back({Kind::kTrustCondition,
                          "its trust policy names " + std::string(kTransferService) +
                              ", but the action is not sts:AssumeRole or a condition does not hold "
                              "(aws:SourceArn is " +
                              server_arn + ")",
                          {}});
  } else {
    out.faults.push_back(
        {Kind::kNotTrusted,
         "its trust policy does not let " + std::string(kTransferService) + " do sts:AssumeRole",
         {}});
  }
}

void check_text(const std::string& name, std::string_view text, RoleCheck& out) {
  const auto document = iam::PolicyDocument::parse(text, iam::PolicyKind::kIdentity);
  if (!document.ok())
    out.faults.push_back({Kind::kUnreadablePolicy,
                          "its policy " + name + " cannot be read: " + document.error().message,
                          name});
}

Task<Result<void>> check_attached(state::ResourceStore& resources, std::string arn,
                                  RoleCheck& out) {
  if (iam::find_managed_policy(arn) != nullptr) co_return ok();
  if (arn.starts_with("arn:aws:iam::aws:policy/")) {
    out.faults.push_back({Kind::kUnknownAwsPolicy,
                          "the attached policy " + arn + " is not built in and allows nothing here",
                          arn});
    co_return ok();
  }
  state::Repository<model::ManagedPolicy> policies(resources);
  const auto stored = co_await policies.get("", role_name_of(arn));
  if (!stored.ok() && stored.error().code != Errc::kNotFound) co_return stored.error();
  const model::PolicyVersion* version = nullptr;
  if (stored.ok() && stored->value.arn == arn)
    version = stored->value.version(stored->value.default_version);
  if (version == nullptr) {
    out.faults.push_back(
        {Kind::kMissingPolicy, "the attached policy " + arn + " is not there", arn});
  } else {
    check_text(arn, version->document, out);
  }
  co_return ok();
}

}  // namespace

std::string role_name_of(std::string_view arn) {
  const std::size_t slash = arn.rfind('/');
  return std::string(slash == std::string_view::npos ? arn : arn.substr(slash + 1));
}

Task<Result<RoleCheck>> check_role(state::ResourceStore& resources, std::string arn,
                                   std::string server_arn) {
  RoleCheck out;
  out.arn = arn;
  state::Repository<model::Role> roles(resources);
  auto stored = co_await roles.get("", role_name_of(arn));
  if (!stored.ok()) {
    if (stored.error().code != Errc::kNotFound) co_return std::move(stored).error();
    out.faults.push_back({Kind::kMissing, "there is no such role", {}});
    co_return out;
  }
  out.role = std::move(stored->value);
  if (out.role->arn != arn)
    out.faults.push_back(
        {Kind::kOtherArn, "there is a role of that name, but its ARN is " + out.role->arn, {}});
  check_trust(*out.role, server_arn, out);
  for (const auto& [name, text] : out.role->inline_policies) check_text(name, text, out);
  for (const std::string& attached : out.role->attached_policy_arns)
    CO_TRY(co_await check_attached(resources, attached, out));
  co_return out;
}

}  // namespace sallyport::session
