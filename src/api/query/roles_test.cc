#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class IamRoles : public QueryTest {};

TEST_F(IamRoles, AreMadeAndFoundAgain) {
  const Answer made = call("CreateRole", {{"RoleName", "transfer"},
                                          {"Path", "/service/"},
                                          {"Description", "for <files>"},
                                          {"AssumeRolePolicyDocument", kTransferTrust},
                                          {"Tags.member.1.Key", "team"},
                                          {"Tags.member.1.Value", "x"}});
  done(made);
  EXPECT_TRUE(made.body.find("<CreateRoleResponse "
                             "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                             "<CreateRoleResult><Role>") != std::string::npos)
      << made.body;
  const Answer found = call("GetRole", {{"RoleName", "transfer"}});
  done(found);
  EXPECT_EQ(text(found, "Arn"), "arn:aws:iam::000000000000:role/service/transfer");
  EXPECT_EQ(text(found, "CreateDate"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(text(found, "Description"), "for &lt;files&gt;");
  EXPECT_EQ(text(found, "MaxSessionDuration"), "3600");
  EXPECT_EQ(text(found, "AssumeRolePolicyDocument"), codec::percent_encode(kTransferTrust));
  EXPECT_EQ(text(found, "RoleId").size(), 21u);
  EXPECT_TRUE(text(found, "RoleId").starts_with("AROA"));
  EXPECT_EQ(text(found, "Key"), "team");
  EXPECT_FALSE(text(found, "RequestId").empty());
}

TEST_F(IamRoles, AreUniqueByName) {
  done(create_role("one"));
  refused(create_role("one"), 409, "EntityAlreadyExists", "Role with name one already exists.");
}

TEST_F(IamRoles, AreDeletedOnceNothingHangsOnThem) {
  done(create_role("one"));
  done(call("PutRolePolicy",
            {{"RoleName", "one"}, {"PolicyName", "p"}, {"PolicyDocument", kAllowS3}}));
  refused(call("DeleteRole", {{"RoleName", "one"}}), 409, "DeleteConflict",
          "Cannot delete entity, must delete policies first.");
  done(call("DeleteRolePolicy", {{"RoleName", "one"}, {"PolicyName", "p"}}));
  done(call("AttachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", kS3FullAccess}}));
  refused(call("DeleteRole", {{"RoleName", "one"}}), 409, "DeleteConflict",
          "Cannot delete entity, must detach all policies first.");
  done(call("DetachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", kS3FullAccess}}));
  done(call("DeleteRole", {{"RoleName", "one"}}));
  refused(call("GetRole", {{"RoleName", "one"}}), 404, "NoSuchEntity",
          "The role with name one cannot be found.");
  refused(call("DeleteRole", {{"RoleName", "one"}}), 404, "NoSuchEntity");
}

TEST_F(IamRoles, AreListedPageByPage) {
  for (const char* name : {"a", "b", "c"}) done(create_role(name));
  const Answer first = call("ListRoles", {{"MaxItems", "2"}});
  EXPECT_EQ(texts(first, "RoleName"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const Answer rest = call("ListRoles", {{"Marker", text(first, "Marker")}});
  EXPECT_EQ(texts(rest, "RoleName"), std::vector<std::string>{"c"});
  EXPECT_EQ(text(rest, "IsTruncated"), "false");
  EXPECT_EQ(text(rest, "Marker"), "");
  refused(call("ListRoles", {{"Marker", "x"}}), 400, "ValidationError", "Invalid Marker");
  refused(call("ListUsers", {{"Marker", text(first, "Marker")}}), 400, "ValidationError");
  for (const char* count : {"0", "1001", "many"})
    refused(call("ListRoles", {{"MaxItems", count}}), 400, "ValidationError");
}

TEST_F(IamRoles, AreListedByPath) {
  done(create_role("a"));
  done(call(
      "CreateRole",
      {{"RoleName", "b"}, {"Path", "/team/x/"}, {"AssumeRolePolicyDocument", kTransferTrust}}));
  EXPECT_EQ(texts(call("ListRoles", {{"PathPrefix", "/team"}}), "RoleName"),
            std::vector<std::string>{"b"});
  EXPECT_EQ(texts(call("ListRoles", {{"PathPrefix", "/other/"}}), "RoleName").size(), 0u);
}

TEST_F(IamRoles, AreUpdatedByWhatIsGiven) {
  done(create_role("one"));
  done(call("UpdateRole",
            {{"RoleName", "one"}, {"Description", "d"}, {"MaxSessionDuration", "7200"}}));
  done(call("UpdateRole", {{"RoleName", "one"}}));
  const Answer found = call("GetRole", {{"RoleName", "one"}});
  EXPECT_EQ(text(found, "Description"), "d");
  EXPECT_EQ(text(found, "MaxSessionDuration"), "7200");
  const Answer described =
      call("UpdateRoleDescription", {{"RoleName", "one"}, {"Description", "e"}});
  EXPECT_EQ(text(described, "Description"), "e");
  refused(call("UpdateRole", {{"RoleName", "two"}}), 404, "NoSuchEntity");
}

TEST_F(IamRoles, TrustIsReplaced) {
  done(create_role("one"));
  const std::string trust =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"sts:AssumeRole"}]})";
  done(call("UpdateAssumeRolePolicy", {{"RoleName", "one"}, {"PolicyDocument", trust}}));
  EXPECT_EQ(text(call("GetRole", {{"RoleName", "one"}}), "AssumeRolePolicyDocument"),
            codec::percent_encode(trust));
  for (const char* document : {"{", "[]", R"({"Statement":[{"Effect":"Maybe"}]})", kAllowS3}) {
    refused(call("UpdateAssumeRolePolicy", {{"RoleName", "one"}, {"PolicyDocument", document}}),
            400, "MalformedPolicyDocument");
    refused(call("CreateRole", {{"RoleName", "two"}, {"AssumeRolePolicyDocument", document}}), 400,
            "MalformedPolicyDocument");
  }
  const std::string long_trust =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":")" +
      std::string(2000, 'a') + R"(.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
  refused(call("UpdateAssumeRolePolicy", {{"RoleName", "one"}, {"PolicyDocument", long_trust}}),
          409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048");
}

TEST_F(IamRoles, ParametersAreChecked) {
  refused(call("CreateRole", {{"AssumeRolePolicyDocument", kTransferTrust}}), 400,
          "ValidationError",
          "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member "
          "must not be null");
  refused(create_role(std::string(65, 'a')), 400, "ValidationError",
          "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member "
          "must have length less than or equal to 64");
  refused(create_role("with space"), 400, "ValidationError",
          "The specified value for roleName is invalid. It must contain only alphanumeric "
          "characters and/or the following: +=,.@_-");
  refused(create_role(""), 400, "ValidationError");
  done(create_role(std::string(64, 'a')));
  const auto with = [this](const char* name, const std::string& value) {
    return call("CreateRole",
                {{"RoleName", "x"}, {"AssumeRolePolicyDocument", kTransferTrust}, {name, value}});
  };
  refused(with("Path", "no-slashes"), 400, "ValidationError");
  refused(with("Path", "/" + std::string(511, 'a') + "/"), 400, "ValidationError");
  refused(with("MaxSessionDuration", "3599"), 400, "ValidationError");
  refused(with("MaxSessionDuration", "43201"), 400, "ValidationError");
  refused(with("Description", std::string(1001, 'a')), 400, "ValidationError");
  refused(with("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"), 400,
          "ValidationError", "PermissionsBoundary is not available in this version of Sallyport.");
}

TEST_F(IamRoles, AllViolationsAreToldAtOnce) {
  refused(call("CreateRole", {{"MaxSessionDuration", "1"}}), 400, "ValidationError",
          "3 validation errors detected: Value at 'roleName' failed to satisfy constraint: Member "
          "must not be null; Value at 'assumeRolePolicyDocument' failed to satisfy constraint: "
          "Member must not be null; Value at 'maxSessionDuration' failed to satisfy constraint: "
          "Member must have value greater than or equal to 3600");
}

TEST_F(IamRoles, HaveNoInstanceProfiles) {
  refused(call("ListInstanceProfilesForRole", {{"RoleName", "one"}}), 404, "NoSuchEntity");
  done(create_role("one"));
  EXPECT_EQ(text(call("ListInstanceProfilesForRole", {{"RoleName", "one"}}), "IsTruncated"),
            "false");
}

}  // namespace
}  // namespace sallyport::api
