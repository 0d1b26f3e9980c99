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

// IAM user guide, reference_policies_variables.html, "Policy variables with no value".
TEST(Evaluate, LetsAVariableWithoutAValueMatchNoResource) {
  const AccessRequest request{"s3:GetObject", "arn:aws:s3:::demo/a", {}};
  EXPECT_FALSE(
      decide(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo/${a:b}*"})",
             request)
          .allowed());
  const std::string inverse =
      R"({"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::${transfer:HomeBucket}/*"})";
  EXPECT_FALSE(decide(inverse, request).allowed());
  const std::string deny =
      R"({"Effect":"Deny","Action":"s3:*","NotResource":"arn:aws:s3:::${a:b}/*"})";
  EXPECT_EQ(decide(std::string(kAllowDemo) + "," + deny, request).verdict, Verdict::kExplicitDeny);
  // The page's own example: a Deny of a tag that differs from the caller's, who has none.
  const std::string by_tag =
      R"({"Effect":"Deny","Action":"s3:GetObject","Resource":"*",
          "Condition":{"StringNotEquals":{"s3:ExistingObjectTag/Team":"${aws:PrincipalTag/Team}"}}})";
  EXPECT_EQ(decide(std::string(kAllowDemo) + "," + by_tag, request).verdict,
            Verdict::kExplicitDeny);
}

TEST(Evaluate, WantsAllConditionsOfAStatement) {
  const std::string statement =
      R"({"Effect":"Allow","Action":"*","Resource":"*",
          "Condition":{"StringEquals":{"a":"1","b":"2"},"StringLike":{"C":"3*"}}})";
  EXPECT_TRUE(decide(statement, {"s3:x", "r", {{"A", "1"}, {"b", "2"}, {"c", "3x"}}}).allowed());
  EXPECT_FALSE(decide(statement, {"s3:x", "r", {{"a", "1"}, {"b", "3"}, {"c", "3x"}}}).allowed());
  EXPECT_FALSE(decide(statement, {"s3:x", "r", {{"a", "1"}, {"b", "2"}, {"c", "4"}}}).allowed());
  EXPECT_FALSE(decide(statement, {"s3:x", "r", {{"a", "1"}, {"b", "2"}}}).allowed());
}

TEST(Evaluate, ComparesActionsOfAnyLength) {
  const std::string name(300, 'A');
  const std::string statement =
      R"({"Effect":"Allow","Action":"s3:)" + name + R"(*","Resource":"*"})";
  EXPECT_TRUE(decide(statement, {"S3:" + name + "b", "r", {}}).allowed());
  EXPECT_FALSE(decide(statement, {"S3:" + name.substr(1), "r", {}}).allowed());
}

}  // namespace
}  // namespace sallyport::iam
