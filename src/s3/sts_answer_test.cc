// Answers as AWS words them ("AssumeRole", examples of the API reference) and as a Ceph gateway
// does.
#include "s3/sts_answer.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

constexpr std::string_view kOfCeph =
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AK</AccessKeyId>"
    "<Expiration>2026-11-21T20:35:44.029243993Z</Expiration>"
    "<SecretAccessKey>SK</SecretAccessKey><SessionToken>a+b/c==</SessionToken></Credentials>"
    "<AssumedRoleUser><Arn>arn:aws:sts:::assumed-role/R/S</Arn><AssumeRoleId>x</AssumeRoleId>"
    "</AssumedRoleUser><PackedPolicySize>0</PackedPolicySize></AssumeRoleResult>"
    "</AssumeRoleResponse>";
constexpr std::string_view kOfAws = R"(<?xml version="1.0"?>
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <Credentials>
      <AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>
      <SecretAccessKey>wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY</SecretAccessKey>
      <SessionToken>
       AQoDYXdzEPT//////////wEXAMPLE
      </SessionToken>
      <Expiration>2019-11-09T13:34:41Z</Expiration>
    </Credentials>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata>
</AssumeRoleResponse>)";

std::string replaced(std::string_view in, std::string_view what, std::string_view by) {
  std::string out(in);
  const auto at = out.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return out.replace(at, what.size(), by);
}

TEST(StsAnswerTest, session_keys_of_ceph_and_of_aws) {
  const auto ceph = parse_session_keys("AssumeRole", kOfCeph);
  ASSERT_TRUE(ceph.ok()) << ceph.error().message;
  EXPECT_EQ((*ceph)->keys.access_key, "AK");
  EXPECT_EQ((*ceph)->keys.secret.reveal(), "SK");
  EXPECT_EQ((*ceph)->keys.session_token, "a+b/c==");
  EXPECT_EQ((*ceph)->expires, from_unix_ms(1795293344029));
  const auto aws = parse_session_keys("AssumeRole", kOfAws);
  ASSERT_TRUE(aws.ok()) << aws.error().message;
  EXPECT_EQ((*aws)->keys.access_key, "ASIAIOSFODNN7EXAMPLE");
  EXPECT_EQ((*aws)->keys.session_token, "AQoDYXdzEPT//////////wEXAMPLE");
}

TEST(StsAnswerTest, hostile_answers_are_refused_and_not_repeated) {
  const std::string huge(kMaxSessionTokenBytes + 1, 'x');
  const std::string all[] = {
      "",
      "<html>no</html>",
      "{\"AssumeRoleResponse\":{}}",
      std::string(kMaxStsAnswerBytes + 1, ' '),
      std::string(kOfCeph.substr(0, kOfCeph.size() - 5)),
      replaced(kOfCeph, "<AccessKeyId>AK</AccessKeyId>", ""),
      replaced(kOfCeph, "SK", ""),
      replaced(kOfCeph, "<SessionToken>a+b/c==</SessionToken>", ""),
      replaced(kOfCeph, "2026-11-21T20", "20261121T20"),
      replaced(kOfCeph, "a+b/c==", huge),
      replaced(kOfCeph, "AK", "A&#13;&#10;X-Evil: 1"),
      replaced(kOfCeph, "SK", "S\xc3\xa4K"),
      replaced(kOfCeph, "<AssumeRoleResponse>",
               "<!DOCTYPE a [<!ENTITY b \"c\">]><AssumeRoleResponse>"),
      std::string(100'000, '<'),
  };
  for (const std::string& body : all) {
    const auto keys = parse_session_keys("AssumeRole", body);
    ASSERT_FALSE(keys.ok()) << body.substr(0, 300);
    EXPECT_EQ(keys.error().code, Errc::kCorrupt);
    EXPECT_EQ(keys.error().message.find("a+b/c"), std::string::npos);
    EXPECT_LT(keys.error().message.size(), 300u);
  }
  EXPECT_FALSE(parse_session_keys("AssumeRoleWithWebIdentity", kOfCeph).ok());
}

TEST(StsAnswerTest, the_callers_arn) {
  const auto with = [](std::string_view arn) {
    return "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>" + std::string(arn) +
           "</Arn><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
  };
  const auto arn = parse_caller_arn(with("arn:aws:iam::123456789012:user/Alice"));
  ASSERT_TRUE(arn.ok());
  EXPECT_EQ(*arn, "arn:aws:iam::123456789012:user/Alice");
  for (const std::string& wrong : {with(""), with("Alice"), with("arn:a b"), std::string("<a/>")})
    EXPECT_FALSE(parse_caller_arn(wrong).ok()) << wrong;
}

}  // namespace
}  // namespace sallyport::s3
