#include "iam/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sallyport::iam {
namespace {

using ::testing::HasSubstr;

std::string with_statement(std::string_view statement) {
  return R"({"Version":"2012-10-17","Statement":[)" + std::string(statement) + "]}";
}

std::string with_principal(std::string_view principal) {
  return with_statement(R"({"Effect":"Allow","Action":"sts:AssumeRole","Principal":)" +
                        std::string(principal) + "}");
}
std::string with_condition(std::string_view condition) {
  return with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":)" +
                        std::string(condition) + "}");
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

// IAM user guide, reference_policies_elements_principal.html and reference_identifiers.html.
TEST(PolicyDocument, ReadsEveryFormOfPrincipal) {
  for (const char* principal :
       {R"({"AWS":"*"})", R"({"AWS":"111122223333"})",
        R"({"AWS":"arn:aws:iam::111122223333:root"})",
        R"({"AWS":["arn:aws:iam::111122223333:user/ann","arn:aws-cn:iam::111122223333:role/a/b"]})",
        R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r/s"})",
        R"({"AWS":"arn:aws:sts::111122223333:federated-user/bob"})",
        R"({"AWS":"AIDACKCEVSQ6C2EXAMPLE"})", R"({"Service":["ecs.amazonaws.com","*"]})",
        R"({"Federated":"cognito-identity.amazonaws.com"})",
        R"({"Federated":"arn:aws:iam::111122223333:saml-provider/p","AWS":"111122223333"})"}) {
    const auto policy = PolicyDocument::parse(with_principal(principal), PolicyKind::kTrust);
    EXPECT_TRUE(policy.ok()) << principal << (policy.ok() ? "" : policy.error().message);
  }
  for (const char* principal :
       {R"("*")",
        R"({"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"})",
        R"({"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"})"}) {
    const auto policy = PolicyDocument::parse(
        with_statement(R"({"Effect":"Deny","Action":"s3:*","Resource":"*","Principal":)" +
                       std::string(principal) + "}"),
        PolicyKind::kBucket);
    EXPECT_TRUE(policy.ok()) << principal << (policy.ok() ? "" : policy.error().message);
  }
}

TEST(PolicyDocument, TakesNumbersTruthAndNoValuesInConditions) {
  for (const char* condition :
       {R"({"NumericLessThanEquals":{"s3:max-keys":10}})",
        R"({"Bool":{"aws:SecureTransport":true}})", R"({"StringEquals":{"k":[1,2.5,false,"x"]}})",
        R"({"StringEquals":{"k":[]}})", R"({"StringEquals":{}})", "{}"}) {
    const auto policy = PolicyDocument::parse(with_condition(condition), PolicyKind::kIdentity);
    EXPECT_TRUE(policy.ok()) << condition << (policy.ok() ? "" : policy.error().message);
  }
}

// An ARN of fewer fields ends in wildcards.
TEST(PolicyDocument, CompletesShortArns) {
  const auto policy = PolicyDocument::parse(
      with_statement(
          R"({"Effect":"Allow","Action":["ec2:*","*:*"],"Resource":["arn:aws:ec2:*","arn:aws:sqs"]})"),
      PolicyKind::kIdentity);
  ASSERT_TRUE(policy.ok()) << policy.error().message;
  const auto& resources = (*policy)->statements()[0].resources;
  EXPECT_EQ(resources[0].text(), "arn:aws:ec2:*:*:*");
  EXPECT_EQ(resources[1].text(), "arn:aws:sqs:*:*:*");
}

struct RefusedDocument {
  PolicyKind kind;
  std::string text;
  const char* place_and_remedy;
};

TEST(PolicyDocument, NamesThePlaceOfWhatItRefuses) {
  using enum PolicyKind;
  const RefusedDocument cases[] = {
      {kIdentity, "", "policy: "},
      {kIdentity, "{\"Version\":", "policy: "},
      {kIdentity, "[]", "policy: must be a JSON object"},
      {kIdentity, "{}", "policy: has no Statement"},
      {kIdentity, R"({"Statement":[],"statement":[]})", "policy: unknown member \"statement\""},
      {kIdentity, R"({"Statement":[],"Statement":[]})", "\"Statement\" comes twice"},
      {kIdentity, R"({"Version":"2012-10-16","Statement":[]})", "Version: must be \"2012-10-17\""},
      {kIdentity, R"({"Version":2012,"Statement":[]})", "policy.Version: must be a text"},
      {kIdentity, R"({"Statement":"x"})", "Statement: must be an object"},
      {kIdentity, "null", "policy: must be a JSON object"},
      {kIdentity, "\xff", "policy: "},
      {kIdentity, "{\"Statement\":[]} x", "policy: "},
      {kIdentity, R"({"Version":"","Statement":[]})", "Version: must be \"2012-10-17\""},
      {kIdentity, R"({"Id":1,"Statement":[]})", "policy.Id: must be a text"},
      {kIdentity, R"({"Version":"2012-10-17"})", "policy: has no Statement"},
      {kIdentity, R"({"Statement":[]})", "Statement: must hold at least one"},
      {kIdentity, R"({"Statement":null})", "Statement: must be an object"},
      {kIdentity, with_statement("1"), "Statement[0]: must be an object"},
      {kIdentity, with_statement("[]"), "Statement[0]: must be an object"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"*"},null)"),
       "Statement[1]: must be an object"},
      {kIdentity, with_statement(R"({"Effect":["Allow"],"Action":"s3:*","Resource":"*"})"),
       "Statement[0].Effect: must be a text"},
      {kIdentity, with_statement(R"({"Sid":7,"Effect":"Allow","Action":"s3:*","Resource":"*"})"),
       "Statement[0].Sid: must be a text"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Effect":"Deny","Action":"s3:*","Resource":"*"})"),
       "\"Effect\" comes twice"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"s3:*","Resource":"*","Comment":"x"})"),
       "Statement[0]: unknown member \"Comment\""},
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
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"a:b:c","Resource":"*"})"),
       "Statement[0].Action: \"a:b:c\" must be written service:Name"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3*:Get","Resource":"*"})"),
       "must be written service:Name"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:","Resource":"*"})"),
       "must be written service:Name"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"s3:${aws:x}","Resource":"*"})"),
       "must be written service:Name"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":{"s3":"*"},"Resource":"*"})"),
       "Statement[0].Action: must be a text"},
      {kIdentity, with_statement(R"({"Effect":"Allow","NotAction":[],"Resource":"*"})"),
       "Statement[0].NotAction: must not be an empty list"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":[]})"),
       "Statement[0].Resource: must not be an empty list"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","NotResource":[["*"]]})"),
       "Statement[0].NotResource[0]: must be a text"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"*","Resource":"*","NotResource":"*"})"),
       "needs Resource or NotResource, not both"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":""})"),
       "must be \"*\" or an ARN"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws"})"),
       "must be \"*\" or an ARN"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":"ARN:aws:s3:::b"})"),
       "must be \"*\" or an ARN"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":"arn::s3:::b"})"),
       "must be \"*\" or an ARN"},
      {kIdentity, with_statement(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s*:::b"})"),
       "must name its service"},
      {kIdentity,
       with_statement(R"({"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${a${b}}"})"),
       "a variable inside a variable"},
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
      {kIdentity,
       with_statement(R"({"Effect":"Allow","NotPrincipal":"*","Action":"s3:*","Resource":"*"})"),
       "Statement[0].NotPrincipal: is not offered"},
      {kTrust, with_statement(R"({"Effect":"Deny","NotPrincipal":{"AWS":"*"},"Action":"sts:*"})"),
       "Statement[0].NotPrincipal: is not offered"},
      {kTrust, with_statement(R"({"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"})"),
       "Statement[0].Principal: \"*\" is not offered in a trust policy; write {\"AWS\": \"*\"}"},
      {kTrust, with_principal(R"({"CanonicalUser":"79a5"})"),
       "Statement[0].Principal.CanonicalUser: is not offered"},
      {kTrust, with_principal(R"({"Service":"transfer"})"),
       "Principal.Service: \"transfer\" is no"},
      {kTrust, with_principal(R"({"Service":"*.amazonaws.com"})"), "is no service"},
      {kTrust, with_principal(R"({"Service":[]})"), "Principal.Service: must not be an empty list"},
      {kTrust, with_principal(R"({"Federated":""})"), "names nobody"},
      {kTrust, with_principal(R"({"AWS":["*",1]})"), "Principal.AWS[1]: must be a text"},
      {kTrust, with_principal(R"({"AWS":""})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"12345"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"1234567890123"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"alice"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam::111122223333:user/*"})"),
       "only \"*\" for everyone"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam::*:root"})"), "only \"*\" for everyone"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam::111122223333:group/g"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam::111122223333:role/"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam::1111:root"})"), "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:iam:us-east-1:111122223333:root"})"),
       "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:sts::111122223333:assumed-role/r"})"),
       "is no principal"},
      {kTrust, with_principal(R"({"AWS":"arn:aws:s3:::bucket"})"), "is no principal"},
      {kTrust, with_principal(R"("111122223333")"), "Statement[0].Principal: must be \"*\" or"},
      {kTrust, with_principal("[]"), "Statement[0].Principal: must be \"*\" or"},
      {kTrust,
       with_statement(R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:GetObject"})"),
       "Statement[0].Action: \"s3:GetObject\" is none of STS"},
      {kTrust, with_statement(R"({"Effect":"Allow","Principal":{"AWS":"*"},"Action":"*"})"),
       "is none of STS"},
      {kBucket,
       with_statement(
           R"({"Effect":"Allow","Principal":{"Federated":"www.amazon.com"},"Action":"s3:*","Resource":"*"})"),
       "Statement[0].Principal.Federated: is not offered"},
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
      {kIdentity, with_condition(R"({"StringEquals":"a"})"),
       "Condition.StringEquals: must be an object of condition keys"},
      {kIdentity, with_condition(R"({"StringEquals":{"k":null}})"),
       "Condition.StringEquals.k: must be a text"},
      {kIdentity, with_condition(R"({"StringEquals":{"k":{"a":"b"}}})"),
       "Condition.StringEquals.k: must be a text"},
      {kIdentity, with_condition(R"({"StringEquals":{"k":["a",["b"]]}})"),
       "Condition.StringEquals.k[1]: must be a text"},
      {kIdentity, with_condition(R"({"StringEquals":{"aws:X":"a","AWS:x":"b"}})"), "comes twice"},
      {kIdentity, with_condition(R"({"StringEquals":{"":"a"}})"), "a condition key without a name"},
      {kIdentity, with_condition(R"({"NumericLessThan":{"s3:max-keys":"ten"}})"),
       "Statement[0].Condition.NumericLessThan.s3:max-keys: \"ten\" is no number"},
      {kIdentity, with_condition(R"({"NumericLessThan":{"s3:max-keys":true}})"), "is no number"},
      {kIdentity, with_condition(R"({"DateLessThan":{"aws:CurrentTime":["2026-01-01","x"]}})"),
       "Statement[0].Condition.DateLessThan.aws:CurrentTime: \"x\" is no date"},
      {kIdentity, with_condition(R"({"BinaryEquals":{"k":"%"}})"), "is no base64 text"},
  };
  for (const RefusedDocument& c : cases) {
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

  std::string ten_thousand;
  for (int i = 0; i < 10000; ++i)
    ten_thousand += std::string(i == 0 ? "" : ",") +
                    R"({"Effect":"Allow","Action":"s3:GetObject","Resource":"*"})";
  for (const PolicyKind kind : {PolicyKind::kIdentity, PolicyKind::kBucket, PolicyKind::kTrust}) {
    const auto refused = PolicyDocument::parse(with_statement(ten_thousand), kind);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, Errc::kLimitExceeded);
    EXPECT_EQ(refused.error().reason, "LimitExceeded");
    EXPECT_THAT(refused.error().message, HasSubstr("characters, white space not counted"));
  }

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

TEST(PolicyDocument, QuotesLittleOfALongPolicy) {
  for (const std::string& policy :
       {with_statement(R"({"Effect":"Allow","Action":")" + std::string(8000, 'x') +
                       R"(","Resource":"*"})"),
        with_condition(R"({")" + std::string(8000, 'x') + R"(":{"k":"v"}})"),
        with_condition(R"({"StringEquals":{"k":"${)" + std::string(8000, 'x') + R"("}})")}) {
    const auto refused = PolicyDocument::parse(policy, PolicyKind::kIdentity);
    ASSERT_FALSE(refused.ok());
    EXPECT_LT(refused.error().message.size(), 800u);
  }
}

}  // namespace
}  // namespace sallyport::iam
