#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class IamUsers : public QueryTest {};

TEST_F(IamUsers, AreMadeAndFoundAgain) {
  done(call("CreateUser", {{"UserName", "ann"}, {"Path", "/team/"}}));
  const Answer found = call("GetUser", {{"UserName", "ann"}});
  done(found);
  EXPECT_EQ(text(found, "Arn"), "arn:aws:iam::000000000000:user/team/ann");
  EXPECT_EQ(text(found, "Path"), "/team/");
  EXPECT_TRUE(text(found, "UserId").starts_with("AIDA"));
  EXPECT_EQ(text(found, "CreateDate"), "2026-01-02T03:04:05Z");
  refused(call("CreateUser", {{"UserName", "ANN"}}), 409, "EntityAlreadyExists",
          "User with name ANN already exists.");
  refused(call("CreateUser", {{"UserName", "ann"}}), 409, "EntityAlreadyExists",
          "User with name ann already exists.");
  refused(call("GetUser", {{"UserName", "bob"}}), 404, "NoSuchEntity",
          "The user with name bob cannot be found.");
  EXPECT_EQ(texts(call("ListUsers", {{"PathPrefix", "/team/"}}), "UserName"),
            std::vector<std::string>{"ann"});
  EXPECT_EQ(texts(call("ListUsers", {{"PathPrefix", "/other/"}}), "UserName").size(), 0u);
}

TEST_F(IamUsers, NamesAreShorterWhenMade) {
  refused(call("CreateUser", {{"UserName", std::string(65, 'a')}}), 400, "ValidationError");
  refused(call("GetUser", {{"UserName", std::string(65, 'a')}}), 404, "NoSuchEntity");
  refused(call("GetUser", {{"UserName", std::string(129, 'a')}}), 400, "ValidationError");
}

TEST_F(IamUsers, WithoutANameTheCallerIsMeant) {
  const auto ann = user("ann", allow("iam:*", "*"));
  EXPECT_EQ(text(call_as(ann, "GetUser"), "UserName"), "ann");
  EXPECT_EQ(text(call("GetUser"), "Arn"), "arn:aws:iam::000000000000:root");
  const Answer made = call_as(ann, "CreateAccessKey");
  EXPECT_EQ(text(made, "UserName"), "ann");
  EXPECT_EQ(text(call_as(ann, "ListAccessKeys"), "AccessKeyId"), text(made, "AccessKeyId"));
  done(call_as(ann, "DeleteAccessKey", {{"AccessKeyId", text(made, "AccessKeyId")}}));
  refused(call("CreateAccessKey"), 400, "ValidationError",
          "Must specify userName when calling with non-User credentials");
}

TEST_F(IamUsers, AreDeletedOnceNothingHangsOnThem) {
  done(call("CreateUser", {{"UserName", "ann"}}));
  const Fields ann = {{"UserName", "ann"}};
  const auto with = [](std::string name, std::string value) {
    return Fields{{"UserName", "ann"}, {std::move(name), std::move(value)}};
  };
  const std::string key = text(call("CreateAccessKey", ann), "AccessKeyId");
  done(call("AttachUserPolicy", with("PolicyArn", kS3FullAccess)));
  refused(call("DeleteUser", ann), 409, "DeleteConflict",
          "Cannot delete entity, must detach all policies first.");
  done(call("DetachUserPolicy", with("PolicyArn", kS3FullAccess)));
  refused(call("DeleteUser", ann), 409, "DeleteConflict",
          "Cannot delete entity, must delete access keys first.");
  done(call("DeleteAccessKey", with("AccessKeyId", key)));
  done(call("DeleteUser", ann));
  refused(call("DeleteUser", ann), 404, "NoSuchEntity");
}

TEST_F(IamUsers, AreRenamedWithTheirKeysAndPolicies) {
  const auto before = user("ann", kAllowS3);
  const std::string key = text(call("CreateAccessKey", {{"UserName", "ann"}}), "AccessKeyId");
  const std::string id = text(call("GetUser", {{"UserName", "ann"}}), "UserId");
  done(call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "eve"}, {"NewPath", "/x/"}}));
  refused(call("GetUser", {{"UserName", "ann"}}), 404, "NoSuchEntity");
  const Answer found = call("GetUser", {{"UserName", "eve"}});
  EXPECT_EQ(text(found, "Arn"), "arn:aws:iam::000000000000:user/x/eve");
  EXPECT_EQ(text(found, "UserId"), id);
  const Answer keys = call("ListAccessKeys", {{"UserName", "eve"}});
  EXPECT_EQ(text(keys, "AccessKeyId"), key);
  EXPECT_EQ(text(keys, "UserName"), "eve");
  EXPECT_EQ(text(call("ListUserPolicies", {{"UserName", "eve"}}), "member"), "p");
}

TEST_F(IamUsers, AreNotRenamedOverOthers) {
  user("ann");
  user("bob");
  refused(call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "bob"}}), 409,
          "EntityAlreadyExists", "User with name bob already exists.");
  refused(call("UpdateUser", {{"UserName", "cid"}, {"NewUserName", "dan"}}), 404, "NoSuchEntity");
}

TEST_F(IamUsers, RenamingAsksForBothNames) {
  const auto ann = user("ann", allow("iam:UpdateUser", "arn:aws:iam::000000000000:user/b*"));
  user("bob");
  refused(call_as(ann, "UpdateUser", {{"UserName", "bob"}, {"NewUserName", "cid"}}), 403,
          "AccessDenied");
  done(call_as(ann, "UpdateUser", {{"UserName", "bob"}, {"NewUserName", "ben"}}));
}

TEST_F(IamUsers, HaveNothingThatThisServiceDoesNotGive) {
  user("ann");
  for (const char* action : {"ListGroupsForUser", "ListMFADevices", "ListSSHPublicKeys",
                             "ListServiceSpecificCredentials", "ListSigningCertificates"}) {
    const Answer listed = call(action, {{"UserName", "ann"}});
    done(listed);
    EXPECT_EQ(text(listed, "member"), "");
    refused(call(action, {{"UserName", "bob"}}), 404, "NoSuchEntity");
  }
  done(call("ListVirtualMFADevices"));
  refused(call("GetLoginProfile", {{"UserName", "ann"}}), 404, "NoSuchEntity",
          "Login Profile for User ann cannot be found.");
  refused(call("DeleteLoginProfile", {{"UserName", "ann"}}), 404, "NoSuchEntity");
}

}  // namespace
}  // namespace sallyport::api
