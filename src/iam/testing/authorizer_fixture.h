// An Authorizer over a store of its own, and questions to it. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "iam/authorizer.h"
#include "iam/testing/resources.h"

namespace sallyport::iam::testing {

inline constexpr std::string_view kHomePolicy = R"({"Version":"2012-10-17","Statement":[
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
    return net::sync_wait(authorizer_.assume_role(std::move(request)));
  }
  Result<Permit> authorize(const Identity& identity, Action action, std::string bucket,
                           std::string key, std::string delimiter = {}) {
    RequestDetails details;
    if (!delimiter.empty()) details.context.push_back({"s3:delimiter", std::move(delimiter)});
    return net::sync_wait(authorizer_.authorize(identity, action, std::move(bucket), std::move(key),
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

inline constexpr std::string_view kUserPolicy =
    R"({"Version":"2012-10-17","Statement":[
  {"Effect":"Allow","Action":["transfer:ListServers","sts:AssumeRole"],"Resource":"*"},
  {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::demo/${aws:username}/*"},
  {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::demo/${aws:PrincipalTag/team}/*"},
  {"Effect":"Deny","Action":"transfer:StopServer","Resource":"*"}]})";

// Who may be asked, and what he is told.
class CallerTest : public AuthorizerTest {
 protected:
  CallerTest() {
    model::IamUser alice = Resources::user("alice", std::string(kUserPolicy));
    alice.tags = {{"team", "ops"}};
    resources_.put(alice);
  }
  Identity user(std::string name = "alice") {
    return net::sync_wait(authorizer_.user(std::move(name))).value();
  }
  // Empty when allowed, else what the caller is told.
  std::string check(const Identity& identity, std::string action, std::string resource = "*",
                    Context context = {}) {
    AccessQuestion question;
    question.action = std::move(action);
    question.resource = std::move(resource);
    question.details.context = std::move(context);
    const auto checked = net::sync_wait(authorizer_.check(identity, std::move(question)));
    if (checked.ok()) return "";
    EXPECT_EQ(checked.error().code, Errc::kPermissionDenied);
    EXPECT_EQ(checked.error().reason, "AccessDenied");
    return checked.error().message;
  }
  void put_bucket_policy(std::string document, std::string bucket = "demo") {
    model::BucketSettings settings;
    settings.bucket = std::move(bucket);
    settings.policy = std::move(document);
    resources_.put(settings);
  }
};

}  // namespace sallyport::iam::testing
