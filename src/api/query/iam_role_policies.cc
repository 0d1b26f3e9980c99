#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "api/query/iam_forms.h"
#include "codec/percent_encoding.h"
#include "iam/managed_policies.h"
#include "iam/policy.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxRoleName = 64;
constexpr std::size_t kMaxPolicyName = 128;
constexpr std::size_t kMaxAttached = 10;

struct Names {
  std::string role;
  std::string policy;
};

Outcome<Names> read_names(const codec::Form& form) {
  Names names;
  TRY_ASSIGN(names.role, read_name(form, "RoleName", kMaxRoleName));
  TRY_ASSIGN(names.policy, read_name(form, "PolicyName", kMaxPolicyName));
  return names;
}

Fault no_such_policy(const std::string& name) {
  return {Errc::kNotFound, fmt::format("The role policy with name {} cannot be found.", name)};
}

// IAM does not count white space.
std::size_t inline_size(const model::Role& role) {
  std::size_t size = 0;
  for (const auto& [name, document] : role.inline_policies) {
    size += static_cast<std::size_t>(std::count_if(document.begin(), document.end(), [](char c) {
      return std::isspace(static_cast<unsigned char>(c)) == 0;
    }));
  }
  return size;
}

}  // namespace

Task<Outcome<Done>> put_role_policy(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto names, read_names(form));
  CO_TRY_ASSIGN(const auto document, read_required(form, "PolicyDocument"));
  CO_TRY(iam::PolicyDocument::parse(document, iam::PolicyKind::kIdentity));
  co_return co_await change_role(context, names.role, [&](model::Role& role) -> Outcome<Done> {
    role.inline_policies[names.policy] = document;
    if (inline_size(role) > iam::kMaxIdentityPolicyBytes) {
      return Fault(Errc::kLimitExceeded,
                   fmt::format("Maximum policy size of {} bytes exceeded for role {}",
                               iam::kMaxIdentityPolicyBytes, role.name));
    }
    return done();
  });
}

Task<Outcome<Done>> get_role_policy(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto names, read_names(form));
  CO_TRY_ASSIGN(const auto stored, co_await load_role(context, names.role));
  const auto found = stored.value.inline_policies.find(names.policy);
  if (found == stored.value.inline_policies.end()) co_return no_such_policy(names.policy);
  xml.element("RoleName", names.role).element("PolicyName", names.policy);
  xml.element("PolicyDocument", codec::percent_encode(found->second));
  co_return done();
}

Task<Outcome<Done>> list_role_policies(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto stored, co_await load_role(context, name));
  xml.open("PolicyNames");
  for (const auto& [policy, document] : stored.value.inline_policies) xml.element("member", policy);
  xml.close().element_bool("IsTruncated", false);
  co_return done();
}

Task<Outcome<Done>> delete_role_policy(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto names, read_names(form));
  co_return co_await change_role(context, names.role, [&names](model::Role& role) -> Outcome<Done> {
    if (role.inline_policies.erase(names.policy) == 0) return no_such_policy(names.policy);
    return done();
  });
}

Task<Outcome<Done>> attach_role_policy(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto arn, read_required(form, "PolicyArn"));
  if (iam::find_managed_policy(arn) == nullptr) {
    co_return Fault(Errc::kNotFound,
                    fmt::format("Policy {} does not exist or is not attachable.", arn));
  }
  co_return co_await change_role(context, name, [&arn](model::Role& role) -> Outcome<Done> {
    auto& attached = role.attached_policy_arns;
    if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return done();
    if (attached.size() >= kMaxAttached) {
      return Fault(Errc::kLimitExceeded,
                   fmt::format("Cannot exceed quota for PoliciesPerRole: {}", kMaxAttached));
    }
    attached.push_back(arn);
    return done();
  });
}

Task<Outcome<Done>> detach_role_policy(const QueryCall& call, codec::XmlWriter&) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto arn, read_required(form, "PolicyArn"));
  co_return co_await change_role(context, name, [&arn](model::Role& role) -> Outcome<Done> {
    if (std::erase(role.attached_policy_arns, arn) == 0)
      return Fault(Errc::kNotFound, fmt::format("Policy {} was not found.", arn));
    return done();
  });
}

Task<Outcome<Done>> list_attached_role_policies(const QueryCall& call, codec::XmlWriter& xml) {
  const QueryContext& context = call.context;
  const codec::Form& form = call.form;
  CO_TRY_ASSIGN(const auto name, read_name(form, "RoleName", kMaxRoleName));
  CO_TRY_ASSIGN(const auto stored, co_await load_role(context, name));
  xml.open("AttachedPolicies");
  for (const auto& arn : stored.value.attached_policy_arns) {
    const auto* policy = iam::find_managed_policy(arn);
    const std::string_view shown =
        policy != nullptr ? policy->name : std::string_view(arn).substr(arn.rfind('/') + 1);
    xml.open("member").element("PolicyName", shown).element("PolicyArn", arn).close();
  }
  xml.close().element_bool("IsTruncated", false);
  co_return done();
}

}  // namespace sallyport::api
