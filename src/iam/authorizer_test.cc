#include "iam/authorizer.h"

#include <gtest/gtest.h>

#include "iam/testing/resources.h"

namespace sallyport::iam {
namespace {

using net::sync_wait;
using testing::kTransferTrust;
using testing::Resources;

constexpr std::string_view kHomePolicy = R"({"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::demo",
   "Condition":{"StringLike":{"s3:prefix":["home/*","home"]},"StringEqualsIfExists":{"s3:delimiter":"/"}}},
  {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::demo/home/*"}]})";

class AuthorizerTest : public ::testing::Test {
 protected:
  AuthorizerTest() {
    resources_.put(Resources::role("demo", std::string(kTransferTrust), std::string(kHomePolicy)));
  }
  Result<Identity> assume(std::string name, std::string session_policy = {}) {
    AssumeRoleRequest request;
    request.role_arn = model::Place().role_arn("/", name);
    request.session_name = "ann.0123@s-1";
    request.session_policy = std::move(session_policy);
    request.source_arn = "arn:aws:transfer:us-east-1:000000000000:server/s-1";
    return sync_wait(authorizer_.assume_role(std::move(request)));
  }
  Result<Permit> authorize(const Identity& identity, Action action, std::string bucket,
                           std::string key, std::string delimiter = {}) {
    RequestDetails details;
    if (!delimiter.empty()) details.context.push_back({"s3:delimiter", std::move(delimiter)});
    return sync_wait(authorizer_.authorize(identity, action, std::move(bucket), std::move(key),
                                           std::move(details)));
  }
  bool may(const Identity& identity, Action action, std::string bucket, std::string key,
           std::string delimiter = {}) {
    const auto permit = authorize(identity, action, bucket, key, std::move(delimiter));
    if (permit.ok()) {
      EXPECT_TRUE(permit->covers(action, bucket, key));
      return true;
    }
    EXPECT_EQ(permit.error().code, Errc::kPermissionDenied);
    EXPECT_EQ(permit.error().reason, "AccessDenied");
    return false;
  }

  Resources resources_;
  ManualClock clock_;
  Authorizer authorizer_{resources_.store(), {}, clock_};
};

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

TEST(ActionName, IsThePolicyLanguagesName) {
  EXPECT_EQ(action_name(Action::kGetObject), "s3:GetObject");
  EXPECT_EQ(action_name(Action::kListAllMyBuckets), "s3:ListAllMyBuckets");
}

}  // namespace
}  // namespace sallyport::iam
