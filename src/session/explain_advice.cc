// What would change an outcome: policies to put, statements to take out, things to make.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "codec/json.h"
#include "session/explain.h"
#include "session/explain_step.h"

namespace sallyport::session {

namespace {

using Json = nlohmann::ordered_json;

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// The narrowest statements that allow what was asked: one an action.
Json statements_for(const std::vector<Ask>& asks) {
  std::map<iam::Action, std::set<std::string>> resources;
  std::map<iam::Action, std::set<std::string>> prefixes;
  std::set<iam::Action> every_prefix;
  for (const Ask& ask : asks) {
    resources[ask.action].insert(iam::s3_resource(ask.action, ask.bucket, ask.key));
    if (iam::action_scope(ask.action) != iam::ActionScope::kPrefix) continue;
    if (ask.key.empty())
      every_prefix.insert(ask.action);
    else
      prefixes[ask.action].insert(ask.key);
  }
  const auto one_or_all = [](const std::set<std::string>& values) {
    return values.size() == 1 ? Json(*values.begin()) : Json(values);
  };
  Json out = Json::array();
  for (const auto& [action, arns] : resources) {
    Json statement{{"Effect", "Allow"},
                   {"Action", std::string(iam::action_name(action))},
                   {"Resource", one_or_all(arns)}};
    if (prefixes.contains(action) && !every_prefix.contains(action))
      statement["Condition"] = {{"StringEquals", {{"s3:prefix", one_or_all(prefixes[action])}}}};
    out.push_back(std::move(statement));
  }
  return out;
}

struct Adviser {
  const ExplainRequest& request;
  const std::string& bucket_policy;
  const Explanation& about;

  std::string role_name() const { return role_name_of(about.role.arn); }
  std::string update_user() const {
    return "aws transfer update-user --server-id " + request.server.id.str() + " --user-name " +
           shell_word(request.user.user_name);
  }

  std::vector<Step> steps(const VerbResult& verb) const;

 private:
  void fix_role(std::vector<Step>& out) const;
  void lift_deny(const AskResult& denied, std::vector<Step>& out) const;
  void allow(const VerbResult& verb, std::vector<Step>& out) const;
  Step widen_role(const std::string& name, const std::vector<Ask>& asks) const;
  Step widen_session(const std::vector<Ask>& asks) const;
  Step add_mapping() const;
  Step make_bucket() const;
};

void Adviser::fix_role(std::vector<Step>& out) const {
  for (const RoleFault& fault : about.role.faults) {
    if (!fault.prevents_assuming()) continue;
    if (fault.kind == RoleFault::Kind::kOtherArn)
      out.push_back({"give the user the role's real ARN", "",
                     update_user() + " --role " + shell_word(about.role.role->arn)});
    else
      out.push_back(step_for(about.role, fault));
  }
  if (out.empty())
    out.push_back(
        {"correct the user's session policy (" + about.assume_problem + "), or take it away", "",
         update_user() + " --policy ''"});
}

void Adviser::lift_deny(const AskResult& denied, std::vector<Step>& out) const {
  const iam::Decision& decision = denied.decision;
  const std::string which =
      "statement " + std::to_string(decision.statement) +
      (decision.sid.empty() ? std::string() : " (" + in_quotes(decision.sid) + ")");
  const std::string role = shell_word(role_name());
  Step step;
  if (decision.source == iam::PolicySource::kResource) {
    const std::string bucket = shell_word(denied.ask.bucket);
    const std::string rest = without_statement(bucket_policy, decision.statement);
    step.text = "take " + which + " out of the policy of the bucket " + denied.ask.bucket +
                ", or narrow it: a Deny wins over every Allow";
    step.command = rest.empty() ? "aws s3api delete-bucket-policy --bucket " + bucket
                                : "aws s3api put-bucket-policy --bucket " + bucket + " --policy " +
                                      shell_word(rest);
  } else if (decision.source == iam::PolicySource::kSession) {
    const std::string rest = without_statement(request.user.policy, decision.statement);
    step.text = "take " + which + " out of the user's session policy, or narrow it";
    step.command = update_user() + " --policy " + shell_word(rest.empty() ? "" : rest);
  } else {
    step.text = "take " + which + " out of the role's policy " + in_quotes(decision.policy) +
                ", or narrow it: a Deny wins over every Allow";
    const auto& inlined = about.role.role->inline_policies;
    const auto text = inlined.find(decision.policy);
    if (text == inlined.end()) {
      step.command = "aws iam detach-role-policy --role-name " + role + " --policy-arn " +
                     shell_word(decision.policy);
    } else {
      const std::string rest = without_statement(text->second, decision.statement);
      const std::string name = " --role-name " + role + " --policy-name " + shell_word(text->first);
      step.command = rest.empty() ? "aws iam delete-role-policy" + name
                                  : "aws iam put-role-policy" + name + " --policy-document " +
                                        shell_word(rest);
    }
  }
  out.push_back(std::move(step));
}

Step Adviser::widen_role(const std::string& name, const std::vector<Ask>& asks) const {
  const std::string policy = with_statements("", codec::write_json(statements_for(asks)));
  // A name of its own, so that nothing is overwritten.
  std::string policy_name = "allow-" + name;
  std::replace(policy_name.begin(), policy_name.end(), ':', '-');
  const std::string stem = policy_name;
  for (int i = 2; about.role.role && about.role.role->inline_policies.contains(policy_name); ++i)
    policy_name = stem + "-" + std::to_string(i);
  return {"give the role a policy that allows it", policy,
          "aws iam put-role-policy --role-name " + shell_word(role_name()) + " --policy-name " +
              policy_name + " --policy-document " + shell_word(policy)};
}

Step Adviser::widen_session(const std::vector<Ask>& asks) const {
  const Json more = statements_for(asks);
  const std::string whole = with_statements(request.user.policy, codec::write_json(more));
  return {"widen the user's session policy, which limits what the role may do, by this",
          codec::write_json(more), update_user() + " --policy " + shell_word(whole)};
}

// Everything that is missing in one policy, save where a Deny stands in the way.
void Adviser::allow(const VerbResult& verb, std::vector<Step>& out) const {
  std::vector<Ask> by_role, by_session;
  bool unreadable = false;
  for (const NeedResult& need : verb.needs) {
    if (need.met() || need.optional) continue;
    const AskResult* denied = nullptr;  // by a Deny, where there is one
    for (const AskResult& one : need.any_of)
      if (denied == nullptr && one.decision.verdict == iam::Verdict::kExplicitDeny) denied = &one;
    if (denied != nullptr) {
      lift_deny(*denied, out);
      continue;
    }
    const AskResult& first = need.any_of.front();
    unreadable = unreadable || !first.problem.empty();
    if (first.decision.limited_by_session_policy || first.session_denies)
      by_session.push_back(first.ask);
    if (!first.decision.limited_by_session_policy && first.problem.empty())
      by_role.push_back(first.ask);
  }
  if (unreadable) {
    const std::size_t before = out.size();
    for (const RoleFault& fault : about.role.faults)
      if (fault.prevents_reading()) out.push_back(step_for(about.role, fault));
    if (out.size() == before)
      out.push_back(
          {"correct the policy of the bucket, or delete it", "",
           "aws s3api delete-bucket-policy --bucket " + shell_word(about.location->bucket)});
  }
  if (!by_role.empty()) out.push_back(widen_role(verb.name, by_role));
  if (!by_session.empty()) out.push_back(widen_session(by_session));
  // Two needs may fail by one statement.
  std::vector<Step> once;
  for (Step& step : out)
    if (std::none_of(once.begin(), once.end(),
                     [&](const Step& s) { return s.command == step.command; }))
      once.push_back(std::move(step));
  out = std::move(once);
}

Step Adviser::add_mapping() const {
  Json all = Json::array();
  for (const auto& mapping : request.user.home_directory_mappings) {
    Json one{{"Entry", mapping.entry}, {"Target", mapping.target}};
    if (mapping.type_given) one["Type"] = mapping.type;
    all.push_back(std::move(one));
  }
  const Json more{{"Entry", about.path}, {"Target", "/BUCKET/PREFIX"}};
  all.push_back(more);
  return {"add a mapping for it, with the bucket and prefix that it should lead to",
          codec::write_json(more),
          update_user() + " --home-directory-mappings " + shell_word(codec::write_json(all))};
}

Step Adviser::make_bucket() const {
  return {"make the bucket, or give the user a home in one that is there", "",
          "aws s3api create-bucket --bucket " + shell_word(about.location->bucket)};
}

std::vector<Step> Adviser::steps(const VerbResult& verb) const {
  std::vector<Step> out;
  switch (verb.outcome) {
    case Outcome::kAllowed:
    case Outcome::kRefused: break;
    case Outcome::kNotAssumed: fix_role(out); break;
    case Outcome::kImplicitDeny:
    case Outcome::kExplicitDeny:
      allow(verb, out);
      if (about.bucket_exists == false) out.push_back(make_bucket());
      break;
    case Outcome::kOutside: out.push_back(add_mapping()); break;
    case Outcome::kNoBucket: out.push_back(make_bucket()); break;
  }
  return out;
}

}  // namespace

void add_advice(const ExplainRequest& request, const std::string& bucket_policy,
                Explanation& explanation) {
  const Adviser adviser{request, bucket_policy, explanation};
  for (VerbResult& verb : explanation.verbs) verb.steps = adviser.steps(verb);
}

}  // namespace sallyport::session
