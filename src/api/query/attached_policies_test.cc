#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

struct AttachedKind {
  const char* noun;
  const char* parameter;
  const char* quota;
  const char* attach;
  const char* detach;
  const char* list;
};

// A role and a user alike.
class IamAttachedPolicies : public QueryTest, public ::testing::WithParamInterface<AttachedKind> {
 protected:
  void SetUp() override {
    done(create_role("one"));
    done(call("CreateUser", {{"UserName", "one"}}));
  }
  Answer act(const char* action, Fields more) {
    more.insert(more.begin(), {GetParam().parameter, "one"});
    return call(action, more);
  }
  Answer attach(const std::string& arn) { return act(GetParam().attach, {{"PolicyArn", arn}}); }
  Answer detach(const std::string& arn) { return act(GetParam().detach, {{"PolicyArn", arn}}); }
};

TEST_P(IamAttachedPolicies, AreListedByNameAndArn) {
  const std::string own = create_policy("own");
  done(attach(kS3FullAccess));
  done(attach(own));
  done(attach(own));
  const Answer listed = act(GetParam().list, {});
  EXPECT_EQ(texts(listed, "PolicyArn"), (std::vector<std::string>{own, kS3FullAccess}));
  EXPECT_EQ(texts(listed, "PolicyName"), (std::vector<std::string>{"own", "AmazonS3FullAccess"}));
  const Answer first = act(GetParam().list, {{"MaxItems", "1"}});
  const Answer rest = act(GetParam().list, {{"Marker", text(first, "Marker")}});
  EXPECT_EQ(texts(rest, "PolicyArn"), std::vector<std::string>{kS3FullAccess});
  EXPECT_EQ(texts(act(GetParam().list, {{"PathPrefix", "/x/"}}), "PolicyArn").size(), 0u);
}

TEST_P(IamAttachedPolicies, AreDetachedOnce) {
  done(attach(kS3FullAccess));
  done(detach(kS3FullAccess));
  refused(detach(kS3FullAccess), 404, "NoSuchEntity",
          std::string("Policy ") + kS3FullAccess + " was not found.");
}

TEST_P(IamAttachedPolicies, MustExist) {
  for (const char* arn :
       {"arn:aws:iam::aws:policy/NoSuchPolicy", "arn:aws:iam::000000000000:policy/none"}) {
    refused(attach(arn), 404, "NoSuchEntity",
            std::string("Policy ") + arn + " does not exist or is not attachable.");
  }
  create_policy("own");
  refused(attach("arn:aws:iam::000000000000:policy/other/path/own"), 404, "NoSuchEntity");
  refused(attach("AmazonS3FullAccess-by-its-name"), 400, "ValidationError",
          "ARN AmazonS3FullAccess-by-its-name is not valid.");
  refused(attach("short"), 400, "ValidationError");
}

TEST_P(IamAttachedPolicies, AreTenAtMost) {
  for (int i = 0; i < 10; ++i) done(attach(create_policy("p" + std::to_string(i))));
  refused(attach(kS3FullAccess), 409, "LimitExceeded",
          std::string("Cannot exceed quota for ") + GetParam().quota + ": 10");
}

TEST_P(IamAttachedPolicies, KeepThePolicyFromBeingDeleted) {
  const std::string own = create_policy("own");
  done(attach(own));
  const Answer found = call("GetPolicy", {{"PolicyArn", own}});
  EXPECT_EQ(text(found, "AttachmentCount"), "1");
  refused(call("DeletePolicy", {{"PolicyArn", own}}), 409, "DeleteConflict",
          "Cannot delete a policy attached to entities.");
  done(detach(own));
  done(call("DeletePolicy", {{"PolicyArn", own}}));
}

INSTANTIATE_TEST_SUITE_P(
    Holders, IamAttachedPolicies,
    ::testing::Values(AttachedKind{"role", "RoleName", "PoliciesPerRole", "AttachRolePolicy",
                                   "DetachRolePolicy", "ListAttachedRolePolicies"},
                      AttachedKind{"user", "UserName", "PoliciesPerUser", "AttachUserPolicy",
                                   "DetachUserPolicy", "ListAttachedUserPolicies"}),
    [](const auto& info) { return std::string(info.param.noun); });

class IamPolicyHolders : public QueryTest {
 protected:
  void SetUp() override {
    policy = create_policy("own");
    for (const char* name : {"r1", "r2"}) {
      done(create_role(name));
      done(call("AttachRolePolicy", {{"RoleName", name}, {"PolicyArn", policy}}));
    }
    user("ann");
    user("bob");
    done(call("AttachUserPolicy", {{"UserName", "ann"}, {"PolicyArn", policy}}));
  }
  Answer list(Fields more = {}) {
    more.emplace_back("PolicyArn", policy);
    return call("ListEntitiesForPolicy", more);
  }
  std::string policy;
};

TEST_F(IamPolicyHolders, AreRolesAndUsers) {
  const Answer all = list();
  EXPECT_EQ(texts(all, "RoleName"), (std::vector<std::string>{"r1", "r2"}));
  EXPECT_EQ(texts(all, "UserName"), std::vector<std::string>{"ann"});
  EXPECT_TRUE(text(all, "RoleId").starts_with("AROA"));
  EXPECT_TRUE(text(all, "UserId").starts_with("AIDA"));
}

TEST_F(IamPolicyHolders, AreFiltered) {
  EXPECT_EQ(texts(list({{"EntityFilter", "User"}}), "RoleName").size(), 0u);
  EXPECT_EQ(texts(list({{"EntityFilter", "Role"}}), "UserName").size(), 0u);
  EXPECT_EQ(texts(list({{"EntityFilter", "Group"}}), "member").size(), 0u);
  EXPECT_EQ(texts(list({{"PathPrefix", "/x/"}}), "member").size(), 0u);
  refused(list({{"EntityFilter", "Robot"}}), 400, "ValidationError");
}

TEST_F(IamPolicyHolders, ComePageByPage) {
  const Answer first = list({{"MaxItems", "2"}});
  EXPECT_EQ(texts(first, "RoleName").size() + texts(first, "UserName").size(), 2u);
  const Answer rest = list({{"Marker", text(first, "Marker")}});
  EXPECT_EQ(texts(rest, "RoleName").size() + texts(rest, "UserName").size(), 1u);
  EXPECT_EQ(text(rest, "IsTruncated"), "false");
}

TEST_F(IamPolicyHolders, OfAPolicyThatIsNotThereAreNone) {
  policy = "arn:aws:iam::000000000000:policy/none";
  refused(list(), 404, "NoSuchEntity",
          "Policy arn:aws:iam::000000000000:policy/none does not exist or is not attachable.");
}

}  // namespace
}  // namespace sallyport::api
