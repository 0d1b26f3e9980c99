#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

constexpr const char* kAccount = "arn:aws:iam::000000000000:";

class IamPermission : public QueryTest {
 protected:
  static std::string arn(const std::string& rest) { return kAccount + rest; }
};

TEST_F(IamPermission, WithoutAPolicyNothingIsAllowedAndNothingHappens) {
  const auto ann = user("ann");
  done(create_role("one"));
  for (const QueryRow& row : query_rows()) {
    if (row.api != QueryApi::kIam) continue;
    const Answer answer = call_as(ann, std::string(row.action),
                                  {{"RoleName", "one"},
                                   {"UserName", "ann"},
                                   {"PolicyName", "p"},
                                   {"PolicyArn", kS3FullAccess},
                                   {"PolicyDocument", kAllowS3},
                                   {"AssumeRolePolicyDocument", kTransferTrust}});
    refused(answer, 403, "AccessDenied");
    EXPECT_NE(text(answer, "Message").find("iam:" + std::string(row.action)), std::string::npos);
  }
  EXPECT_EQ(texts(call("ListRoles"), "RoleName"), std::vector<std::string>{"one"});
  EXPECT_EQ(text(call("ListUserPolicies", {{"UserName", "ann"}}), "member"), "");
}

TEST_F(IamPermission, TheSentenceNamesCallerActionAndResource) {
  refused(call_as(user("ann"), "GetRole", {{"RoleName", "one"}}), 403, "AccessDenied",
          "User: arn:aws:iam::000000000000:user/ann is not authorized to perform: iam:GetRole on "
          "resource: arn:aws:iam::000000000000:role/one because no identity-based policy allows "
          "the iam:GetRole action");
}

TEST_F(IamPermission, RolesAreMeantByTheirArnWithThePath) {
  const auto ann = user("ann", allow("iam:*", arn("role/team/*")));
  for (const char* path : {"/team/", "/"}) {
    const Answer made = call_as(
        ann, "CreateRole",
        {{"RoleName", "made"}, {"Path", path}, {"AssumeRolePolicyDocument", kTransferTrust}});
    EXPECT_EQ(made.status, std::string(path) == "/team/" ? 200 : 403) << made.body;
  }
  done(create_role("plain"));
  done(call_as(ann, "GetRole", {{"RoleName", "made"}}));
  refused(call_as(ann, "GetRole", {{"RoleName", "plain"}}), 403, "AccessDenied");
  refused(call_as(ann, "ListRoles"), 403, "AccessDenied");
  done(call_as(ann, "ListRoles", {{"PathPrefix", "/team/"}}));
}

TEST_F(IamPermission, AUserMayBeLetToHimself) {
  const auto ann = user("ann", allow("iam:*AccessKey*", arn("user/${aws:username}")));
  user("bob");
  done(call_as(ann, "CreateAccessKey"));
  done(call_as(ann, "ListAccessKeys", {{"UserName", "ann"}}));
  refused(call_as(ann, "ListAccessKeys", {{"UserName", "bob"}}), 403, "AccessDenied");
  refused(call_as(ann, "GetUser"), 403, "AccessDenied");
}

TEST_F(IamPermission, AttachingIsLimitedByThePolicysArn) {
  const auto ann = user(
      "ann", allow("iam:*RolePolicy", "*", {{"ArnEquals", {{"iam:PolicyARN", kS3FullAccess}}}}));
  done(create_role("one"));
  const std::string own = create_policy("own");
  done(call_as(ann, "AttachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", kS3FullAccess}}));
  refused(call_as(ann, "AttachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", own}}), 403,
          "AccessDenied");
  done(call_as(ann, "DetachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", kS3FullAccess}}));
}

TEST_F(IamPermission, PoliciesAreMeantByTheirArn) {
  const auto ann = user("ann", allow("iam:*", arn("policy/own")));
  done(call_as(ann, "CreatePolicy", {{"PolicyName", "own"}, {"PolicyDocument", kAllowS3}}));
  done(call_as(ann, "GetPolicy", {{"PolicyArn", arn("policy/own")}}));
  refused(call_as(ann, "GetPolicy", {{"PolicyArn", kS3FullAccess}}), 403, "AccessDenied");
  refused(call_as(ann, "CreatePolicy", {{"PolicyName", "other"}, {"PolicyDocument", kAllowS3}}),
          403, "AccessDenied");
}

TEST_F(IamPermission, TagsCountAsConditions) {
  const auto ann =
      user("ann", allow("iam:*", "*", {{"StringEquals", {{"aws:ResourceTag/team", "blue"}}}}));
  const auto eve =
      user("eve", allow("iam:*", "*", {{"StringEquals", {{"aws:RequestTag/team", "blue"}}}}));
  for (const char* name : {"one", "two"}) done(create_role(name));
  const Fields blue = {
      {"RoleName", "one"}, {"Tags.member.1.Key", "team"}, {"Tags.member.1.Value", "blue"}};
  refused(call_as(ann, "TagRole", blue), 403, "AccessDenied");
  done(call_as(eve, "TagRole", blue));
  done(call_as(ann, "GetRole", {{"RoleName", "one"}}));
  refused(call_as(ann, "GetRole", {{"RoleName", "two"}}), 403, "AccessDenied");
}

TEST_F(IamPermission, AnonymousCallersMayNothing) {
  refused(call_as(iam::Identity::anonymous(), "ListRoles"), 403, "AccessDenied");
}

}  // namespace
}  // namespace sallyport::api
