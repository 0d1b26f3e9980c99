#include "iam/evaluate.h"

#include <algorithm>

namespace sallyport::iam {

namespace {

constexpr std::string_view kAssumeRole = "sts:AssumeRole";

// Is `text` in a list of patterns, or, when negated, outside it? For an Allow nothing may follow
// from a variable without a value; for a Deny the negated list then covers all, which denies more,
// not less.
bool element_covers(const std::vector<Pattern>& patterns, bool negated, Effect effect,
                    std::string_view text, const Context& context) {
  bool any = false;
  for (const Pattern& pattern : patterns) {
    const MatchResult m = pattern.matches(text, context);
    if (m == MatchResult::kUnresolved && negated && effect == Effect::kAllow) return false;
    any = any || m == MatchResult::kYes;
  }
  return any != negated;
}

bool conditions_hold(const Statement& statement, const Context& context) {
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const Condition& condition) {
                       const auto outcome = condition.evaluate(context);
                       if (outcome.unresolved && statement.effect == Effect::kAllow) return false;
                       return outcome.holds;
                     });
}

bool applies(const Statement& s, const AccessRequest& request) {
  return element_covers(s.actions, s.not_action, s.effect, request.action, request.context) &&
         element_covers(s.resources, s.not_resource, s.effect, request.resource, request.context) &&
         conditions_hold(s, request.context);
}

Decision decided(Verdict verdict, std::string_view policy, const PolicyDocument& document,
                 std::size_t index) {
  Decision out;
  out.verdict = verdict;
  out.policy = policy;
  out.sid = document.statements()[index].sid;
  out.statement = index;
  return out;
}

// Takes in one document: a deny ends it, the first allow is remembered.
template <class Applies>
bool scan(std::string_view name, const PolicyDocument& document, Decision& out,
          const Applies& statement_applies) {
  const auto& statements = document.statements();
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (statements[i].effect == Effect::kAllow && out.allowed()) continue;
    if (!statement_applies(statements[i])) continue;
    if (statements[i].effect == Effect::kDeny) {
      out = decided(Verdict::kExplicitDeny, name, document, i);
      return false;
    }
    out = decided(Verdict::kAllowed, name, document, i);
  }
  return true;
}

}  // namespace

Decision evaluate(const PolicySet& set, const Identity& caller, const AccessRequest& request) {
  const auto policies = set.identity;
  const PolicyDocument* session_policy = set.session;
  if (caller.is_root()) {
    Decision all;
    all.verdict = Verdict::kAllowed;
    all.source = PolicySource::kRoot;
    return all;
  }
  const auto covers = [&request](const Statement& s) { return applies(s, request); };
  Decision by_session;
  if (session_policy != nullptr && !scan("session policy", *session_policy, by_session, covers))
    return by_session;
  Decision by_role;
  for (const NamedPolicy& policy : policies)
    if (!scan(policy.name, *policy.document, by_role, covers)) return by_role;

  if (by_role.allowed() && session_policy != nullptr && !by_session.allowed()) {
    Decision limited;
    limited.limited_by_session_policy = true;
    return limited;
  }
  return by_role;
}

Decision evaluate_trust(const PolicyDocument& trust, std::string_view service,
                        const Context& context) {
  Decision out;
  scan("trust policy", trust, out, [&](const Statement& s) {
    return s.principals.names_service(service) &&
           element_covers(s.actions, s.not_action, s.effect, kAssumeRole, context) &&
           conditions_hold(s, context);
  });
  return out;
}

TrustOfCaller evaluate_trust(const PolicyDocument&, const Identity&, const Context&) {
  return TrustOfCaller::kDenied;
}

}  // namespace sallyport::iam
