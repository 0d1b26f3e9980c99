#include "session/explain.h"

#include <algorithm>

#include "identity/principal.h"
#include "session/core.h"
#include "session/explain_site.h"
#include "session/path.h"
#include "session/variables.h"
#include "state/repository.h"

namespace sallyport::session {

namespace {

constexpr std::size_t kMaxChildren = 200;
constexpr std::string_view kSessionId = "00000000000000000000";  // of no session

struct Run {
  Run(ExplainServices s, ExplainRequest r, identity::Principal p, View v, Lookout l, bool o)
      : services(s),
        request(std::move(r)),
        principal(std::move(p)),
        view(std::move(v)),
        lookout(std::move(l)),
        optimized(o) {}

  ExplainServices services;
  ExplainRequest request;
  identity::Principal principal;
  View view;
  Lookout lookout;
  bool optimized;
  std::optional<iam::Identity> identity;
  Explanation out;

  Task<Result<void>> assume();
  Task<AskResult> decide(Ask ask);
  Task<NeedResult> decide(Need need);
  Task<Result<void>> look_around(Location at);
  Task<VerbResult> judge(std::string name, Plan plan);
  Task<Result<VerbResult>> explain_verb(Verb verb);
  Task<Result<VerbResult>> explain_level();
  Plan plan_of_action(iam::Action action) const;
  void tell_login();
};

// The statement that decided, or that none did.
std::string decided_by(const AskResult& result) {
  const std::string what(iam::action_name(result.ask.action));
  if (!result.problem.empty()) return what + ": " + result.problem;
  if (result.decision.limited_by_session_policy)
    return "the role allows " + what + ", the user's session policy does not";
  if (result.decision.verdict == iam::Verdict::kImplicitDeny) return "no statement allows " + what;
  return "";
}

std::string sentence_of(Outcome outcome, const std::vector<NeedResult>& needs) {
  for (const NeedResult& need : needs) {
    if (need.met() || need.optional) continue;
    for (const AskResult& one : need.any_of)
      if (const bool explicitly = one.decision.verdict == iam::Verdict::kExplicitDeny;
          explicitly == (outcome == Outcome::kExplicitDeny)) {
        return explicitly ? "a statement denies " + std::string(iam::action_name(one.ask.action))
                          : decided_by(one);
      }
  }
  return "";
}

Outcome outcome_of(const std::vector<NeedResult>& needs) {
  Outcome out = Outcome::kAllowed;
  for (const NeedResult& need : needs) {
    if (need.met() || need.optional) continue;
    const bool explicitly = std::any_of(
        need.any_of.begin(), need.any_of.end(),
        [](const AskResult& one) { return one.decision.verdict == iam::Verdict::kExplicitDeny; });
    if (explicitly) return Outcome::kExplicitDeny;
    out = Outcome::kImplicitDeny;
  }
  return out;
}

// Of many folders that are looked at in the same way, those that are denied tell something; of the
// others one does.
void shorten(std::vector<NeedResult>& needs) {
  constexpr std::size_t kShown = 3;
  std::size_t met = 0, unmet = 0;
  std::erase_if(needs, [&](const NeedResult& need) {
    const auto action = need.any_of.front().ask.action;
    if (action != iam::Action::kGetObject || !need.any_of.front().ask.key.ends_with('/'))
      return false;
    return need.met() ? ++met > 1 : ++unmet > kShown;
  });
}

Task<Result<void>> Run::assume() {
  iam::AssumeRoleRequest how = role_request(request.server, principal, kSessionId);
  const std::string session_policy = how.session_policy;
  auto assumed = co_await services.authorizer.assume_role(std::move(how));
  CO_TRY_ASSIGN(out.role,
                co_await check_role(services.resources, principal.role, request.server.arn));
  out.session_policy = !principal.policy.empty();
  if (assumed.ok()) {
    identity = std::move(assumed).value();
    out.assumed = true;
    co_return ok();
  }
  if (assumed.error().code == Errc::kUnavailable) co_return std::move(assumed).error();
  out.assume_problem = assumed.error().message;
  for (const RoleFault& fault : out.role.faults)
    if (fault.prevents_assuming()) {
      out.assume_problem = fault.message;
      break;
    }
  co_return ok();
}

Task<AskResult> Run::decide(Ask ask) {
  AskResult result;
  result.ask = ask;
  iam::AccessQuestion question;
  question.action = iam::action_name(ask.action);
  question.resource = iam::s3_resource(ask.action, ask.bucket, ask.key);
  question.bucket = ask.bucket;
  question.details = request_details(ask.action == iam::Action::kListBucket);
  if (iam::action_scope(ask.action) == iam::ActionScope::kPrefix)
    question.details.context.push_back({"s3:prefix", ask.key});
  const iam::AccessRequest again{question.action, question.resource, question.details.context};
  auto decided = co_await services.authorizer.decide(*identity, std::move(question));
  if (!decided.ok()) {
    result.problem = decided.error().message;
    for (const RoleFault& fault : out.role.faults)
      if (fault.prevents_reading()) {
        result.problem = fault.message;
        break;
      }
    co_return result;
  }
  result.decision = std::move(decided).value();
  if (!result.allowed() && identity->session_policy() != nullptr) {
    // As if the session policy were all there is.
    const iam::NamedPolicy alone[] = {
        {"session policy", std::shared_ptr<const iam::PolicyDocument>(identity->session_policy(),
                                                                      [](const void*) {})}};
    iam::PolicySet only_session;
    only_session.identity = alone;
    result.session_denies = !iam::evaluate(only_session, *identity, again).allowed();
  }
  co_return result;
}

Task<NeedResult> Run::decide(Need need) {
  NeedResult result{{}, need.optional, std::string(need.why)};
  for (const Ask& ask : need.any_of) {
    AskResult one = co_await decide(ask);
    const bool enough = one.allowed();
    result.any_of.push_back(std::move(one));
    if (enough) break;
  }
  co_return result;
}

Task<Result<void>> Run::look_around(Location at) {
  if (!at.is_object()) co_return ok();
  CO_TRY_ASSIGN(out.bucket_exists, co_await lookout.has_bucket(at.bucket));
  if (lookout.is_elsewhere(at.bucket))
    out.notes.push_back("the bucket " + at.bucket +
                        " is in another S3 store, which is not looked at; what the keys to it may "
                        "do there counts as well");
  else if (!out.bucket_exists)
    out.notes.push_back("you may not list the bucket " + at.bucket +
                        ", so what is there is not looked at");
  CO_TRY_ASSIGN(out.content, co_await lookout.content_of(at));
  co_return ok();
}

Task<VerbResult> Run::judge(std::string name, Plan plan) {
  VerbResult result;
  result.name = std::move(name);
  if (!plan.refused.empty()) {
    result.outcome = Outcome::kRefused;
    result.why = plan.refused;
    co_return result;
  }
  if (plan.needs.empty()) {
    result.why = "it is a directory by configuration and needs no right";
    co_return result;
  }
  if (!identity) {
    result.outcome = Outcome::kNotAssumed;
    result.why = out.assume_problem;
    co_return result;
  }
  for (Need& need : plan.needs) result.needs.push_back(co_await decide(std::move(need)));
  shorten(result.needs);
  result.outcome = outcome_of(result.needs);
  result.why = sentence_of(result.outcome, result.needs);
  if (result.outcome == Outcome::kAllowed && out.bucket_exists == false) {
    result.outcome = Outcome::kNoBucket;
    result.why = "the rights suffice, but the bucket " + out.location->bucket + " is not there";
  }
  co_return result;
}

// A listing above mappings shows each that is there and may be seen. It is refused only when there
// is none to show and one that may not be seen.
Task<Result<VerbResult>> Run::explain_level() {
  VerbResult result;
  result.name = verb_name(Verb::kLs);
  result.why = "a level above the mappings; it shows those whose target is there and may be seen";
  bool shown = false;
  std::optional<Outcome> denied;
  std::string why;
  auto children = view.children(*out.location);
  if (children.size() > kMaxChildren) children.resize(kMaxChildren);
  for (const Location& child : children) {
    Site site;
    site.location = child;
    CO_TRY_ASSIGN(site.content, co_await lookout.content_of(child));
    const VerbResult seen = co_await judge(child.path, plan_of(Verb::kStat, site));
    if (seen.outcome == Outcome::kNotAssumed) {
      denied = seen.outcome;
      why = seen.why;
      break;
    }
    if (seen.outcome == Outcome::kAllowed) {
      shown = shown || site.content != Content::kMissing;
    } else if (!denied) {
      denied = seen.outcome;
      why = child.path + ": " + seen.why;
    }
    for (NeedResult need : seen.needs) {
      need.why = child.path + ": " + need.why;
      result.needs.push_back(std::move(need));
    }
  }
  const bool refused = denied && (!shown || *denied == Outcome::kNotAssumed);
  if (refused) {
    result.outcome = *denied;
    result.why = why;
  } else {
    for (NeedResult& need : result.needs) need.optional = true;
  }
  co_return result;
}

Task<Result<VerbResult>> Run::explain_verb(Verb verb) {
  if (!out.location) {
    VerbResult result;
    result.name = verb_name(verb);
    result.outcome = Outcome::kOutside;
    result.why = "no mapping of the user's covers the path";
    co_return result;
  }
  if (verb == Verb::kLs && out.location->kind == Location::Kind::kVirtual)
    co_return co_await explain_level();
  Site site;
  site.location = *out.location;
  site.content = out.content;
  if (verb == Verb::kLs && !optimized) {
    CO_TRY_ASSIGN(site.folders, co_await lookout.folders_of(site.location));
  }
  if (verb == Verb::kRename) {
    site.target = site.location;
    site.target_content = site.content;
    if (!request.target_path.empty()) {
      CO_TRY_ASSIGN(const std::string clean, clean_path(view.home(), request.target_path));
      auto target = view.resolve(clean);
      if (!target.ok()) {
        Plan outside;
        outside.refused = "the new name is outside all mappings";
        co_return co_await judge(std::string(verb_name(verb)), std::move(outside));
      }
      site.target = std::move(target).value();
      CO_TRY_ASSIGN(site.target_content, co_await lookout.content_of(site.target));
    }
  }
  Plan plan = plan_of(verb, site);
  co_return co_await judge(std::string(verb_name(verb)), std::move(plan));
}

Plan Run::plan_of_action(iam::Action action) const {
  Plan plan;
  const Location& at = *out.location;
  const iam::ActionScope scope = iam::action_scope(action);
  Ask ask{action, {}, {}};
  if (scope != iam::ActionScope::kAccount) ask.bucket = at.bucket;
  if (scope == iam::ActionScope::kPrefix) ask.key = at.prefix();
  if (scope == iam::ActionScope::kObject) ask.key = at.key;
  if (scope != iam::ActionScope::kAccount && !at.is_object())
    plan.refused = "the path is in no bucket";
  else if (scope == iam::ActionScope::kObject && at.key.empty())
    plan.refused = "the path is a whole bucket, and the action is for objects";
  else
    plan.needs.push_back({{std::move(ask)}, false, "the action itself"});
  return plan;
}

// What keeps the user from coming this far.
void Run::tell_login() {
  const model::Server& server = request.server;
  if (server.state != model::ServerState::kOnline)
    out.notes.push_back("the server is " + std::string(model::server_state_name(server.state)) +
                        (server.state_reason.empty() ? "" : " (" + server.state_reason + ")") +
                        ": nobody can log in");
  if (request.user.ssh_public_keys.empty())
    out.notes.push_back(
        "the user has no SSH public key: only a certificate of an authority in trusted_user_ca "
        "lets him in");
  if (!identity::is_usable(request.user))
    out.notes.push_back(
        "the user cannot log in: a target of a mapping must begin with \"/\" and not end with it");
  for (const RoleFault& fault : out.role.faults)
    if (!fault.prevents_assuming()) out.notes.push_back("the role: " + fault.message);
}

// The mappings as they count, and the one that covers the path.
void tell_mappings(const model::User& user, Explanation& out) {
  for (const model::HomeDirectoryMapEntry& mapping : user.home_directory_mappings) {
    const auto entry = clean_path("/", mapping.entry);
    if (!entry.ok()) continue;
    out.mappings.emplace_back(*entry, expand_target(mapping.target, user.user_name));
    const bool covers = *entry == "/" || out.path == *entry || out.path.starts_with(*entry + "/");
    if (covers && out.location && out.location->is_object() &&
        entry->size() > out.mapping_entry.size())
      out.mapping_entry = *entry;
  }
}

}  // namespace

bool NeedResult::met() const {
  return std::any_of(any_of.begin(), any_of.end(),
                     [](const AskResult& one) { return one.allowed(); });
}

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAllowed: return "allowed";
    case Outcome::kImplicitDeny: return "implicit deny";
    case Outcome::kExplicitDeny: return "explicit deny";
    case Outcome::kNotAssumed: return "role not assumed";
    case Outcome::kNoBucket: return "bucket missing";
    case Outcome::kOutside: return "outside all mappings";
    case Outcome::kRefused: return "not possible";
  }
  return "not possible";
}

Task<Result<Explanation>> explain(ExplainServices services, ExplainRequest request) {
  if (request.server.domain == "EFS")
    co_return Error(Errc::kInvalidArgument,
                    "the server's Domain is EFS: what a user may do there is his POSIX profile's and the files' "
                    "to say, once his role has elasticfilesystem:ClientMount and ClientWrite");
  identity::Principal principal = identity::principal_of(request.user, {});
  const bool optimized = request.server.directory_listing_optimization == "ENABLED";
  View view(principal, optimized);
  Lookout lookout{services.objects, services.authorizer, request.asker, request.asker_details,
                  services.elsewhere};
  Run run(services, std::move(request), std::move(principal), std::move(view), std::move(lookout),
          optimized);
  Explanation& out = run.out;
  out.home = run.view.home();
  out.logical = run.view.is_logical();
  CO_TRY_ASSIGN(out.path, clean_path(run.view.home(), run.request.path));
  auto location = run.view.resolve(out.path);
  if (location.ok())
    out.location = std::move(location).value();
  else if (location.error().code != Errc::kNotFound)
    co_return std::move(location).error();
  if (out.logical) tell_mappings(run.request.user, out);

  CO_TRY(co_await run.assume());
  run.tell_login();
  if (out.location) CO_TRY(co_await run.look_around(*out.location));
  for (const Verb verb : run.request.verbs) {
    CO_TRY_ASSIGN(auto result, co_await run.explain_verb(verb));
    out.verbs.push_back(std::move(result));
  }
  if (run.request.action) {
    const std::string name(iam::action_name(*run.request.action));
    if (!out.location) {
      out.verbs.push_back(
          {name, Outcome::kOutside, "no mapping of the user's covers the path", {}, {}});
    } else {
      Plan plan = run.plan_of_action(*run.request.action);
      out.verbs.push_back(co_await run.judge(name, std::move(plan)));
    }
  }

  std::string bucket_policy;
  if (out.location && out.location->is_object()) {
    state::Repository<model::BucketSettings> settings(services.resources);
    const auto stored = co_await settings.get("", out.location->bucket);
    if (stored.ok())
      bucket_policy = stored->value.policy;
    else if (stored.error().code != Errc::kNotFound)
      co_return stored.error();
  }
  add_advice(run.request, bucket_policy, out);
  co_return std::move(out);
}

}  // namespace sallyport::session
