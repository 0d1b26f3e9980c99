#include "iam/authorizer.h"

#include <gtest/gtest.h>

#include "iam/testing/authorizer_fixture.h"

namespace sallyport::iam {
namespace {

using net::sync_wait;
using testing::AuthorizerTest;
using testing::CallerTest;
using testing::kHomePolicy;
using testing::kTransferTrust;
using testing::kUserPolicy;
using testing::Resources;

TEST_F(AuthorizerTest, PermitsWhatTheRoleAllows) {
  const auto identity = assume("demo");
  ASSERT_TRUE(identity.ok()) << identity.error().message;
  EXPECT_FALSE(identity->is_root());
  EXPECT_EQ(identity->caller_arn(), "arn:aws:sts::000000000000:assumed-role/demo/ann.0123@s-1");
  EXPECT_TRUE(may(*identity, Action::kGetObject, "demo", "home/a"));
  EXPECT_TRUE(may(*identity, Action::kPutObject, "demo", "home/a"));
  EXPECT_FALSE(may(*identity, Action::kDeleteObject, "demo", "home/a"));
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo", "other/a"));
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo2", "home/a"));
  EXPECT_TRUE(may(*identity, Action::kListBucket, "demo", "home/ann/"));
  EXPECT_TRUE(may(*identity, Action::kListBucket, "demo", "home/ann/", "/"));
  EXPECT_FALSE(may(*identity, Action::kListBucket, "demo", "home/ann/", "-"));
  EXPECT_FALSE(may(*identity, Action::kListBucket, "demo", ""));
  EXPECT_FALSE(may(*identity, Action::kListAllMyBuckets, "", ""));
  EXPECT_FALSE(may(*identity, Action::kCreateBucket, "demo3", ""));
}

TEST_F(AuthorizerTest, PermitsEverythingToRoot) {
  const Identity root = Identity::root("111122223333");
  EXPECT_TRUE(root.is_root());
  EXPECT_EQ(root.caller_arn(), "arn:aws:iam::111122223333:root");
  EXPECT_TRUE(may(root, Action::kListAllMyBuckets, "", ""));
  EXPECT_TRUE(may(root, Action::kDeleteBucket, "demo", ""));
}

TEST_F(AuthorizerTest, LimitsByTheSessionPolicy) {
  const auto identity = assume(
      "demo",
      R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo/home/ann/*"}})");
  ASSERT_TRUE(identity.ok());
  EXPECT_TRUE(may(*identity, Action::kGetObject, "demo", "home/ann/a"));
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo", "home/bob/a"));
}

TEST_F(AuthorizerTest, RefusesToAssumeWhatDoesNotTrustOrIsNotThere) {
  resources_.put(Resources::role(
      "ec2",
      R"({"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}})",
      std::string(kHomePolicy)));
  resources_.put(Resources::role("broken", "{", std::string(kHomePolicy)));
  for (const char* name : {"ec2", "broken", "missing"}) {
    const auto identity = assume(name);
    ASSERT_FALSE(identity.ok()) << name;
    EXPECT_EQ(identity.error().code, Errc::kPermissionDenied);
    EXPECT_EQ(identity.error().reason, "AssumeRole");
  }
  const auto bad_policy = assume("demo", "{\"Statement\":1}");
  ASSERT_FALSE(bad_policy.ok());
  EXPECT_EQ(bad_policy.error().reason, "AssumeRole");
}

TEST_F(AuthorizerTest, WantsTheWholeArnToBeTheRoles) {
  AssumeRoleRequest request;
  for (const char* arn : {"arn:aws:iam::111122223333:role/demo",
                          "arn:aws:iam::000000000000:role/x/demo", "demo", ""}) {
    request.role_arn = arn;
    const auto identity = sync_wait(authorizer_.assume_role(request));
    ASSERT_FALSE(identity.ok()) << arn;
    EXPECT_EQ(identity.error().reason, "AssumeRole");
  }
}

TEST_F(AuthorizerTest, GivesTheServersArnToTheTrustPolicy) {
  resources_.put(Resources::role(
      "only-s-1",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"transfer.amazonaws.com"},"Action":"sts:AssumeRole",
          "Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"},"ArnLike":{"aws:SourceArn":"arn:aws:transfer:*:*:server/s-1"}}}})",
      ""));
  EXPECT_TRUE(assume("only-s-1").ok());
  AssumeRoleRequest request;
  request.role_arn = model::Place().role_arn("/", "only-s-1");
  request.source_arn = "arn:aws:transfer:us-east-1:000000000000:server/s-2";
  EXPECT_FALSE(sync_wait(authorizer_.assume_role(request)).ok());
}

TEST_F(AuthorizerTest, SeesChangesOfARoleAtTheNextCall) {
  const auto identity = assume("demo");
  ASSERT_TRUE(identity.ok());
  EXPECT_FALSE(may(*identity, Action::kDeleteObject, "demo", "home/a"));

  model::Role changed = Resources::role("demo", std::string(kTransferTrust), "");
  changed.attached_policy_arns = {"arn:aws:iam::aws:policy/AmazonS3FullAccess"};
  resources_.put(changed);
  EXPECT_TRUE(may(*identity, Action::kDeleteObject, "demo", "home/a"));

  changed.attached_policy_arns = {"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};
  resources_.put(changed);
  EXPECT_FALSE(may(*identity, Action::kDeleteObject, "demo", "home/a"));
  EXPECT_TRUE(may(*identity, Action::kListAllMyBuckets, "", ""));

  resources_.remove_role("demo");
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo", "home/a"));
}

TEST_F(AuthorizerTest, AllowsNothingWhenAPolicyCannotBeRead) {
  model::Role role = Resources::role("demo", std::string(kTransferTrust), std::string(kHomePolicy));
  role.inline_policies["second"] =
      R"({"Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Unknown":{"a":"b"}}}})";
  resources_.put(role);
  const auto identity = assume("demo");
  ASSERT_TRUE(identity.ok());
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo", "home/a"));

  role.inline_policies.erase("second");
  role.attached_policy_arns = {"arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"};
  resources_.put(role);
  EXPECT_TRUE(may(*identity, Action::kGetObject, "demo", "home/a"));
  role.attached_policy_arns = {"arn:aws:iam::000000000000:policy/ours"};
  resources_.put(role);
  EXPECT_FALSE(may(*identity, Action::kGetObject, "demo", "home/a"));
}

TEST_F(CallerTest, AUserIsAllowedWhatHisPoliciesAllow) {
  const Identity alice = user();
  EXPECT_EQ(alice.kind(), Identity::Kind::kUser);
  EXPECT_EQ(alice.user_name(), "alice");
  EXPECT_EQ(check(alice, "transfer:ListServers"), "");
  EXPECT_TRUE(may(alice, Action::kGetObject, "demo", "alice/a"));
  EXPECT_FALSE(may(alice, Action::kGetObject, "demo", "bob/a"));
  EXPECT_TRUE(may(alice, Action::kPutObject, "demo", "ops/a"));
  EXPECT_FALSE(may(alice, Action::kPutObject, "demo", "dev/a"));
  EXPECT_FALSE(sync_wait(authorizer_.user("bob")).ok());
}

TEST_F(CallerTest, IsToldWhichKindOfPolicyStandsInTheWay) {
  const std::string me =
      "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: ";
  const std::string server = "arn:aws:transfer:us-east-1:000000000000:server/s-1";
  EXPECT_EQ(check(user(), "transfer:StartServer", server),
            me + "transfer:StartServer on resource: " + server +
                " because no identity-based policy allows the transfer:StartServer action");
  EXPECT_EQ(check(user(), "transfer:StopServer", server),
            me + "transfer:StopServer on resource: " + server +
                " with an explicit deny in an identity-based policy");
  EXPECT_EQ(authorize(user(), Action::kListAllMyBuckets, "", "").error().message,
            me + "s3:ListAllMyBuckets because no identity-based policy allows the "
                 "s3:ListAllMyBuckets action");
  const auto limited = assume(
      "demo",
      R"({"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"},{"Effect":"Deny","Action":"s3:DeleteObject","Resource":"*"}]})");
  const std::string session =
      "User: arn:aws:sts::000000000000:assumed-role/demo/ann.0123@s-1 is not authorized to "
      "perform: ";
  EXPECT_EQ(authorize(*limited, Action::kGetObject, "demo", "home/a").error().message,
            session +
                "s3:GetObject on resource: \"arn:aws:s3:::demo/home/a\" because no session policy "
                "allows the s3:GetObject action");
  EXPECT_EQ(authorize(*limited, Action::kDeleteObject, "demo", "home/a").error().message,
            session +
                "s3:DeleteObject on resource: \"arn:aws:s3:::demo/home/a\" with an explicit deny "
                "in a session policy");
  put_bucket_policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::demo/*"}})");
  EXPECT_EQ(authorize(user(), Action::kGetObject, "demo", "alice/a").error().message,
            me + "s3:GetObject on resource: \"arn:aws:s3:::demo/alice/a\" with an explicit deny in "
                 "a resource-based policy");
  EXPECT_EQ(authorize(Identity::anonymous(), Action::kGetObject, "demo", "a").error().message,
            "Access Denied");
}

TEST_F(CallerTest, SeesAttachedPoliciesAndTheirDefaultVersion) {
  resources_.put(Resources::policy(
      "ours",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:DeleteObject","Resource":"*"}})"));
  model::IamUser carol = Resources::user("carol", "");
  carol.attached_policy_arns = {"arn:aws:iam::000000000000:policy/ours",
                                "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"};
  resources_.put(carol);
  EXPECT_TRUE(may(user("carol"), Action::kDeleteObject, "any", "a"));
  EXPECT_TRUE(may(user("carol"), Action::kGetObject, "any", "a"));
  EXPECT_FALSE(may(user("carol"), Action::kPutObject, "any", "a"));

  model::ManagedPolicy next = Resources::policy("ours", "{}");
  next.versions.push_back(
      {"v2",
       R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}})",
       {}});
  next.default_version = "v2";
  resources_.put(next);
  EXPECT_FALSE(may(user("carol"), Action::kDeleteObject, "any", "a"));
  EXPECT_TRUE(may(user("carol"), Action::kPutObject, "any", "a"));
}

TEST_F(CallerTest, AllowsNothingWhenAnAttachedPolicyIsGoneOrDamaged) {
  model::IamUser carol = Resources::user("carol", "");
  carol.attached_policy_arns = {"arn:aws:iam::aws:policy/AmazonS3FullAccess",
                                "arn:aws:iam::000000000000:policy/ours"};
  resources_.put(carol);
  EXPECT_FALSE(may(user("carol"), Action::kGetObject, "any", "a"));
  resources_.put(Resources::policy("ours", "{\"Statement\":1}"));
  EXPECT_FALSE(may(user("carol"), Action::kGetObject, "any", "a"));
  resources_.put(Resources::policy(
      "ours", R"({"Statement":{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}})"));
  EXPECT_TRUE(may(user("carol"), Action::kGetObject, "any", "a"));
}

TEST_F(CallerTest, ALaterUserOfTheSameNameIsAnotherOne) {
  const Identity alice = user();
  model::IamUser next = Resources::user("alice", std::string(kUserPolicy));
  next.id = "AIDAANOTHERANOTHER123";
  resources_.put(next);
  EXPECT_NE(check(alice, "transfer:ListServers"), "");
  EXPECT_EQ(check(user(), "transfer:ListServers"), "");
  const Identity other = user();
  resources_.remove(state::kind::kIamUser, "alice");
  EXPECT_NE(check(other, "transfer:ListServers"), "");
}

TEST_F(CallerTest, BucketPoliciesOpenAndCloseAtTheNextCall) {
  const Identity nobody = Identity::anonymous();
  EXPECT_FALSE(may(nobody, Action::kGetObject, "demo", "public/a"));
  put_bucket_policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::demo/public/*"}})");
  EXPECT_TRUE(may(nobody, Action::kGetObject, "demo", "public/a"));
  EXPECT_FALSE(may(nobody, Action::kGetObject, "demo", "a"));
  EXPECT_FALSE(may(nobody, Action::kPutObject, "demo", "public/a"));
  EXPECT_FALSE(may(nobody, Action::kGetObject, "other", "public/a"));
  EXPECT_TRUE(may(user(), Action::kGetObject, "demo", "public/a"));
  put_bucket_policy("");
  EXPECT_FALSE(may(nobody, Action::kGetObject, "demo", "public/a"));
}

TEST_F(CallerTest, ABucketPolicyThatCannotBeReadOpensItToRootAlone) {
  put_bucket_policy("{\"Statement\":1}");
  EXPECT_FALSE(may(user(), Action::kGetObject, "demo", "alice/a"));
  EXPECT_FALSE(may(Identity::anonymous(), Action::kGetObject, "demo", "alice/a"));
  EXPECT_TRUE(may(Identity::root(), Action::kPutBucketPolicy, "demo", ""));
}

TEST_F(CallerTest, RootCanAlwaysPutABucketPolicyRight) {
  put_bucket_policy(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::demo","arn:aws:s3:::demo/*"]}})");
  EXPECT_FALSE(may(Identity::root(), Action::kGetObject, "demo", "a"));
  EXPECT_TRUE(may(Identity::root(), Action::kGetBucketPolicy, "demo", ""));
  EXPECT_TRUE(may(Identity::root(), Action::kDeleteBucketPolicy, "demo", ""));
}

TEST_F(CallerTest, TellsConditionsWhoAsksAndWhere) {
  const auto allows = [this](const Identity& who, const std::string& key,
                             const std::string& value) {
    put_bucket_policy(
        R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:DeleteObject","Resource":"*","Condition":{"StringEquals":{")" +
        key + "\":\"" + value + "\"}}}}");
    return may(who, Action::kDeleteObject, "demo", "k");
  };
  const Identity alice = user();
  EXPECT_TRUE(allows(alice, "aws:username", "alice"));
  EXPECT_TRUE(allows(alice, "aws:userid", "AIDAEXAMPLEEXAMPLE123"));
  EXPECT_TRUE(allows(alice, "aws:PrincipalType", "User"));
  EXPECT_TRUE(allows(alice, "aws:PrincipalArn", "arn:aws:iam::000000000000:user/alice"));
  EXPECT_TRUE(allows(alice, "aws:PrincipalAccount", "000000000000"));
  EXPECT_TRUE(allows(alice, "aws:PrincipalTag/team", "ops"));
  EXPECT_TRUE(allows(alice, "aws:RequestedRegion", "us-east-1"));
  EXPECT_TRUE(allows(alice, "aws:PrincipalIsAWSService", "false"));
  EXPECT_FALSE(allows(alice, "aws:SecureTransport", "true"));
  EXPECT_FALSE(allows(alice, "aws:PrincipalTag/team", "dev"));
  const Identity session = *assume("demo");
  EXPECT_TRUE(allows(session, "aws:userid", "AROAEXAMPLEEXAMPLE123:ann.0123@s-1"));
  EXPECT_TRUE(allows(session, "aws:PrincipalType", "AssumedRole"));
  EXPECT_TRUE(allows(session, "aws:PrincipalArn", "arn:aws:iam::000000000000:role/demo"));
  EXPECT_FALSE(allows(session, "aws:username", "alice"));
  EXPECT_TRUE(allows(Identity::anonymous(), "aws:PrincipalType", "Anonymous"));
  EXPECT_FALSE(allows(Identity::anonymous(), "aws:PrincipalAccount", ""));
}

TEST(ActionName, IsThePolicyLanguagesName) {
  EXPECT_EQ(action_name(Action::kGetObject), "s3:GetObject");
  EXPECT_EQ(action_name(Action::kListAllMyBuckets), "s3:ListAllMyBuckets");
}

}  // namespace
}  // namespace sallyport::iam
