#include "api/support/explain_json.h"

#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using Json = nlohmann::ordered_json;

const char* verdict_name(iam::Verdict verdict) {
  switch (verdict) {
    case iam::Verdict::kAllowed: return "allowed";
    case iam::Verdict::kImplicitDeny: return "implicit deny";
    case iam::Verdict::kExplicitDeny: return "explicit deny";
  }
  return "implicit deny";
}

const char* source_name(iam::PolicySource source) {
  switch (source) {
    case iam::PolicySource::kNone: return "";
    case iam::PolicySource::kRoot: return "root";
    case iam::PolicySource::kIdentity: return "role policy";
    case iam::PolicySource::kSession: return "session policy";
    case iam::PolicySource::kResource: return "bucket policy";
    case iam::PolicySource::kTrust: return "trust policy";
  }
  return "";
}

const char* kind_name(session::Location::Kind kind) {
  switch (kind) {
    case session::Location::Kind::kVirtual: return "level above mappings";
    case session::Location::Kind::kBuckets: return "list of buckets";
    case session::Location::Kind::kObject: return "bucket";
  }
  return "bucket";
}

Json ask_json(const session::AskResult& result) {
  const session::Ask& ask = result.ask;
  Json out{{"Action", std::string(iam::action_name(ask.action))},
           {"Resource", iam::s3_resource(ask.action, ask.bucket, ask.key)}};
  if (iam::action_scope(ask.action) == iam::ActionScope::kPrefix) out["Prefix"] = ask.key;
  out["Verdict"] = verdict_name(result.decision.verdict);
  if (!result.problem.empty()) out["Problem"] = result.problem;
  if (!result.decision.policy.empty()) {
    out["Source"] = source_name(result.decision.source);
    out["Policy"] = result.decision.policy;
    out["Statement"] = result.decision.statement;
    if (!result.decision.sid.empty()) out["Sid"] = result.decision.sid;
  }
  if (result.decision.limited_by_session_policy) out["LimitedBySessionPolicy"] = true;
  return out;
}

Json verb_json(const session::VerbResult& verb) {
  Json needs = Json::array(), steps = Json::array();
  for (const session::NeedResult& need : verb.needs) {
    Json any = Json::array();
    for (const session::AskResult& one : need.any_of) any.push_back(ask_json(one));
    needs.push_back({{"Why", need.why},
                     {"Optional", need.optional},
                     {"Met", need.met()},
                     {"AnyOf", std::move(any)}});
  }
  for (const session::Step& step : verb.steps) {
    Json one{{"Text", step.text}};
    if (!step.policy.empty()) one["Policy"] = Json::parse(step.policy, nullptr, false);
    if (!step.command.empty()) one["Command"] = step.command;
    steps.push_back(std::move(one));
  }
  return {{"Action", verb.name},
          {"Allowed", verb.outcome == session::Outcome::kAllowed},
          {"Outcome", std::string(session::outcome_name(verb.outcome))},
          {"Why", verb.why},
          {"Needs", std::move(needs)},
          {"NextSteps", std::move(steps)}};
}

Json place_json(const session::Explanation& explanation) {
  if (!explanation.location) return {{"Kind", "outside all mappings"}};
  const session::Location& at = *explanation.location;
  Json out{{"Kind", kind_name(at.kind)}};
  if (!explanation.mapping_entry.empty()) out["Mapping"] = explanation.mapping_entry;
  if (!at.is_object()) return out;
  out["Bucket"] = at.bucket;
  out["Key"] = at.key;
  if (explanation.bucket_exists) out["BucketExists"] = *explanation.bucket_exists;
  out["Content"] = std::string(session::content_name(explanation.content));
  return out;
}

}  // namespace

Json explanation_json(const session::ExplainRequest& request,
                      const session::Explanation& explanation) {
  Json mappings = Json::array(), actions = Json::array();
  for (const auto& [entry, target] : explanation.mappings)
    mappings.push_back({{"Entry", entry}, {"Target", target}});
  bool allowed = true;
  for (const session::VerbResult& verb : explanation.verbs) {
    actions.push_back(verb_json(verb));
    // In the table of all verbs, what cannot be at such a place (`get` of a directory) is no
    // denial.
    const bool no_denial =
        explanation.verbs.size() > 1 && verb.outcome == session::Outcome::kRefused;
    allowed = allowed && (no_denial || verb.outcome == session::Outcome::kAllowed);
  }
  Json role{{"Arn", explanation.role.arn},
            {"Exists", explanation.role.role.has_value()},
            {"Assumed", explanation.assumed}};
  if (!explanation.assumed) role["Problem"] = explanation.assume_problem;
  return {{"ServerId", request.server.id.str()},
          {"ServerState", std::string(model::server_state_name(request.server.state))},
          {"UserName", request.user.user_name},
          {"HomeDirectoryType", explanation.logical ? "LOGICAL" : "PATH"},
          {"HomeDirectory", explanation.home},
          {"Mappings", std::move(mappings)},
          {"Path", explanation.path},
          {"Place", place_json(explanation)},
          {"Role", std::move(role)},
          {"SessionPolicy", explanation.session_policy},
          {"Notes", explanation.notes},
          {"Allowed", allowed},
          {"Actions", std::move(actions)}};
}

}  // namespace sallyport::api
