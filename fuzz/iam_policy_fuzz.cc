// Policies as users send them: whatever parses can be evaluated for every kind of caller, a
// decision names its statement, a Deny is never outvoted, and parsing again gives the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "iam/evaluate.h"
#include "iam/policy.h"
#include "iam/testing/identity_for_test.h"

namespace {

using namespace sallyport::iam;

void check(bool holds) {
  if (!holds) std::abort();
}

const Context& context() {
  static const Context kContext{{"aws:SecureTransport", "true"},
                                {"aws:userid", "AROAEXAMPLE:ann"},
                                {"aws:username", "ann"},
                                {"aws:SourceIp", "203.0.113.9"},
                                {"aws:CurrentTime", "2026-01-02T03:04:05Z"},
                                {"aws:EpochTime", "1767323045"},
                                {"aws:PrincipalArn", "arn:aws:iam::000000000000:role/transfer"},
                                {"aws:SourceArn", "arn:aws:transfer:us-east-1:1:server/s-1"},
                                {"aws:TagKeys", "a"},
                                {"aws:TagKeys", "b"},
                                {"s3:max-keys", "10"},
                                {"s3:prefix", "home/ann/"},
                                {"s3:delimiter", "/"}};
  return kContext;
}

// A decision by a statement names one that is there and has the effect.
void check_named(const Decision& d, const PolicyDocument& document) {
  if (d.source == PolicySource::kNone || d.source == PolicySource::kRoot) {
    check(d.policy.empty() && d.verdict != Verdict::kExplicitDeny);
    return;
  }
  check(!d.policy.empty() && d.statement < document.statements().size());
  const Statement& statement = document.statements()[d.statement];
  check(statement.sid == d.sid);
  check((statement.effect == Effect::kAllow) == d.allowed());
}

void check_decisions(const std::shared_ptr<const PolicyDocument>& policy) {
  const NamedPolicy named{"fuzz", policy};
  const bool identity = policy->kind() == PolicyKind::kIdentity;
  for (const Identity& caller : {IdentityForTest::role(), IdentityForTest::user(), Identity::root(),
                                 Identity::anonymous()}) {
    for (const char* action : {"s3:GetObject", "s3:ListBucket", "sts:AssumeRole"}) {
      PolicySet set;
      if (identity) {
        set.identity = {&named, 1};
      } else {
        set.resource = policy.get();
      }
      const AccessRequest request{action, "arn:aws:s3:::demo/home/ann/a.csv", context()};
      const Decision d = evaluate(set, caller, request);
      check_named(d, *policy);
      // Limited by itself, a policy says the same.
      if (!identity || caller.kind() != Identity::Kind::kRole) continue;
      set.session = policy.get();
      const Decision limited = evaluate(set, caller, request);
      check(limited.verdict == d.verdict && !limited.limited_by_session_policy);
    }
    if (policy->kind() != PolicyKind::kTrust) continue;
    const PolicySet set{{}, nullptr, policy.get()};
    const Decision d =
        evaluate(set, caller, {"sts:AssumeRole", "arn:aws:iam::000000000000:role/r", context()});
    const TrustOfCaller trust = evaluate_trust(*policy, caller, context());
    check(d.allowed() == (trust == TrustOfCaller::kTrusted));
  }
}

void check_policy(std::string_view input) {
  for (const PolicyKind kind : {PolicyKind::kIdentity, PolicyKind::kBucket, PolicyKind::kTrust}) {
    const auto policy = PolicyDocument::parse(input, kind);
    if (!policy.ok()) {
      check(!policy.error().message.empty() && !policy.error().reason.empty());
      check(policy.error().message.size() < 1000);
      continue;
    }
    check_decisions(*policy);
    check_named(evaluate_trust(**policy, "transfer.amazonaws.com", context()), **policy);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_policy({reinterpret_cast<const char*>(data), size});
  return 0;
}
