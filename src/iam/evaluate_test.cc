#include "iam/evaluate.h"

#include <gtest/gtest.h>

#include "iam/testing/identity_for_test.h"

namespace sallyport::iam {
namespace {

std::shared_ptr<const PolicyDocument> parsed(std::string_view statements,
                                             PolicyKind kind = PolicyKind::kIdentity) {
  auto policy = PolicyDocument::parse(
      R"({"Version":"2012-10-17","Statement":[)" + std::string(statements) + "]}", kind);
  EXPECT_TRUE(policy.ok()) << (policy.ok() ? "" : policy.error().message);
  return policy.ok() ? *policy : nullptr;
}

Decision decide(std::string_view statements, AccessRequest request,
                std::string_view session_statements = {}) {
  const NamedPolicy policy{"role", parsed(statements)};
  const auto session = session_statements.empty() ? nullptr : parsed(session_statements);
  const PolicySet set{{&policy, 1}, session.get(), nullptr};
  return evaluate(set, IdentityForTest::role(), request);
}

constexpr std::string_view kAllowDemo =
    R"({"Sid":"Demo","Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::demo/*"})";

TEST(Evaluate, DeniesWhenNothingSpeaks) {
  const Decision none =
      evaluate({}, IdentityForTest::role(), {"s3:GetObject", "arn:aws:s3:::demo/a", {}});
  EXPECT_EQ(none.verdict, Verdict::kImplicitDeny);
  EXPECT_EQ(none.policy, "");
}

TEST(Evaluate, AllowsAndNamesTheStatement) {
  const Decision d = decide(std::string(R"({"Effect":"Allow","Action":"ec2:*","Resource":"*"},)") +
                                std::string(kAllowDemo),
                            {"s3:GetObject", "arn:aws:s3:::demo/a", {}});
  EXPECT_TRUE(d.allowed());
  EXPECT_EQ(d.policy, "role");
  EXPECT_EQ(d.sid, "Demo");
  EXPECT_EQ(d.statement, 1u);
}

TEST(Evaluate, ComparesActionsWithoutCaseAndResourcesWithCase) {
  EXPECT_TRUE(decide(kAllowDemo, {"S3:GETOBJECT", "arn:aws:s3:::demo/a", {}}).allowed());
  EXPECT_FALSE(decide(kAllowDemo, {"s3:GetObject", "arn:aws:s3:::Demo/a", {}}).allowed());
  EXPECT_FALSE(decide(kAllowDemo, {"s3:ListBucket", "arn:aws:s3:::demo", {}}).allowed());
  EXPECT_FALSE(decide(kAllowDemo, {"s3:GetObject", "arn:aws:s3:::demo2/a", {}}).allowed());
}

TEST(Evaluate, LetsAnExplicitDenyWinWhereverItStands) {
  const std::string deny =
      R"({"Sid":"No","Effect":"Deny","Action":"s3:Put*","Resource":"arn:aws:s3:::demo/secret/*"})";
  for (const std::string& both :
       {std::string(kAllowDemo) + "," + deny, deny + "," + std::string(kAllowDemo)}) {
    const Decision d = decide(both, {"s3:PutObject", "arn:aws:s3:::demo/secret/x", {}});
    EXPECT_EQ(d.verdict, Verdict::kExplicitDeny);
    EXPECT_EQ(d.sid, "No");
    EXPECT_TRUE(decide(both, {"s3:PutObject", "arn:aws:s3:::demo/x", {}}).allowed());
  }
  EXPECT_EQ(decide(kAllowDemo, {"s3:PutObject", "arn:aws:s3:::demo/secret/x", {}}, deny).verdict,
            Verdict::kExplicitDeny);
}

TEST(Evaluate, NeedsTheSessionPolicyToAllowToo) {
  const std::string only_ann =
      R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo/ann/*"})";
  EXPECT_TRUE(
      decide(kAllowDemo, {"s3:GetObject", "arn:aws:s3:::demo/ann/a", {}}, only_ann).allowed());
  const Decision limited =
      decide(kAllowDemo, {"s3:GetObject", "arn:aws:s3:::demo/bob/a", {}}, only_ann);
  EXPECT_EQ(limited.verdict, Verdict::kImplicitDeny);
  EXPECT_TRUE(limited.limited_by_session_policy);
  // What the role does not have the session policy cannot give.
  const std::string all = R"({"Effect":"Allow","Action":"*","Resource":"*"})";
  const Decision not_given = decide(kAllowDemo, {"s3:GetObject", "arn:aws:s3:::other/a", {}}, all);
  EXPECT_EQ(not_given.verdict, Verdict::kImplicitDeny);
  EXPECT_FALSE(not_given.limited_by_session_policy);
}

TEST(Evaluate, HonoursNotActionAndNotResource) {
  const std::string most =
      R"({"Effect":"Allow","NotAction":"s3:Delete*","NotResource":"arn:aws:s3:::demo/keep/*"})";
  EXPECT_TRUE(decide(most, {"s3:GetObject", "arn:aws:s3:::demo/a", {}}).allowed());
  EXPECT_FALSE(decide(most, {"s3:DeleteObject", "arn:aws:s3:::demo/a", {}}).allowed());
  EXPECT_FALSE(decide(most, {"s3:GetObject", "arn:aws:s3:::demo/keep/a", {}}).allowed());
}

TEST(Evaluate, GivesNothingForAVariableWithoutAValue) {
  const AccessRequest request{"s3:GetObject", "arn:aws:s3:::demo/a", {}};
  const std::string inverse =
      R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::${transfer:HomeBucket}/*"})";
  EXPECT_FALSE(decide(inverse, request).allowed());
  const std::string condition =
      R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"s3:prefix":"${a:b}"}}})";
  EXPECT_FALSE(
      decide(condition, {"s3:ListBucket", "arn:aws:s3:::demo", {{"s3:prefix", "x"}}}).allowed());
  const std::string deny =
      R"({"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::${a:b}/*"})";
  EXPECT_EQ(decide(std::string(kAllowDemo) + "," + deny, request).verdict, Verdict::kExplicitDeny);
}

struct ConditionCase {
  const char* condition;
  Context context;
  bool holds;
};

TEST(Evaluate, AppliesConditionOperators) {
  const ConditionCase cases[] = {
      {R"({"StringEquals":{"s3:prefix":["a","b"]}})", {{"s3:prefix", "b"}}, true},
      {R"({"StringEquals":{"S3:PREFIX":"a"}})", {{"s3:prefix", "a"}}, true},
      {R"({"StringEquals":{"s3:prefix":"a*"}})", {{"s3:prefix", "ab"}}, false},
      {R"({"StringEquals":{"s3:prefix":"a"}})", {}, false},
      {R"({"StringEqualsIfExists":{"s3:prefix":"a"}})", {}, true},
      {R"({"StringEqualsIfExists":{"s3:prefix":"a"}})", {{"s3:prefix", "b"}}, false},
      {R"({"StringNotEquals":{"s3:prefix":["a","b"]}})", {{"s3:prefix", "c"}}, true},
      {R"({"StringNotEquals":{"s3:prefix":["a","b"]}})", {{"s3:prefix", "b"}}, false},
      {R"({"StringNotEquals":{"s3:prefix":"a"}})", {}, true},
      {R"({"StringEqualsIgnoreCase":{"k":"ABC"}})", {{"k", "abc"}}, true},
      {R"({"StringLike":{"s3:prefix":["home/*","home"]}})", {{"s3:prefix", "home/x/"}}, true},
      {R"({"StringLike":{"s3:prefix":["home/*","home"]}})", {{"s3:prefix", ""}}, false},
      {R"({"StringNotLike":{"s3:prefix":"home/*"}})", {{"s3:prefix", "other"}}, true},
      {R"({"StringLike":{"s3:prefix":"${aws:userid}/*"}})",
       {{"aws:userid", "u"}, {"s3:prefix", "u/x"}},
       true},
      {R"({"Bool":{"aws:SecureTransport":"false"}})", {{"aws:SecureTransport", "true"}}, false},
      {R"({"Bool":{"aws:SecureTransport":true}})", {{"aws:SecureTransport", "true"}}, true},
      {R"({"Bool":{"aws:SecureTransport":true}})", {}, false},
      {R"({"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}})",
       {{"aws:SourceIp", "203.0.113.9"}},
       true},
      {R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})",
       {{"aws:SourceIp", "198.51.100.1"}},
       false},
      {R"({"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", {{"aws:SourceIp", "nonsense"}}, false},
      {R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})",
       {{"aws:SourceIp", "203.0.113.9"}},
       false},
      {R"({"NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}})", {}, true},
      {R"({"Null":{"s3:prefix":"true"}})", {}, true},
      {R"({"Null":{"s3:prefix":"true"}})", {{"s3:prefix", ""}}, false},
      {R"({"Null":{"s3:prefix":"false"}})", {{"s3:prefix", ""}}, true},
      {R"({"ArnLike":{"aws:SourceArn":"arn:aws:transfer:*:111122223333:server/*"}})",
       {{"aws:SourceArn", "arn:aws:transfer:us-east-1:111122223333:server/s-1"}},
       true},
      {R"({"ArnEquals":{"aws:SourceArn":"arn:aws:transfer:*:1:server/s-1"}})",
       {{"aws:SourceArn", "arn:aws:transfer:a:b:1:server/s-1"}},
       false},
      {R"({"ArnNotLike":{"aws:SourceArn":"*"}})", {{"aws:SourceArn", "arn:a:b:c:d:e"}}, false},
      {R"({"ForAnyValue:StringEquals":{"k":["a","b"]}})", {{"k", "x"}, {"k", "a"}}, true},
      {R"({"ForAnyValue:StringEquals":{"k":"a"}})", {}, false},
      {R"({"ForAllValues:StringEquals":{"k":["a","b"]}})", {{"k", "x"}, {"k", "a"}}, false},
      {R"({"ForAllValues:StringEquals":{"k":["a","b"]}})", {{"k", "b"}, {"k", "a"}}, true},
      {R"({"ForAllValues:StringEquals":{"k":"a"}})", {}, true},
      {R"({"StringEquals":{"a":"1"},"StringLike":{"b":"2*"}})", {{"a", "1"}, {"b", "2x"}}, true},
      {R"({"StringEquals":{"a":"1","b":"2"}})", {{"a", "1"}, {"b", "3"}}, false},
  };
  for (const ConditionCase& c : cases) {
    const std::string statement =
        std::string(R"({"Effect":"Allow","Action":"*","Resource":"*","Condition":)") + c.condition +
        "}";
    EXPECT_EQ(decide(statement, {"s3:ListBucket", "arn:aws:s3:::demo", c.context}).allowed(),
              c.holds)
        << c.condition;
  }
}

TEST(EvaluateTrust, WantsTheServiceTheActionAndTheConditions) {
  struct Case {
    const char* statements;
    bool trusts;
  };
  const Case cases[] = {
      {R"({"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"})",
       true},
      {R"({"Effect":"Allow","Principal":{"Service":["s3.amazonaws.com","transfer.amazonaws.com"]},"Action":["sts:AssumeRole","sts:TagSession"]})",
       true},
      {R"({"Effect":"Allow","Principal":"*","Action":"sts:*"})", true},
      {R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"})", true},
      {R"({"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"})",
       false},
      {R"({"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"})",
       false},
      {R"({"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:TagSession"})",
       false},
      {R"({"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"},
          {"Effect":"Deny","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:*"})",
       false},
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
  for (const Case& c : cases)
    EXPECT_EQ(
        evaluate_trust(*parsed(c.statements, PolicyKind::kTrust), "transfer.amazonaws.com", context)
            .allowed(),
        c.trusts)
        << c.statements;
}

}  // namespace
}  // namespace sallyport::iam
