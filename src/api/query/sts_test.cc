#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

constexpr const char* kAccountTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]})";

class Sts : public QueryTest {
 protected:
  void SetUp() override {
    done(call("CreateRole", {{"RoleName", "reader"}, {"AssumeRolePolicyDocument", kAccountTrust}}));
  }
  Answer sts(const iam::Identity& who, const std::string& action, const Fields& fields = {}) {
    return call_as(who, action, fields, QueryApi::kSts);
  }
  Answer assume(const iam::Identity& who, Fields more = {}) {
    const auto set = [&more](const char* name, const char* value) {
      for (const auto& field : more)
        if (field.first == name) return;
      more.emplace_back(name, value);
    };
    set("RoleArn", "arn:aws:iam::000000000000:role/reader");
    set("RoleSessionName", "work");
    return sts(who, "AssumeRole", more);
  }
  iam::Identity ann() { return user("ann", allow("sts:AssumeRole", "*")); }
};

TEST_F(Sts, CallerIdentityNeedsNoPermission) {
  const Answer of_root = api.query("sts", "Action=GetCallerIdentity&Version=2011-06-15");
  done(of_root);
  EXPECT_EQ(text(of_root, "Arn"), "arn:aws:iam::000000000000:root");
  EXPECT_EQ(text(of_root, "Account"), "000000000000");
  const Answer of_user = sts(user("bob"), "GetCallerIdentity");
  EXPECT_EQ(text(of_user, "Arn"), "arn:aws:iam::000000000000:user/bob");
  EXPECT_TRUE(text(of_user, "UserId").starts_with("AIDA"));
}

TEST_F(Sts, AnAssumedRoleHasCredentialsOfItsOwn) {
  const Answer answer = assume(ann(), {{"DurationSeconds", "900"}});
  done(answer);
  EXPECT_EQ(text(answer, "Arn"), "arn:aws:sts::000000000000:assumed-role/reader/work");
  EXPECT_TRUE(text(answer, "AssumedRoleId").starts_with("AROA"));
  EXPECT_TRUE(text(answer, "AssumedRoleId").ends_with(":work"));
  EXPECT_TRUE(text(answer, "AccessKeyId").starts_with("ASIA"));
  EXPECT_EQ(text(answer, "Expiration"), "2026-01-02T03:19:05Z");
  EXPECT_EQ(text(answer, "PackedPolicySize"), "");
  const auto known = net::sync_wait(
      api.credentials->find(text(answer, "AccessKeyId"), text(answer, "SessionToken")));
  ASSERT_TRUE(known.ok()) << known.error().message;
  EXPECT_EQ(known->secret.reveal(), text(answer, "SecretAccessKey"));
  EXPECT_EQ(known->identity.role_arn(), "arn:aws:iam::000000000000:role/reader");
  EXPECT_EQ(text(sts(known->identity, "GetCallerIdentity"), "Arn"), text(answer, "Arn"));
}

TEST_F(Sts, ASessionPolicyGoesWithTheSession) {
  const std::string policy = allow("s3:GetObject", "*");
  const Answer answer = assume(ann(), {{"Policy", policy}});
  done(answer);
  EXPECT_NE(text(answer, "PackedPolicySize"), "");
  const auto known = net::sync_wait(
      api.credentials->find(text(answer, "AccessKeyId"), text(answer, "SessionToken")));
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->identity.session_policy_text(), policy);
}

TEST_F(Sts, WhoMayNotAssumeIsTold) {
  refused(assume(user("bob")), 403, "AccessDenied",
          "User: arn:aws:iam::000000000000:user/bob is not authorized to perform: sts:AssumeRole "
          "on resource: arn:aws:iam::000000000000:role/reader because no identity-based policy "
          "allows the sts:AssumeRole action");
  done(create_role("closed"));
  refused(assume(ann(), {{"RoleArn", "arn:aws:iam::000000000000:role/closed"}}), 403,
          "AccessDenied");
  refused(assume(root(), {{"RoleArn", "arn:aws:iam::000000000000:role/none"}}), 403,
          "AccessDenied");
}

TEST_F(Sts, TheExternalIdCounts) {
  const std::string trust =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"right"}}}]})";
  done(call("UpdateAssumeRolePolicy", {{"RoleName", "reader"}, {"PolicyDocument", trust}}));
  const auto who = ann();
  done(assume(who, {{"ExternalId", "right"}}));
  refused(assume(who, {{"ExternalId", "wrong"}}), 403, "AccessDenied");
  refused(assume(who), 403, "AccessDenied");
}

TEST_F(Sts, ParametersOfAssumeRoleAreChecked) {
  const auto who = ann();
  refused(assume(who, {{"RoleSessionName", "Session1:2"}}), 400, "ValidationError",
          "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy "
          "constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  refused(assume(who, {{"RoleArn", "nothing-valid-in-here"}}), 400, "ValidationError",
          "nothing-valid-in-here is invalid");
  for (const auto& [name, value] : Fields{{"RoleSessionName", "a"},
                                          {"RoleSessionName", std::string(65, 'a')},
                                          {"DurationSeconds", "899"},
                                          {"DurationSeconds", "43201"},
                                          {"DurationSeconds", "3601"},
                                          {"ExternalId", "a"},
                                          {"Policy", std::string(2049, 'a')}})
    refused(assume(who, {{name, value}}), 400, "ValidationError");
  refused(assume(who, {{"Policy", "{"}}), 400, "MalformedPolicyDocument");
  refused(sts(who, "AssumeRole"), 400, "ValidationError",
          "2 validation errors detected: Value at 'roleArn' failed to satisfy constraint: Member "
          "must not be null; Value at 'roleSessionName' failed to satisfy constraint: Member must "
          "not be null");
}

TEST_F(Sts, WhatIsNotOfferedIsRefusedByName) {
  const auto who = ann();
  const Fields unknown = {{"PolicyArns.member.1.arn", kS3FullAccess},
                          {"Tags.member.1.Key", "k"},
                          {"TransitiveTagKeys.member.1", "k"},
                          {"SerialNumber", "123456789"},
                          {"TokenCode", "123456"},
                          {"SourceIdentity", "ann"}};
  for (const auto& [name, value] : unknown) {
    refused(assume(who, {{name, value}}), 400, "ValidationError",
            name.substr(0, name.find('.')) + " is not available in this version of Sallyport.");
  }
  refused(sts(who, "GetSessionToken"), 400, "InvalidAction",
          "The action GetSessionToken is not available in this version of Sallyport.");
}

TEST_F(Sts, AccessKeysAreOfThisAccount) {
  user("bob");
  const std::string key = text(call("CreateAccessKey", {{"UserName", "bob"}}), "AccessKeyId");
  const auto info = [&](const std::string& id) {
    return sts(root(), "GetAccessKeyInfo", {{"AccessKeyId", id}});
  };
  EXPECT_EQ(text(info(key), "Account"), "000000000000");
  EXPECT_EQ(text(info("AKIACALLERCALLERCALL"), "Account"), "000000000000");
  refused(info("AKIANOBODYNOBODYNOBO"), 404, "NoSuchEntity");
  refused(info("short"), 400, "ValidationError");
}

}  // namespace
}  // namespace sallyport::api
