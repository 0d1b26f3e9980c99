#include "iam/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iam/managed_policies.h"

namespace sallyport::iam {
namespace {

using ::testing::HasSubstr;

std::string with_statement(std::string_view statement) {
  return R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}";
}

TEST(PolicyDocument, ReadsAllElementsOfAnIdentityPolicy) {
  const auto policy = PolicyDocument::parse(R"({
      "Version": "2012-10-17", "Id": "demo",
      "Statement": [
        {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::demo",
         "Condition": {"StringLike": {"s3:prefix": ["home/*", "home"]}, "Bool": {"aws:SecureTransport": true}}},
        {"Effect": "Deny", "NotAction": ["s3:Get*"], "NotResource": ["arn:aws:s3:::a/*", "*"]}]})",
                                            PolicyKind::kIdentity);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  EXPECT_EQ((*policy)->id(), "demo");
  ASSERT_EQ((*policy)->statements().size(), 2u);
  const Statement& list = (*policy)->statements()[0];
  EXPECT_EQ(list.sid, "List");
  EXPECT_EQ(list.effect, Effect::kAllow);
  EXPECT_EQ(list.conditions.size(), 2u);
  const Statement& deny = (*policy)->statements()[1];
  EXPECT_EQ(deny.effect, Effect::kDeny);
  EXPECT_TRUE(deny.not_action);
  EXPECT_TRUE(deny.not_resource);
  EXPECT_EQ(deny.resources.size(), 2u);
}

TEST(PolicyDocument, TakesOneStatementWithoutAList) {
  const auto policy = PolicyDocument::parse(
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})", PolicyKind::kIdentity);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  EXPECT_EQ((*policy)->statements().size(), 1u);
}

TEST(PolicyDocument, ReadsPrincipalsOfTrustAndBucketPolicies) {
  const auto trust = PolicyDocument::parse(
      with_statement(
          R"({"Effect":"Allow","Principal":{"Service":["transfer.amazonaws.com","s3.amazonaws.com"],
              "AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"})"),
      PolicyKind::kTrust);
  ASSERT_TRUE(trust.ok()) << trust.error().message;
  const Principals& named = (*trust)->statements()[0].principals;
  EXPECT_TRUE(named.names_service("transfer.amazonaws.com"));
  EXPECT_FALSE(named.names_service("ec2.amazonaws.com"));
  EXPECT_FALSE(named.everyone());

  const auto bucket = PolicyDocument::parse(
      with_statement(
          R"({"Sid":"Public read","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::demo/*"})"),
      PolicyKind::kBucket);
  ASSERT_TRUE(bucket.ok()) << bucket.error().message;
  EXPECT_TRUE((*bucket)->statements()[0].principals.everyone());
}

TEST(PolicyDocument, ReadsEveryManagedPolicy) {
  for (const ManagedPolicy& policy : managed_policies())
    EXPECT_TRUE(PolicyDocument::parse(policy.document, PolicyKind::kIdentity).ok()) << policy.name;
  EXPECT_EQ(find_managed_policy("arn:aws:iam::aws:policy/Nothing"), nullptr);
}

struct Refused {
  PolicyKind kind;
  std::string text;
  const char* place_and_remedy;
};

TEST(PolicyDocument, NamesThePlaceOfWhatItRefuses) {
  using enum PolicyKind;
  const Refused cases[] = {
      {kIdentity, "", "policy: "},
      {kIdentity, "{\"Version\":", "policy: "},
      {kIdentity, "[]", "policy: must be a JSON object"},
      {kIdentity, "{}", "policy: has no Statement"},
      {kIdentity, R"({"Statement":[],"statement":[]})", "policy: unknown member \"statement\""},
      {kIdentity, R"({"Statement":[],"Statement":[]})", "\"Statement\" comes twice"},
      {kIdentity, R"({"Version":"2012-10-16","Statement":[]})", "Version: must be \"2012-10-17\""},
      {kIdentity, R"({"Version":2012,"Statement":[]})", "policy.Version: must be a text"},
      {kIdentity, R"({"Statement":"x"})", "Statement: must be an object"},
      {kIdentity, with_statement("1"), "Statement[0]: must be an object"},
      {kIdentity, with_statement(R"({"Action":"s3:*","Resource":"*"})"),
       "Statement[0].Effect: must be \"Allow\" or \"Deny\""},
      {kIdentity, with_statement(R"({"Effect":"allow","Action":"s3:*","Resource":"*"})"),
       "Statement[0].Effect"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Resource":"*"})"),
       "Statement[0]: needs Action or NotAction"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"})"),
       "not both"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:*"})"),
       "Statement[0]: needs Resource or NotResource"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":[],"Resource":"*"})"),
       "Statement[0].Action: must not be an empty list"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":["s3:*",5],"Resource":"*"})"),
       "Statement[0].Action[1]: must be a text"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"GetObject","Resource":"*"})"),
       "must be written service:Name, like s3:GetObject"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:Get Object","Resource":"*"})"),
       "must be written service:Name"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"demo/*"})"),
       "must be \"*\" or an ARN"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${x"})"),
       "Statement[0].Resource: "},
      {kIdentity,
       with_statement(R"({"Sid":"a b","Effect":"Allow","Action":"s3:*","Resource":"*"})"),
       "Statement[0].Sid: may hold letters and digits only"},
      {kIdentity, with_statement(R"({"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},
                         {"Sid":"a","Effect":"Deny","Action":"s3:*","Resource":"*"})"),
       "Statement[1].Sid: \"a\" stands in an earlier statement too"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"})"),
       "Statement[0].Principal: stands in trust and bucket policies only"},
      {kBucket,
       with_statement(R"({"Effect":"Allow","NotPrincipal":"*","Action":"s3:*","Resource":"*"})"),
       "Statement[0].NotPrincipal: is not offered"},
      {kBucket, with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"})"),
       "Statement[0]: needs a Principal"},
      {kTrust, with_statement(R"({"Effect":"Allow","Principal":{},"Action":"sts:AssumeRole"})"),
       "Statement[0].Principal: must be \"*\" or an object"},
      {kTrust,
       with_statement(
           R"({"Effect":"Allow","Principal":{"service":"x"},"Action":"sts:AssumeRole"})"),
       "unknown type \"service\""},
      {kTrust,
       with_statement(
           R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"})"),
       "a trust policy has no Resource"},
      {kIdentity,
       with_statement(
           R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringMatches":{"s3:prefix":"a"}}})"),
       "Statement[0].Condition.StringMatches.s3:prefix: unknown condition operator"},
      {kIdentity,
       with_statement(
           R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"NullIfExists":{"s3:prefix":"true"}}})"),
       "\"Null\" does not take IfExists"},
      {kIdentity,
       with_statement(
           R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"yes"}}})"),
       "neither \"true\" nor \"false\""},
      {kIdentity,
       with_statement(
           R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/33"}}})"),
       "is no address range"},
      {kIdentity,
       with_statement(
           R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"ArnLike":{"aws:SourceArn":"s3"}}})"),
       "is no ARN"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":[]})"),
       "Statement[0].Condition: must be an object of operators"},
  };
  for (const Refused& c : cases) {
    const auto policy = PolicyDocument::parse(c.text, c.kind);
    ASSERT_FALSE(policy.ok()) << c.text;
    EXPECT_EQ(policy.error().code, Errc::kInvalidArgument) << c.text;
    EXPECT_EQ(policy.error().reason, "MalformedPolicyDocument") << c.text;
    EXPECT_THAT(policy.error().message, HasSubstr(c.place_and_remedy)) << c.text;
  }
}

TEST(PolicyDocument, BoundsTextAndStatements) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxStatements; ++i) many += std::string(i == 0 ? "" : ",") + "{}";
  const auto statements = PolicyDocument::parse(with_statement(many), PolicyKind::kIdentity);
  ASSERT_FALSE(statements.ok());
  EXPECT_EQ(statements.error().code, Errc::kLimitExceeded);

  const std::string blank(20000, ' ');
  const std::string small =
      with_statement(blank + R"({"Effect":"Allow","Action":"*","Resource":"*"})");
  EXPECT_TRUE(PolicyDocument::parse(small, PolicyKind::kIdentity).ok());

  const std::string big(kMaxIdentityPolicyBytes, 'x');
  EXPECT_EQ(PolicyDocument::parse("{\"Id\":\"" + big + "\"}", PolicyKind::kIdentity).error().code,
            Errc::kLimitExceeded);
  EXPECT_EQ(PolicyDocument::parse(std::string(kMaxPolicyText + 1, ' '), PolicyKind::kIdentity)
                .error()
                .code,
            Errc::kLimitExceeded);
  EXPECT_FALSE(PolicyDocument::parse(std::string(5000, '['), PolicyKind::kIdentity).ok());
}

}  // namespace
}  // namespace sallyport::iam
