#include <gtest/gtest.h>

#include "api/query/testing/query_fixture.h"

namespace sallyport::api {
namespace {

using namespace testing;  // NOLINT: the fixture's words

class IamAccessKeys : public QueryTest {
 protected:
  Answer make(const std::string& name = "ann") {
    return call("CreateAccessKey", {{"UserName", name}});
  }
  // Whose the key is, if it is any good.
  Result<iam::KnownCredential> find(const std::string& id) {
    return net::sync_wait(api.credentials->find(id, ""));
  }
};

TEST_F(IamAccessKeys, TheSecretIsShownOnce) {
  user("ann");
  const Answer made = make();
  done(made);
  const std::string id = text(made, "AccessKeyId"), secret = text(made, "SecretAccessKey");
  EXPECT_TRUE(id.starts_with("AKIA"));
  EXPECT_EQ(secret.size(), 40u);
  const auto known = find(id);
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->secret.reveal(), secret);
  EXPECT_EQ(known->identity.user_name(), "ann");
  const Answer listed = call("ListAccessKeys", {{"UserName", "ann"}});
  EXPECT_EQ(text(listed, "AccessKeyId"), id);
  EXPECT_EQ(text(listed, "Status"), "Active");
  EXPECT_EQ(listed.body.find(secret), std::string::npos);
}

TEST_F(IamAccessKeys, AUserHasTwo) {
  user("ann");
  done(make());
  done(make());
  refused(make(), 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
  EXPECT_EQ(texts(call("ListAccessKeys", {{"UserName", "ann"}}), "AccessKeyId").size(), 2u);
  const Answer first = call("ListAccessKeys", {{"UserName", "ann"}, {"MaxItems", "1"}});
  EXPECT_EQ(texts(first, "AccessKeyId").size(), 1u);
  const Answer rest =
      call("ListAccessKeys", {{"UserName", "ann"}, {"Marker", text(first, "Marker")}});
  EXPECT_EQ(text(rest, "IsTruncated"), "false");
  EXPECT_NE(text(rest, "AccessKeyId"), text(first, "AccessKeyId"));
}

TEST_F(IamAccessKeys, AreSwitchedOffAndOn) {
  user("ann");
  const std::string id = text(make(), "AccessKeyId");
  const auto set = [&](const char* status) {
    return call("UpdateAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}, {"Status", status}});
  };
  done(set("Inactive"));
  EXPECT_FALSE(find(id).ok());
  EXPECT_EQ(text(call("ListAccessKeys", {{"UserName", "ann"}}), "Status"), "Inactive");
  done(set("Active"));
  EXPECT_TRUE(find(id).ok());
  refused(set("Maybe"), 400, "ValidationError",
          "1 validation error detected: Value at 'status' failed to satisfy constraint: Member "
          "must satisfy enum value set: [Active, Inactive]");
}

TEST_F(IamAccessKeys, AreOneUsersOnly) {
  user("ann");
  user("bob");
  const std::string id = text(make(), "AccessKeyId");
  refused(
      call("UpdateAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}, {"Status", "Inactive"}}),
      404, "NoSuchEntity");
  refused(call("DeleteAccessKey", {{"UserName", "bob"}, {"AccessKeyId", id}}), 404, "NoSuchEntity",
          "The Access Key with id " + id + " cannot be found.");
  EXPECT_TRUE(find(id).ok());
  done(call("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", id}}));
  EXPECT_FALSE(find(id).ok());
}

TEST_F(IamAccessKeys, BelongToAUserWhoIsThere) {
  refused(make("nobody"), 404, "NoSuchEntity", "The user with name nobody cannot be found.");
  refused(call("DeleteAccessKey", {{"UserName", "ann"}, {"AccessKeyId", "short"}}), 400,
          "ValidationError");
}

TEST_F(IamAccessKeys, WorkAfterTheUserIsRenamed) {
  user("ann");
  const std::string id = text(make(), "AccessKeyId");
  ASSERT_TRUE(find(id).ok());
  done(call("UpdateUser", {{"UserName", "ann"}, {"NewUserName", "eve"}}));
  const auto known = find(id);
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->identity.user_name(), "eve");
}

}  // namespace
}  // namespace sallyport::api
