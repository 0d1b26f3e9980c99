#include "session/explain_step.h"

#include <nlohmann/json.hpp>

#include "codec/json.h"

namespace sallyport::session {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxPolicy = 131072;

// Null when it is no JSON object.
Json parsed(std::string_view text) {
  if (text.size() > kMaxPolicy) return nullptr;
  Json out = Json::parse(text, nullptr, false);
  return out.is_object() ? out : Json(nullptr);
}

// A policy's statements as a list, whichever way they were written.
Json statements_of(const Json& policy) {
  const auto found = policy.find("Statement");
  if (found == policy.end()) return Json::array();
  return found->is_array() ? *found : Json::array({*found});
}

Step step_for_trust(const RoleCheck& role, const RoleFault& fault) {
  const std::string trust(kTransferTrustPolicy);
  const std::string command = "aws iam update-assume-role-policy --role-name " +
                              shell_word(role.role->name) + " --policy-document ";
  // What cannot be read, or denies, is replaced; else there may be others to be trusted too.
  if (fault.kind == RoleFault::Kind::kUnreadableTrust ||
      fault.kind == RoleFault::Kind::kTrustDenied)
    return {"put a trust policy that lets the service assume the role", trust,
            command + shell_word(trust)};
  const Json more = statements_of(parsed(trust));
  return {"let the role trust \"" + std::string(kTransferService) +
              "\": put this statement into its trust policy",
          codec::write_json(more[0]),
          command + shell_word(with_statements(role.role->assume_role_policy_document,
                                               codec::write_json(more)))};
}

}  // namespace

std::string shell_word(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos)
    return std::string(text);
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out.append("'\\''");
    else
      out.push_back(c);
  }
  return out + "'";
}

std::string with_statements(std::string_view text, std::string_view more) {
  Json policy = parsed(text);
  if (policy.is_null()) policy = {{"Version", "2012-10-17"}};
  Json all = statements_of(policy);
  for (const Json& one : Json::parse(more, nullptr, false)) all.push_back(one);
  policy["Statement"] = std::move(all);
  return codec::write_json(policy);
}

std::string without_statement(std::string_view text, std::size_t index) {
  Json policy = parsed(text);
  if (policy.is_null()) return {};
  Json all = statements_of(policy);
  if (index >= all.size() || all.size() == 1) return {};
  all.erase(index);
  policy["Statement"] = std::move(all);
  return codec::write_json(policy);
}

Step step_for(const RoleCheck& role, const RoleFault& fault) {
  using Kind = RoleFault::Kind;
  const std::string name = shell_word(role_name_of(role.arn));
  const std::string trust(kTransferTrustPolicy);
  switch (fault.kind) {
    case Kind::kMissing:
      return {"make the role, with a trust policy for the service, and give it a policy", trust,
              "aws iam create-role --role-name " + name + " --assume-role-policy-document " +
                  shell_word(trust)};
    case Kind::kUnreadableTrust:
    case Kind::kNotTrusted:
    case Kind::kTrustCondition:
    case Kind::kTrustDenied: return step_for_trust(role, fault);
    case Kind::kUnreadablePolicy:
      if (!fault.policy.starts_with("arn:"))
        return {"correct the policy " + fault.policy + ", or delete it", "",
                "aws iam delete-role-policy --role-name " + name + " --policy-name " +
                    shell_word(fault.policy)};
      break;
    case Kind::kMissingPolicy:
    case Kind::kUnknownAwsPolicy:
    case Kind::kOtherArn: break;
  }
  return {"make or correct the policy " + fault.policy + ", or detach it", "",
          "aws iam detach-role-policy --role-name " + name + " --policy-arn " +
              shell_word(fault.policy)};
}

}  // namespace sallyport::session
