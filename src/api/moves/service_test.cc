#include "api/moves/service.h"

#include <gmock/gmock.h>

#include "api/testing/api_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using ::testing::HasSubstr;
using testing::json;
using ::testing::Not;

class MoveServiceTest : public ::testing::Test {
 protected:
  Answer call(const std::string& method, const std::string& target, std::string body = {},
              const std::string& service = "s3") {
    http::HttpRequest request;
    request.method = method;
    request.target = target;
    return api.send_signed(std::move(request), std::move(body), service);
  }
  void add_user() {
    server = api.add_server();
    const Answer made = api.transfer("CreateUser", {{"ServerId", server},
                                                    {"UserName", "ann"},
                                                    {"Role", "arn:aws:iam::000000000000:role/r"},
                                                    {"HomeDirectory", "/b"}});
    EXPECT_EQ(made.status, 200) << made.body;
  }
  json describe_user() {
    return api.transfer("DescribeUser", {{"ServerId", server}, {"UserName", "ann"}}).parsed();
  }
  // The outcome of the only resource.
  std::string import(const json& line, bool dry_run = false) {
    const Answer answer = call(
        "POST", dry_run ? "/_sallyport/import?dry-run=true" : "/_sallyport/import", line.dump());
    EXPECT_EQ(answer.status, 200) << answer.body;
    last = answer.parsed()["Results"][0];
    return last["Outcome"];
  }

  ApiFixture api;
  std::string server;
  json last;
};

TEST_F(MoveServiceTest, RestoresWhatWasBackedUp) {
  add_user();
  const std::string backup = call("GET", "/_sallyport/backup").body;
  api.transfer("DeleteUser", {{"ServerId", server}, {"UserName", "ann"}});
  const std::string other = api.add_server();
  EXPECT_EQ(call("POST", "/_sallyport/restore?dry-run=true", backup).parsed()["Removed"], 1);
  EXPECT_EQ(describe_user().value("__type", ""), "ResourceNotFoundException");
  const json counts = call("POST", "/_sallyport/restore", backup).parsed();
  EXPECT_EQ(counts, json({{"Made", 1}, {"Changed", 0}, {"Removed", 1}, {"Same", 1}}));
  EXPECT_EQ(describe_user()["User"]["HomeDirectory"], "/b");
  EXPECT_EQ(api.transfer("DescribeServer", {{"ServerId", other}}).type(),
            "ResourceNotFoundException");
}

TEST_F(MoveServiceTest, EndsSessionsOfUsersThatARestoreRemoves) {
  const std::string backup = call("GET", "/_sallyport/backup").body;
  add_user();
  bool ended = false;
  const auto session =
      api.sessions.enter(model::ServerId(server), "198.51.100.7", {}, [&] { ended = true; });
  session->authenticated("ann", model::SshPublicKeyId("key-1"), "0123456789abcdef0123");
  EXPECT_EQ(call("POST", "/_sallyport/restore", backup).status, 200);
  EXPECT_TRUE(ended);
}

TEST_F(MoveServiceTest, RefusesWhatIsNoBackup) {
  add_user();
  for (const char* text : {"", "{}", "nonsense", "{\"Format\":\"sallyport-export\"}\n"}) {
    const Answer refused = call("POST", "/_sallyport/restore", text);
    EXPECT_EQ(refused.status, 400) << text;
    EXPECT_THAT(refused.message(), HasSubstr("not a whole backup"));
  }
  EXPECT_EQ(describe_user()["User"]["UserName"], "ann");
}

TEST_F(MoveServiceTest, ImportsTheSameOnlyOnce) {
  server = api.add_server();
  const json user{{"ServerId", server},
                  {"User",
                   {{"UserName", "ann"},
                    {"Role", "arn:aws:iam::000000000000:role/r"},
                    {"HomeDirectory", "/b"},
                    {"HomeDirectoryType", "PATH"},
                    {"Tags", {{{"Key", "k"}, {"Value", "v"}}}}}}};
  EXPECT_EQ(import(user, true), "would be made");
  EXPECT_EQ(describe_user().value("__type", ""), "ResourceNotFoundException");
  EXPECT_EQ(import(user), "made");
  EXPECT_EQ(import(user), "same");
  json changed = user;
  changed["User"]["HomeDirectory"] = "/c";
  changed["User"]["Tags"] = {{{"Key", "other"}, {"Value", "v"}}};
  EXPECT_EQ(import(changed, true), "would be changed");
  EXPECT_EQ(last["Differences"].size(), 2u);
  EXPECT_EQ(import(changed), "changed");
  EXPECT_EQ(describe_user()["User"]["HomeDirectory"], "/c");
  EXPECT_EQ(describe_user()["User"]["Tags"], changed["User"]["Tags"]);
  EXPECT_EQ(import(changed), "same");
}

TEST_F(MoveServiceTest, ImportsAListOnlyToCompare) {
  add_user();
  json list{{"ServerId", server}, {"Users", {{{"UserName", "ann"}, {"HomeDirectory", "/b"}}}}};
  EXPECT_EQ(import(list), "same");
  list["Users"][0]["UserName"] = "bob";
  EXPECT_EQ(import(list), "refused");
  EXPECT_THAT(last["Text"].get<std::string>(), HasSubstr("DescribeUser"));
}

TEST_F(MoveServiceTest, RefusesIdsThatTheModelDoesNotHave) {
  for (const char* id : {"s-1", "S-0123456789abcdef0", "s-0123456789abcdef0/x", "../etc"}) {
    EXPECT_EQ(import({{"Server", {{"ServerId", id}, {"Domain", "S3"}}}}), "refused") << id;
  }
}

TEST_F(MoveServiceTest, KeepsSecretsOfAccessKeysForThoseWhoAsk) {
  api.add_user(
      "ann",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})");
  const http::Credentials key = api.add_key("ann");
  const std::string secret(key.secret.reveal());
  EXPECT_THAT(call("GET", "/_sallyport/export").body, Not(HasSubstr(key.access_key)));
  EXPECT_THAT(call("GET", "/_sallyport/backup").body, Not(HasSubstr(secret)));
  EXPECT_THAT(call("GET", "/_sallyport/export?secrets=true").body, HasSubstr(secret));
}

TEST_F(MoveServiceTest, AsksForRightsAndLeavesATrace) {
  api.signer = api.add_user(
      "ann",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sallyport:Export","Resource":"*"}})");
  EXPECT_EQ(call("GET", "/_sallyport/export").status, 200);
  EXPECT_EQ(call("GET", "/_sallyport/export?secrets=true").status, 403);
  EXPECT_EQ(call("GET", "/_sallyport/backup").status, 403);
  EXPECT_EQ(call("POST", "/_sallyport/restore", "x").status, 403);
  EXPECT_EQ(call("POST", "/_sallyport/import", "x", "transfer").status, 403);
  const auto events = api.audit_events();
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0]["eventName"], "Export");
  EXPECT_EQ(events[1]["errorCode"], "AccessDeniedException");
  EXPECT_EQ(events[1]["requestParameters"], json({{"secrets", true}}));
}

TEST_F(MoveServiceTest, AnswersNobodyUnsignedAndNothingElse) {
  http::HttpRequest request;
  request.method = "GET";
  request.target = "/_sallyport/backup";
  request.headers.add("Host", "127.0.0.1:4566");
  EXPECT_GE(api.send(std::move(request), "").status, 400);
  EXPECT_EQ(call("DELETE", "/_sallyport/backup").status, 404);
  EXPECT_EQ(call("GET", "/_sallyport/import").status, 404);
}

// The body must be what was signed, also where it is read after the signature was checked.
TEST_F(MoveServiceTest, RefusesABodyThatWasNotSigned) {
  const std::string backup = call("GET", "/_sallyport/backup").body;
  add_user();
  http::HttpRequest request;
  request.method = "POST";
  request.target = "/_sallyport/restore";
  api.sign(request, "another body", "s3");
  EXPECT_EQ(api.send(std::move(request), backup).status, 400);
  EXPECT_EQ(describe_user()["User"]["UserName"], "ann");
}

}  // namespace
}  // namespace sallyport::api
