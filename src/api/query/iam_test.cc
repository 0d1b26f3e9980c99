#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/query/service.h"
#include "api/testing/api_fixture.h"
#include "codec/percent_encoding.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;

constexpr const char* kTrust =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole"}]})";
constexpr const char* kPolicy =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]})";

class Iam : public ::testing::Test {
 protected:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  Answer call(const std::string& action, const Fields& fields) {
    codec::Form form;
    form.add("Action", action);
    form.add("Version", "2010-05-08");
    for (const auto& [name, value] : fields) form.add(name, value);
    return api.query("iam", form.encode());
  }
  Answer create(const std::string& name) {
    return call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", kTrust}});
  }
  // The text of the first element of that name, "" without one.
  static std::string text(const Answer& answer, const std::string& element) {
    const auto begin = answer.body.find("<" + element + ">");
    if (begin == std::string::npos) return "";
    const auto from = begin + element.size() + 2;
    return answer.body.substr(from, answer.body.find("</" + element + ">", from) - from);
  }
  void refused(const Answer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(text(answer, "Code"), code) << answer.body;
  }
  ApiFixture api;
};

TEST_F(Iam, ARoleIsMadeAndFoundAgain) {
  const Answer made = call("CreateRole", {{"RoleName", "transfer"},
                                          {"Path", "/service/"},
                                          {"Description", "for <files>"},
                                          {"AssumeRolePolicyDocument", kTrust},
                                          {"Tags.member.1.Key", "team"},
                                          {"Tags.member.1.Value", "x"}});
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_TRUE(made.body.find("<CreateRoleResponse "
                             "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"
                             "<CreateRoleResult><Role>") != std::string::npos)
      << made.body;
  const Answer found = call("GetRole", {{"RoleName", "transfer"}});
  ASSERT_EQ(found.status, 200);
  EXPECT_EQ(text(found, "Arn"), "arn:aws:iam::000000000000:role/service/transfer");
  EXPECT_EQ(text(found, "CreateDate"), "2026-01-02T03:04:05Z");
  EXPECT_EQ(text(found, "Description"), "for &lt;files&gt;");
  EXPECT_EQ(text(found, "MaxSessionDuration"), "3600");
  EXPECT_EQ(text(found, "AssumeRolePolicyDocument"), codec::percent_encode(kTrust));
  EXPECT_EQ(text(found, "RoleId").size(), 21u);
  EXPECT_TRUE(text(found, "RoleId").starts_with("AROA"));
  EXPECT_EQ(text(found, "Key"), "team");
  EXPECT_FALSE(text(found, "RequestId").empty());
}

TEST_F(Iam, RolesAreUniqueAndDeletedOnceEmpty) {
  ASSERT_EQ(create("one").status, 200);
  refused(create("one"), 409, "EntityAlreadyExists");
  ASSERT_EQ(
      call("PutRolePolicy", {{"RoleName", "one"}, {"PolicyName", "p"}, {"PolicyDocument", kPolicy}})
          .status,
      200);
  refused(call("DeleteRole", {{"RoleName", "one"}}), 409, "DeleteConflict");
  ASSERT_EQ(call("DeleteRolePolicy", {{"RoleName", "one"}, {"PolicyName", "p"}}).status, 200);
  ASSERT_EQ(call("DeleteRole", {{"RoleName", "one"}}).status, 200);
  refused(call("GetRole", {{"RoleName", "one"}}), 404, "NoSuchEntity");
  refused(call("DeleteRole", {{"RoleName", "one"}}), 404, "NoSuchEntity");
}

TEST_F(Iam, RolesAreListedPageByPage) {
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(create(name).status, 200);
  const Answer first = call("ListRoles", {{"MaxItems", "2"}});
  EXPECT_EQ(text(first, "IsTruncated"), "true");
  const Answer rest = call("ListRoles", {{"Marker", text(first, "Marker")}});
  EXPECT_EQ(text(rest, "IsTruncated"), "false");
  EXPECT_EQ(text(rest, "RoleName"), "c");
  refused(call("ListRoles", {{"Marker", "x"}}), 400, "ValidationError");
  refused(call("ListRoles", {{"MaxItems", "0"}}), 400, "ValidationError");
}

TEST_F(Iam, InlinePoliciesAreKeptAsGiven) {
  ASSERT_EQ(create("one").status, 200);
  const std::string document = std::string(" ") + kPolicy + "\n";
  ASSERT_EQ(call("PutRolePolicy",
                 {{"RoleName", "one"}, {"PolicyName", "p"}, {"PolicyDocument", document}})
                .status,
            200);
  const Answer found = call("GetRolePolicy", {{"RoleName", "one"}, {"PolicyName", "p"}});
  EXPECT_EQ(text(found, "PolicyDocument"), codec::percent_encode(document));
  EXPECT_EQ(text(call("ListRolePolicies", {{"RoleName", "one"}}), "member"), "p");
  refused(call("GetRolePolicy", {{"RoleName", "one"}, {"PolicyName", "q"}}), 404, "NoSuchEntity");
  refused(call("DeleteRolePolicy", {{"RoleName", "one"}, {"PolicyName", "q"}}), 404,
          "NoSuchEntity");
}

TEST_F(Iam, MalformedPoliciesAreRefused) {
  ASSERT_EQ(create("one").status, 200);
  for (const char* document : {"{", "[]", R"({"Statement":[{"Effect":"Maybe"}]})", ""}) {
    refused(call("PutRolePolicy",
                 {{"RoleName", "one"}, {"PolicyName", "p"}, {"PolicyDocument", document}}),
            400, "MalformedPolicyDocument");
    refused(call("CreateRole", {{"RoleName", "two"}, {"AssumeRolePolicyDocument", document}}), 400,
            "MalformedPolicyDocument");
    refused(call("UpdateAssumeRolePolicy", {{"RoleName", "one"}, {"PolicyDocument", document}}),
            400, "MalformedPolicyDocument");
  }
}

TEST_F(Iam, InlinePoliciesTogetherAreBounded) {
  ASSERT_EQ(create("one").status, 200);
  json statement = json::parse(kPolicy);
  statement["Statement"][0]["Resource"] = "arn:aws:s3:::" + std::string(6000, 'a');
  const auto put = [&](const char* name) {
    return call("PutRolePolicy",
                {{"RoleName", "one"}, {"PolicyName", name}, {"PolicyDocument", statement.dump()}});
  };
  ASSERT_EQ(put("p").status, 200);
  ASSERT_EQ(put("p").status, 200);
  refused(put("q"), 409, "LimitExceeded");
}

TEST_F(Iam, ManagedPoliciesAreAttachedByArn) {
  ASSERT_EQ(create("one").status, 200);
  const std::string arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess";
  ASSERT_EQ(call("AttachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", arn}}).status, 200);
  const Answer listed = call("ListAttachedRolePolicies", {{"RoleName", "one"}});
  EXPECT_EQ(text(listed, "PolicyArn"), arn);
  EXPECT_EQ(text(listed, "PolicyName"), "AmazonS3FullAccess");
  refused(call("DeleteRole", {{"RoleName", "one"}}), 409, "DeleteConflict");
  ASSERT_EQ(call("DetachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", arn}}).status, 200);
  refused(call("DetachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", arn}}), 404, "NoSuchEntity");
  refused(call("AttachRolePolicy",
               {{"RoleName", "one"}, {"PolicyArn", "arn:aws:iam::aws:policy/NoSuchPolicy"}}),
          404, "NoSuchEntity");
}

TEST_F(Iam, ParametersAreChecked) {
  refused(call("CreateRole", {{"AssumeRolePolicyDocument", kTrust}}), 400, "ValidationError");
  refused(create(std::string(65, 'a')), 400, "ValidationError");
  refused(create("with space"), 400, "ValidationError");
  refused(create(""), 400, "ValidationError");
  ASSERT_EQ(create(std::string(64, 'a')).status, 200);
  const auto with = [this](const char* name, const char* value) {
    return call("CreateRole",
                {{"RoleName", "x"}, {"AssumeRolePolicyDocument", kTrust}, {name, value}});
  };
  refused(with("Path", "no-slashes"), 400, "ValidationError");
  refused(with("MaxSessionDuration", "3599"), 400, "ValidationError");
  refused(with("MaxSessionDuration", "43201"), 400, "ValidationError");
  refused(with("PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"), 400,
          "ValidationError");
}

TEST_F(Iam, UnknownActionsAreNamed) {
  refused(call("CreateUser", {{"UserName", "ann"}}), 400, "InvalidAction");
  refused(api.query("iam", "Version=2010-05-08"), 400, "MissingParameter");
  refused(api.query("iam", "Action=%zz"), 400, "ValidationError");
  refused(api.query("sts", "Action=GetRole&RoleName=x"), 400, "InvalidAction");
}

TEST_F(Iam, CallerIdentityIsTheRoot) {
  const Answer answer = api.query("sts", "Action=GetCallerIdentity&Version=2011-06-15");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "Arn"), "arn:aws:iam::000000000000:root");
  EXPECT_EQ(text(answer, "Account"), "000000000000");
}

}  // namespace
}  // namespace sallyport::api
