// Who a bucket or trust policy lets do what, beside what his own policies say.
#include <gtest/gtest.h>

#include <string>

#include "iam/evaluate.h"
#include "iam/testing/identity_for_test.h"

namespace sallyport::iam {
namespace {

constexpr std::string_view kRole = "arn:aws:iam::000000000000:role/transfer";
constexpr std::string_view kSession = "arn:aws:sts::000000000000:assumed-role/transfer/ann";
constexpr std::string_view kUser = "arn:aws:iam::000000000000:user/alice";
constexpr std::string_view kAccount = "arn:aws:iam::000000000000:root";

std::shared_ptr<const PolicyDocument> parsed(const std::string& statements, PolicyKind kind) {
  if (statements.empty()) return nullptr;
  auto policy =
      PolicyDocument::parse(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind);
  EXPECT_TRUE(policy.ok()) << statements << (policy.ok() ? "" : policy.error().message);
  return policy.ok() ? *policy : nullptr;
}

std::string identity_policy(std::string_view effect, std::string_view action = "s3:GetObject") {
  return R"({"Effect":")" + std::string(effect) + R"(","Action":")" + std::string(action) +
         R"(","Resource":"*"})";
}
std::string bucket_policy(std::string_view effect, std::string_view principal,
                          std::string_view action = "s3:GetObject") {
  return R"({"Effect":")" + std::string(effect) + R"(","Principal":{"AWS":")" +
         std::string(principal) + R"("},"Action":")" + std::string(action) +
         R"(","Resource":"arn:aws:s3:::demo/*"})";
}

struct Outcome {
  Verdict verdict;
  PolicySource source = PolicySource::kNone;
  bool limited = false;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};
std::ostream& operator<<(std::ostream& out, const Outcome& o) {
  return out << "verdict " << static_cast<int>(o.verdict) << ", source "
             << static_cast<int>(o.source) << (o.limited ? ", limited" : "");
}

Outcome outcome(const Identity& caller, const std::string& identity, const std::string& session,
                const std::string& resource, std::string_view action = "s3:GetObject",
                PolicyKind kind = PolicyKind::kBucket) {
  const NamedPolicy own{"own policy", parsed(identity, PolicyKind::kIdentity)};
  const auto limit = parsed(session, PolicyKind::kIdentity);
  const auto of_resource = parsed(resource, kind);
  PolicySet set;
  if (own.document != nullptr) set.identity = {&own, 1};
  set.session = limit.get();
  set.resource = of_resource.get();
  const Decision d =
      evaluate(set, caller, {std::string(action), "arn:aws:s3:::demo/a", {{"k", "v"}}});
  // The deciding statement is always named.
  const bool by_statement = d.source != PolicySource::kNone && d.source != PolicySource::kRoot;
  EXPECT_EQ(by_statement, !d.policy.empty());
  if (d.source == PolicySource::kIdentity) EXPECT_EQ(d.policy, "own policy");
  if (d.source == PolicySource::kSession) EXPECT_EQ(d.policy, "session policy");
  if (d.source == PolicySource::kResource) EXPECT_EQ(d.policy, "resource policy");
  if (d.source == PolicySource::kTrust) EXPECT_EQ(d.policy, "trust policy");
  return {d.verdict, d.source, d.limited_by_session_policy};
}

constexpr Outcome kImplicit{Verdict::kImplicitDeny};
constexpr Outcome kLimited{Verdict::kImplicitDeny, PolicySource::kNone, true};
constexpr Outcome kByIdentity{Verdict::kAllowed, PolicySource::kIdentity};
constexpr Outcome kByResource{Verdict::kAllowed, PolicySource::kResource};
constexpr Outcome kByTrust{Verdict::kAllowed, PolicySource::kTrust};
constexpr Outcome kByRoot{Verdict::kAllowed, PolicySource::kRoot};

// IAM user guide, reference_policies_evaluation-logic_policy-eval-denyallow.html, "Resource-based
// policies", and access_policies.html, "Session policies".
TEST(EvaluateWithBucketPolicy, FollowsTheTableForSessionsOfARole) {
  const Identity role = IdentityForTest::role();
  const std::string allow = identity_policy("Allow"), other = identity_policy("Allow", "s3:Put*");
  // Nothing of the bucket's.
  EXPECT_EQ(outcome(role, allow, "", ""), kByIdentity);
  EXPECT_EQ(outcome(role, allow, allow, ""), kByIdentity);
  EXPECT_EQ(outcome(role, allow, other, ""), kLimited);
  EXPECT_EQ(outcome(role, "", allow, ""), kImplicit);
  // Named by the role: the role's own policies need not allow, the session's must.
  const std::string to_role = bucket_policy("Allow", kRole);
  EXPECT_EQ(outcome(role, "", "", to_role), kByResource);
  EXPECT_EQ(outcome(role, "", allow, to_role), kByResource);
  EXPECT_EQ(outcome(role, "", other, to_role), kLimited);
  EXPECT_EQ(outcome(role, allow, other, to_role), kLimited);
  // Named by the session: nothing limits.
  const std::string to_session = bucket_policy("Allow", kSession);
  EXPECT_EQ(outcome(role, "", "", to_session), kByResource);
  EXPECT_EQ(outcome(role, "", other, to_session), kByResource);
  // The closest naming counts, whichever statement comes first.
  EXPECT_EQ(outcome(role, "", other, to_role + "," + to_session), kByResource);
}

// reference_policies_elements_principal.html, "All principals": "no other permissions are
// required"; "IAM role principals": session policies do not limit what goes to "*".
TEST(EvaluateWithBucketPolicy, GivesToEveryoneWhatItGivesToEveryone) {
  const std::string to_all = bucket_policy("Allow", "*");
  EXPECT_EQ(outcome(IdentityForTest::role(), "", "", to_all), kByResource);
  EXPECT_EQ(outcome(IdentityForTest::role(), "", identity_policy("Allow", "s3:Put*"), to_all),
            kByResource);
  EXPECT_EQ(outcome(IdentityForTest::user(), "", "", to_all), kByResource);
  EXPECT_EQ(outcome(Identity::anonymous(), "", "", to_all), kByResource);
}

TEST(EvaluateWithBucketPolicy, LetsAnonymousInOnlyWithEveryone) {
  const Identity anonymous = Identity::anonymous();
  EXPECT_EQ(outcome(anonymous, "", "", ""), kImplicit);
  EXPECT_EQ(outcome(anonymous, identity_policy("Allow"), "", ""), kImplicit);
  for (const std::string_view principal : {kRole, kSession, kUser, kAccount})
    EXPECT_EQ(outcome(anonymous, "", "", bucket_policy("Allow", principal)), kImplicit);
  EXPECT_EQ(outcome(anonymous, "", "",
                    bucket_policy("Allow", "*").substr(0, 1) +
                        R"("Condition":{"StringEquals":{"k":"other"}},)" +
                        bucket_policy("Allow", "*").substr(1)),
            kImplicit);
  EXPECT_EQ(outcome(anonymous, "", "",
                    R"({"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},)" +
                        bucket_policy("Deny", "*")),
            (Outcome{Verdict::kExplicitDeny, PolicySource::kResource}));
}

// The same page, "IAM user": limited by neither.
TEST(EvaluateWithBucketPolicy, SufficesForAUserItNames) {
  const Identity user = IdentityForTest::user();
  EXPECT_EQ(outcome(user, "", "", bucket_policy("Allow", kUser)), kByResource);
  EXPECT_EQ(outcome(user, "", "", bucket_policy("Allow", "AIDATESTTESTTESTTEST1")), kByResource);
  EXPECT_EQ(outcome(user, identity_policy("Allow"), "", ""), kByIdentity);
  EXPECT_EQ(outcome(user, "", "", bucket_policy("Allow", kRole)), kImplicit);
  // In a Principal the user's name is case sensitive.
  EXPECT_EQ(outcome(user, "", "", bucket_policy("Allow", "arn:aws:iam::000000000000:user/Alice")),
            kImplicit);
}

// reference_policies_elements_principal.html, "AWS account principals": both forms delegate to the
// account, whose own policies then decide.
TEST(EvaluateWithBucketPolicy, LeavesTheAccountToItsOwnPolicies) {
  for (const std::string_view account : {kAccount, std::string_view("000000000000")}) {
    const std::string to_account = bucket_policy("Allow", account);
    for (const Identity& caller : {IdentityForTest::user(), IdentityForTest::role()}) {
      EXPECT_EQ(outcome(caller, "", "", to_account), kImplicit);
      EXPECT_EQ(outcome(caller, identity_policy("Allow"), "", to_account), kByIdentity);
    }
  }
  EXPECT_EQ(outcome(IdentityForTest::user("alice", "111122223333"), "", "",
                    bucket_policy("Allow", kAccount)),
            kImplicit);
}

TEST(EvaluateWithBucketPolicy, LetsADenyOfAnyPolicyWin) {
  const Identity role = IdentityForTest::role();
  const std::string allow = identity_policy("Allow"), deny = identity_policy("Deny");
  const std::string to_session = bucket_policy("Allow", kSession);
  EXPECT_EQ(outcome(role, deny, "", to_session),
            (Outcome{Verdict::kExplicitDeny, PolicySource::kIdentity}));
  EXPECT_EQ(outcome(role, allow, deny, to_session),
            (Outcome{Verdict::kExplicitDeny, PolicySource::kSession}));
  for (const std::string_view who :
       {kRole, kSession, kAccount, std::string_view("000000000000"), std::string_view("*"),
        std::string_view("AROATESTTESTTESTTEST1")})
    EXPECT_EQ(outcome(role, allow, allow, to_session + "," + bucket_policy("Deny", who)),
              (Outcome{Verdict::kExplicitDeny, PolicySource::kResource}))
        << who;
  for (const std::string_view other :
       {kUser, std::string_view("arn:aws:sts::000000000000:assumed-role/transfer/bob"),
        std::string_view("arn:aws:iam::000000000000:role/transfer2"),
        std::string_view("111122223333")})
    EXPECT_EQ(outcome(role, allow, "", bucket_policy("Deny", other)), kByIdentity) << other;
}

TEST(EvaluateWithBucketPolicy, NamesTheStatementThatDecided) {
  const auto policy = parsed(
      R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/transfer"},"Action":"s3:Get*","Resource":"arn:aws:s3:::demo/*"},
         {"Sid":"To session","Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:sts::000000000000:assumed-role/transfer/ann"]},
          "Action":"s3:Get*","Resource":"arn:aws:s3:::demo/*"},
         {"Sid":"No secrets","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::demo/secret*"})",
      PolicyKind::kBucket);
  const PolicySet set{{}, nullptr, policy.get()};
  const Decision allowed =
      evaluate(set, IdentityForTest::role(), {"s3:GetObject", "arn:aws:s3:::demo/a", {}});
  EXPECT_TRUE(allowed.allowed());
  EXPECT_EQ(allowed.sid, "To session");
  EXPECT_EQ(allowed.statement, 1u);
  const Decision denied =
      evaluate(set, IdentityForTest::role(), {"s3:GetObject", "arn:aws:s3:::demo/secret", {}});
  EXPECT_EQ(denied.verdict, Verdict::kExplicitDeny);
  EXPECT_EQ(denied.sid, "No secrets");
  EXPECT_EQ(denied.statement, 2u);
}

// Amazon S3 API reference, API_DeleteBucketPolicy.html: root cannot be locked out.
TEST(EvaluateWithBucketPolicy, BindsRootSaveForThePolicyItself) {
  const Identity root = Identity::root();
  EXPECT_EQ(outcome(root, "", "", ""), kByRoot);
  EXPECT_EQ(outcome(root, "", "", bucket_policy("Allow", kUser)), kByRoot);
  for (const std::string_view who : {kAccount, std::string_view("*")}) {
    const std::string deny = bucket_policy("Deny", who, "s3:*");
    EXPECT_EQ(outcome(root, "", "", deny, "s3:GetObject"),
              (Outcome{Verdict::kExplicitDeny, PolicySource::kResource}));
    for (const char* action : {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "S3:DELETEBUCKETPOLICY"})
      EXPECT_EQ(outcome(root, "", "", deny, action), kByRoot);
  }
  EXPECT_EQ(outcome(root, "", "", bucket_policy("Deny", kUser, "s3:*")), kByRoot);
}

std::string trust(std::string_view effect, std::string_view principal,
                  std::string_view action = "sts:AssumeRole") {
  return R"({"Effect":")" + std::string(effect) + R"(","Principal":)" + std::string(principal) +
         R"(,"Action":")" + std::string(action) + "\"}";
}
std::string aws(std::string_view value) {
  return R"({"AWS":")" + std::string(value) + "\"}";
}

// The same page: role trust policies are exceptions, "they must explicitly allow access".
TEST(EvaluateWithTrustPolicy, NeedsTheTrustPolicyToNameTheCaller) {
  const std::string own = identity_policy("Allow", "sts:AssumeRole");
  const auto assume = [](const Identity& caller, const std::string& identity,
                         const std::string& session, const std::string& policy) {
    return outcome(caller, identity, session, policy, "sts:AssumeRole", PolicyKind::kTrust);
  };
  const Identity user = IdentityForTest::user(), role = IdentityForTest::role();
  EXPECT_EQ(assume(user, own, "", trust("Allow", aws(kRole))), kImplicit);
  EXPECT_EQ(assume(user, own, "", trust("Allow", aws(kAccount))), kByIdentity);
  EXPECT_EQ(assume(user, "", "", trust("Allow", aws(kAccount))), kImplicit);
  EXPECT_EQ(assume(user, "", "", trust("Allow", aws(kUser))), kByTrust);
  EXPECT_EQ(assume(user, "", "", trust("Allow", aws("*"))), kByTrust);
  EXPECT_EQ(assume(user, identity_policy("Deny", "*"), "", trust("Allow", aws(kUser))),
            (Outcome{Verdict::kExplicitDeny, PolicySource::kIdentity}));
  EXPECT_EQ(assume(role, "", "", trust("Allow", aws(kRole))), kByTrust);
  EXPECT_EQ(assume(role, own, identity_policy("Allow"), trust("Allow", aws(kRole))), kLimited);
  EXPECT_EQ(assume(role, own, identity_policy("Allow"), trust("Allow", aws(kAccount))), kLimited);
  EXPECT_EQ(assume(role, "", identity_policy("Allow"), trust("Allow", aws(kSession))), kByTrust);
  EXPECT_EQ(assume(Identity::root(), "", "", trust("Allow", aws(kAccount))), kByTrust);
  EXPECT_EQ(assume(Identity::root(), "", "", trust("Allow", aws(kUser))), kImplicit);
  EXPECT_EQ(assume(Identity::root(), "", "",
                   trust("Allow", aws("*")) + "," + trust("Deny", aws(kAccount))),
            (Outcome{Verdict::kExplicitDeny, PolicySource::kTrust}));
}

TEST(EvaluateTrustOfCaller, TellsTheCallerFromHisAccount) {
  using enum TrustOfCaller;
  const auto trust_of = [](const Identity& caller, const std::string& statements) {
    return evaluate_trust(*parsed(statements, PolicyKind::kTrust), caller, {{"k", "v"}});
  };
  const Identity user = IdentityForTest::user(), role = IdentityForTest::role();
  const Identity root = Identity::root(), stranger = IdentityForTest::user("alice", "111122223333");
  struct Row {
    std::string statements;
    TrustOfCaller user, role, root, stranger;
  };
  const Row rows[] = {
      {trust("Allow", aws(kUser)), kTrusted, kDenied, kDenied, kDenied},
      {trust("Allow", aws(kRole)), kDenied, kTrusted, kDenied, kDenied},
      {trust("Allow", aws(kSession)), kDenied, kTrusted, kDenied, kDenied},
      {trust("Allow", aws("AROATESTTESTTESTTEST1")), kDenied, kTrusted, kDenied, kDenied},
      {trust("Allow", aws(kAccount)), kIfPermitted, kIfPermitted, kTrusted, kDenied},
      {trust("Allow", aws("000000000000")), kIfPermitted, kIfPermitted, kTrusted, kDenied},
      {trust("Allow", aws("*")), kTrusted, kTrusted, kTrusted, kTrusted},
      {trust("Allow", R"({"Service":"transfer.amazonaws.com"})"), kDenied, kDenied, kDenied,
       kDenied},
      {trust("Allow", R"({"Federated":"accounts.google.com"})"), kDenied, kDenied, kDenied,
       kDenied},
      {trust("Allow", aws("*"), "sts:TagSession"), kDenied, kDenied, kDenied, kDenied},
      {trust("Allow", aws(kAccount)) + "," + trust("Allow", aws(kUser)), kTrusted, kIfPermitted,
       kTrusted, kDenied},
      {trust("Allow", aws("*")) + "," + trust("Deny", aws(kUser), "sts:*"), kDenied, kTrusted,
       kTrusted, kTrusted},
      {R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",
           "Condition":{"StringEquals":{"sts:ExternalId":"x"}}})",
       kDenied, kDenied, kDenied, kDenied},
      {R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",
           "Condition":{"StringEquals":{"k":"v"}}})",
       kTrusted, kTrusted, kTrusted, kTrusted},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(trust_of(user, row.statements), row.user) << row.statements;
    EXPECT_EQ(trust_of(role, row.statements), row.role) << row.statements;
    EXPECT_EQ(trust_of(root, row.statements), row.root) << row.statements;
    EXPECT_EQ(trust_of(stranger, row.statements), row.stranger) << row.statements;
  }
}

TEST(EvaluateTrustOfService, WantsTheServiceTheActionAndTheConditions) {
  const std::string service = R"({"Service":"transfer.amazonaws.com"})";
  const std::pair<std::string, bool> rows[] = {
      {trust("Allow", service), true},
      {R"({"Effect":"Allow","Principal":{"Service":["s3.amazonaws.com","transfer.amazonaws.com"]},
           "Action":["sts:AssumeRole","sts:TagSession"]})",
       true},
      {trust("Allow", service, "STS:assume*"), true},
      {trust("Allow", aws("*")), true},
      {trust("Allow", R"({"Service":"*"})"), true},
      {trust("Allow", R"({"Service":"ec2.amazonaws.com"})"), false},
      {trust("Allow", aws(kAccount)), false},
      {trust("Allow", service, "sts:TagSession"), false},
      {trust("Allow", aws("*")) + "," + trust("Deny", service, "sts:*"), false},
      {R"({"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole",
           "Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},
                        "ArnLike":{"aws:SourceArn":"arn:aws:transfer:us-east-1:111122223333:server/*"}}})",
       true},
      {R"({"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole",
           "Condition":{"StringEquals":{"sts:ExternalId":"x"}}})",
       false},
  };
  const Context context{
      {"aws:SourceAccount", "111122223333"},
      {"aws:SourceArn", "arn:aws:transfer:us-east-1:111122223333:server/s-0123456789abcdef0"}};
  for (const auto& [statements, trusts] : rows) {
    const Decision d =
        evaluate_trust(*parsed(statements, PolicyKind::kTrust), "transfer.amazonaws.com", context);
    EXPECT_EQ(d.allowed(), trusts) << statements;
    if (trusts) {
      EXPECT_EQ(d.source, PolicySource::kTrust);
    }
  }
}

}  // namespace
}  // namespace sallyport::iam
