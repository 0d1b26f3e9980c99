#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"
#include "codec/percent_encoding.h"
#include "iam/managed_policies.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class IamPolicies : public QueryTest {
 protected:
  Answer create(const std::string& name, const std::string& document = kAllowS3) {
    return call("CreatePolicy", {{"PolicyName", name}, {"PolicyDocument", document}});
  }
};

TEST_F(IamPolicies, AreMadeAndFoundAgain) {
  const Answer made = call("CreatePolicy", {{"PolicyName", "own"},
                                            {"Path", "/team/"},
                                            {"Description", "reads"},
                                            {"PolicyDocument", kAllowS3},
                                            {"Tags.member.1.Key", "k"},
                                            {"Tags.member.1.Value", "v"}});
  done(made);
  const std::string arn = "arn:aws:iam::000000000000:policy/team/own";
  EXPECT_EQ(text(made, "Arn"), arn);
  EXPECT_TRUE(text(made, "PolicyId").starts_with("ANPA"));
  const Answer found = call("GetPolicy", {{"PolicyArn", arn}});
  EXPECT_EQ(text(found, "PolicyId"), text(made, "PolicyId"));
  EXPECT_EQ(text(found, "DefaultVersionId"), "v1");
  EXPECT_EQ(text(found, "AttachmentCount"), "0");
  EXPECT_EQ(text(found, "IsAttachable"), "true");
  EXPECT_EQ(text(found, "Description"), "reads");
  EXPECT_EQ(text(found, "Key"), "k");
  EXPECT_EQ(text(found, "UpdateDate"), "2026-01-02T03:04:05Z");
}

TEST_F(IamPolicies, AreUniqueByName) {
  done(create("own"));
  refused(create("own"), 409, "EntityAlreadyExists",
          "A policy called own already exists. Duplicate names are not allowed.");
}

TEST_F(IamPolicies, AreFoundByTheirWholeArn) {
  done(create("own"));
  for (const char* arn :
       {"arn:aws:iam::000000000000:policy/x/own", "arn:aws:iam::111111111111:policy/own",
        "arn:aws:iam::000000000000:policy/none", "arn:aws:iam::aws:policy/own"}) {
    refused(call("GetPolicy", {{"PolicyArn", arn}}), 404, "NoSuchEntity",
            std::string("Policy ") + arn + " was not found.");
    refused(call("DeletePolicy", {{"PolicyArn", arn}}), 404, "NoSuchEntity");
  }
}

TEST_F(IamPolicies, DocumentsAreChecked) {
  for (const char* document : {"{", R"({"Statement":[{"Effect":"Maybe"}]})", kTransferTrust})
    refused(create("own", document), 400, "MalformedPolicyDocument");
  refused(create("own", allow("s3:*", "arn:aws:s3:::" + std::string(6144, 'a'))), 409,
          "LimitExceeded", "Cannot exceed quota for PolicySize: 6144");
  refused(
      call("CreatePolicy", {{"PolicyName", "own"}, {"PolicyDocument", kAllowS3}, {"Path", "/a*/"}}),
      400, "ValidationError");
  refused(call("GetPolicy", {{"PolicyArn", "arn:aws:iam::000000000000:policy/own"}}), 404,
          "NoSuchEntity");
}

TEST_F(IamPolicies, AreDeletedWithTheirLastVersion) {
  const std::string arn = create_policy("own");
  done(call("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", kAllowS3}}));
  refused(call("DeletePolicy", {{"PolicyArn", arn}}), 409, "DeleteConflict",
          "This policy has more than one version. Before you delete a policy, you must delete the "
          "policy's versions. The default version is deleted with the policy.");
  done(call("DeletePolicyVersion", {{"PolicyArn", arn}, {"VersionId", "v2"}}));
  done(call("DeletePolicy", {{"PolicyArn", arn}}));
  refused(call("DeletePolicy", {{"PolicyArn", arn}}), 404, "NoSuchEntity");
}

TEST_F(IamPolicies, OfAwsAreReadOnly) {
  const Answer found = call("GetPolicy", {{"PolicyArn", kS3FullAccess}});
  EXPECT_EQ(text(found, "PolicyName"), "AmazonS3FullAccess");
  EXPECT_EQ(text(found, "Path"), "/");
  EXPECT_EQ(text(found, "PolicyId").size(), 21u);
  const Answer version =
      call("GetPolicyVersion", {{"PolicyArn", kS3FullAccess}, {"VersionId", "v1"}});
  EXPECT_EQ(text(version, "Document"),
            codec::percent_encode(iam::find_managed_policy(kS3FullAccess)->document));
  refused(call("DeletePolicy", {{"PolicyArn", kS3FullAccess}}), 403, "AccessDenied",
          "Cannot delete policies outside your own account.");
  refused(call("CreatePolicyVersion", {{"PolicyArn", kS3FullAccess}, {"PolicyDocument", kAllowS3}}),
          403, "AccessDenied", "Cannot update policies outside your own account.");
  refused(call("SetDefaultPolicyVersion", {{"PolicyArn", kS3FullAccess}, {"VersionId", "v1"}}), 403,
          "AccessDenied");
  refused(call("DeletePolicyVersion", {{"PolicyArn", kS3FullAccess}, {"VersionId", "v1"}}), 403,
          "AccessDenied", "Cannot delete policy versions for policies outside your own account.");
}

TEST_F(IamPolicies, AreListedByScope) {
  create_policy("own");
  const auto names = [this](Fields fields) {
    return texts(call("ListPolicies", std::move(fields)), "PolicyName");
  };
  const std::size_t of_aws = iam::managed_policies().size();
  EXPECT_EQ(names({{"Scope", "Local"}}), std::vector<std::string>{"own"});
  EXPECT_EQ(names({{"Scope", "AWS"}}).size(), of_aws);
  EXPECT_EQ(names({}).size(), of_aws + 1);
  EXPECT_EQ(names({{"PolicyUsageFilter", "PermissionsBoundary"}}).size(), 0u);
  refused(call("ListPolicies", {{"Scope", "Mine"}}), 400, "ValidationError");
  refused(call("ListPolicies", {{"OnlyAttached", "perhaps"}}), 400, "ValidationError");
}

TEST_F(IamPolicies, AreListedByUseAndPath) {
  create_policy("a");
  done(call("CreatePolicy",
            {{"PolicyName", "b"}, {"Path", "/team/"}, {"PolicyDocument", kAllowS3}}));
  done(create_role("one"));
  const std::string b = "arn:aws:iam::000000000000:policy/team/b";
  for (const std::string& arn : {std::string(kS3FullAccess), b})
    done(call("AttachRolePolicy", {{"RoleName", "one"}, {"PolicyArn", arn}}));
  const Answer attached = call("ListPolicies", {{"OnlyAttached", "true"}});
  EXPECT_EQ(texts(attached, "Arn"), (std::vector<std::string>{kS3FullAccess, b}));
  EXPECT_EQ(text(attached, "AttachmentCount"), "1");
  EXPECT_EQ(texts(call("ListPolicies", {{"PathPrefix", "/team/"}}), "Arn"),
            std::vector<std::string>{b});
}

TEST_F(IamPolicies, AreListedPageByPage) {
  create_policy("a");
  create_policy("b");
  const auto whole = texts(call("ListPolicies"), "Arn");
  std::vector<std::string> found;
  Fields fields = {{"MaxItems", "1"}};
  for (std::size_t pages = 0; pages < whole.size(); ++pages) {
    const Answer page = call("ListPolicies", fields);
    for (auto& arn : texts(page, "Arn")) found.push_back(arn);
    fields = {{"MaxItems", "1"}, {"Marker", text(page, "Marker")}};
    EXPECT_EQ(text(page, "IsTruncated"), pages + 1 < whole.size() ? "true" : "false");
  }
  EXPECT_EQ(found, whole);
}

class IamPolicyVersions : public QueryTest {
 protected:
  void SetUp() override { arn = create_policy("own"); }
  Answer add(bool make_default = false, const std::string& document = kAllowS3) {
    return call("CreatePolicyVersion", {{"PolicyArn", arn},
                                        {"PolicyDocument", document},
                                        {"SetAsDefault", make_default ? "true" : "false"}});
  }
  Answer act(const char* action, const std::string& version) {
    return call(action, {{"PolicyArn", arn}, {"VersionId", version}});
  }
  std::vector<std::string> list(const char* element) {
    return texts(call("ListPolicyVersions", {{"PolicyArn", arn}}), element);
  }
  std::string arn;
};

TEST_F(IamPolicyVersions, AreNumberedAndNeverGivenTwice) {
  EXPECT_EQ(text(add(), "VersionId"), "v2");
  EXPECT_EQ(text(add(), "IsDefaultVersion"), "false");
  done(act("DeletePolicyVersion", "v3"));
  EXPECT_EQ(text(add(), "VersionId"), "v4");
  EXPECT_EQ(list("VersionId"), (std::vector<std::string>{"v4", "v2", "v1"}));
}

TEST_F(IamPolicyVersions, OneIsTheDefault) {
  EXPECT_EQ(text(add(true), "IsDefaultVersion"), "true");
  EXPECT_EQ(text(call("GetPolicy", {{"PolicyArn", arn}}), "DefaultVersionId"), "v2");
  done(act("SetDefaultPolicyVersion", "v1"));
  EXPECT_EQ(list("IsDefaultVersion"), (std::vector<std::string>{"false", "true"}));
  refused(act("DeletePolicyVersion", "v1"), 409, "DeleteConflict",
          "Cannot delete the default version of a policy.");
}

TEST_F(IamPolicyVersions, AreFiveAtMost) {
  for (int i = 0; i < 4; ++i) done(add());
  refused(add(), 409, "LimitExceeded",
          "A managed policy can have up to 5 versions. Before you create a new version, you must "
          "delete an existing version.");
}

TEST_F(IamPolicyVersions, AreKeptAsGiven) {
  const std::string document = allow("s3:GetObject", "*");
  done(add(false, document));
  EXPECT_EQ(text(act("GetPolicyVersion", "v2"), "Document"), codec::percent_encode(document));
  EXPECT_EQ(text(act("GetPolicyVersion", "v1"), "Document"), codec::percent_encode(kAllowS3));
  EXPECT_EQ(list("Document").size(), 0u);
  refused(add(false, "{"), 400, "MalformedPolicyDocument");
}

TEST_F(IamPolicyVersions, MustExist) {
  const std::string missing = "Policy " + arn + " version v9 does not exist or is not attachable.";
  for (const char* action :
       {"GetPolicyVersion", "DeletePolicyVersion", "SetDefaultPolicyVersion"}) {
    refused(act(action, "v9"), 404, "NoSuchEntity", missing);
    refused(act(action, "nine"), 400, "ValidationError",
            "1 validation error detected: Value at 'versionId' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?");
  }
  arn = "arn:aws:iam::000000000000:policy/none";
  refused(act("GetPolicyVersion", "v1"), 404, "NoSuchEntity",
          "Policy " + arn + " version v1 does not exist or is not attachable.");
  refused(add(), 404, "NoSuchEntity");
}

}  // namespace
}  // namespace sallyport::api
