#include "iam/evaluate.h"

#include <algorithm>
#include <array>

namespace sallyport::iam {

namespace {

constexpr std::string_view kAssumeRoleLowered = "sts:assumerole";
constexpr std::string_view kSessionPolicy = "session policy";

// What statements are held against: an action in lower case, without an allocation for real ones.
class LowerCase {
 public:
  explicit LowerCase(std::string_view text) {
    if (text.size() > small_.size()) {
      large_ = ascii_lower(text);
      view_ = large_;
      return;
    }
    std::transform(text.begin(), text.end(), small_.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    view_ = {small_.data(), text.size()};
  }
  LowerCase(const LowerCase&) = delete;
  LowerCase& operator=(const LowerCase&) = delete;
  std::string_view view() const { return view_; }

 private:
  std::array<char, 96> small_;
  std::string large_;
  std::string_view view_;
};

struct Question {
  std::string_view action;  // in lower case
  std::string_view resource;
  const Context& context;
};

// Is `text` in a list of patterns, or, when negated, outside it? For an Allow nothing may follow
// from a variable without a value; for a Deny the negated list then covers all, which denies more,
// not less.
bool element_covers(const std::vector<Pattern>& patterns, bool negated, Effect effect,
                    std::string_view text, const Context& context) {
  for (const Pattern& pattern : patterns) {
    const MatchResult m = pattern.matches(text, context);
    if (m == MatchResult::kYes) return !negated;
    if (m == MatchResult::kUnresolved && negated && effect == Effect::kAllow) return false;
  }
  return negated;
}

bool applies(const Statement& s, const Question& q) {
  return element_covers(s.actions, s.not_action, s.effect, q.action, q.context) &&
         element_covers(s.resources, s.not_resource, s.effect, q.resource, q.context) &&
         std::all_of(s.conditions.begin(), s.conditions.end(),
                     [&q](const Condition& condition) { return condition.holds(q.context); });
}

// A statement that applies, and where it stands.
struct Found {
  const PolicyDocument* document = nullptr;
  std::string_view policy;
  PolicySource source = PolicySource::kNone;
  std::size_t statement = 0;

  explicit operator bool() const { return document != nullptr; }
  Decision decided(Verdict verdict) const {
    Decision out;
    out.verdict = verdict;
    out.source = source;
    out.policy = policy;
    out.sid = document->statements()[statement].sid;
    out.statement = statement;
    return out;
  }
};

// What policies of one source say: a Deny ends the search, of Allows the closest naming counts.
struct Findings {
  Found denied;
  Found allowed;
  Naming naming = Naming::kNot;  // of `allowed`, where the policy has principals
};

// `name_of(statement)`: how closely it names the caller.
template <class NameOf>
void scan(const PolicyDocument& document, std::string_view policy, PolicySource source,
          const Question& question, const NameOf& name_of, Findings& out) {
  const auto& statements = document.statements();
  for (std::size_t i = 0; i < statements.size() && !out.denied; ++i) {
    const Statement& s = statements[i];
    const Naming naming = name_of(s);
    if (naming == Naming::kNot || (s.effect == Effect::kAllow && naming <= out.naming)) continue;
    if (!applies(s, question)) continue;
    if (s.effect == Effect::kDeny) {
      out.denied = {&document, policy, source, i};
    } else {
      out.allowed = {&document, policy, source, i};
      out.naming = naming;
    }
  }
}

Naming everybody(const Statement&) {
  return Naming::kCaller;
}

Findings scan_resource(const PolicyDocument* document, const Identity& caller,
                       const Question& question) {
  Findings out;
  if (document == nullptr) return out;
  const bool trust = document->kind() == PolicyKind::kTrust;
  const auto names = [&caller](const Statement& s) { return s.principals.names(caller); };
  scan(*document, trust ? "trust policy" : "resource policy",
       trust ? PolicySource::kTrust : PolicySource::kResource, question, names, out);
  return out;
}

Decision decide_root(const Findings& resource, const PolicySet& policies,
                     const Question& question) {
  const bool trust =
      policies.resource != nullptr && policies.resource->kind() == PolicyKind::kTrust;
  const bool may_always = question.action == "s3:getbucketpolicy" ||
                          question.action == "s3:putbucketpolicy" ||
                          question.action == "s3:deletebucketpolicy";
  if (resource.denied && !may_always) return resource.denied.decided(Verdict::kExplicitDeny);
  Decision out;
  if (trust && !resource.allowed) return out;
  if (trust) return resource.allowed.decided(Verdict::kAllowed);
  out.verdict = Verdict::kAllowed;
  out.source = PolicySource::kRoot;
  return out;
}

}  // namespace

Decision evaluate(const PolicySet& policies, const Identity& caller, const AccessRequest& request) {
  const LowerCase action(request.action);
  const Question question{action.view(), request.resource, request.context};
  const Findings resource = scan_resource(policies.resource, caller, question);
  if (caller.is_root()) return decide_root(resource, policies, question);

  Findings identity, session;
  for (const NamedPolicy& policy : policies.identity)
    scan(*policy.document, policy.name, PolicySource::kIdentity, question, everybody, identity);
  if (policies.session != nullptr)
    scan(*policies.session, kSessionPolicy, PolicySource::kSession, question, everybody, session);
  for (const Found& denied : {identity.denied, session.denied, resource.denied})
    if (denied) return denied.decided(Verdict::kExplicitDeny);

  if (resource.naming == Naming::kCaller) return resource.allowed.decided(Verdict::kAllowed);
  Decision out;
  if (caller.kind() == Identity::Kind::kAnonymous) return out;
  // A role's trust policy must name who may assume it, at least his account.
  const bool trusted = policies.resource == nullptr ||
                       policies.resource->kind() != PolicyKind::kTrust || resource.allowed;
  const Found& allowed = resource.naming == Naming::kRole ? resource.allowed : identity.allowed;
  if (!allowed || !trusted) return out;
  if (policies.session == nullptr || session.allowed) return allowed.decided(Verdict::kAllowed);
  out.limited_by_session_policy = true;
  return out;
}

Decision evaluate_trust(const PolicyDocument& trust, std::string_view service,
                        const Context& context) {
  Findings out;
  const auto names = [service](const Statement& s) {
    return s.principals.names_service(service) ? Naming::kCaller : Naming::kNot;
  };
  scan(trust, "trust policy", PolicySource::kTrust, {kAssumeRoleLowered, {}, context}, names, out);
  if (out.denied) return out.denied.decided(Verdict::kExplicitDeny);
  return out.allowed ? out.allowed.decided(Verdict::kAllowed) : Decision();
}

TrustOfCaller evaluate_trust(const PolicyDocument& trust, const Identity& caller,
                             const Context& context) {
  const Findings found = scan_resource(&trust, caller, {kAssumeRoleLowered, {}, context});
  if (found.denied || !found.allowed) return TrustOfCaller::kDenied;
  return found.naming == Naming::kAccount && !caller.is_root() ? TrustOfCaller::kIfPermitted
                                                               : TrustOfCaller::kTrusted;
}

}  // namespace sallyport::iam
