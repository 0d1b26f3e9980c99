#include "api/audit.h"

#include <gtest/gtest.h>

#include "api/caller.h"
#include "api/testing/api_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;

class AuditTest : public ::testing::Test {
 protected:
  json last() {
    const auto events = api.audit_events();
    EXPECT_FALSE(events.empty());
    return events.empty() ? json() : events.back();
  }
  ApiFixture api;
};

TEST_F(AuditTest, TellsACallInCloudTrailsShape) {
  const Answer answer = api.transfer("ListServers", {{"MaxResults", 7}});
  const json event = last();
  EXPECT_EQ(event["eventVersion"], "1.08");
  EXPECT_EQ(event["eventTime"], "2026-01-02T03:04:05Z");
  EXPECT_EQ(event["eventSource"], "transfer.amazonaws.com");
  EXPECT_EQ(event["eventName"], "ListServers");
  EXPECT_EQ(event["awsRegion"], "us-east-1");
  EXPECT_EQ(event["sourceIPAddress"], "127.0.0.1");
  EXPECT_EQ(event["requestParameters"], (json{{"maxResults", 7}}));
  EXPECT_TRUE(event["responseElements"].is_null());
  EXPECT_EQ(event["requestID"], std::string(answer.headers.get("x-amzn-RequestId")));
  EXPECT_EQ(event["eventID"].get<std::string>().size(), 36u);
  EXPECT_EQ(event["readOnly"], true);
  EXPECT_EQ(event["eventType"], "AwsApiCall");
  EXPECT_EQ(event["managementEvent"], true);
  EXPECT_EQ(event["recipientAccountId"], "000000000000");
  EXPECT_EQ(event["eventCategory"], "Management");
  EXPECT_FALSE(event.contains("errorCode"));
  EXPECT_EQ(event["userIdentity"], (json{{"type", "Root"},
                                         {"principalId", "000000000000"},
                                         {"arn", "arn:aws:iam::000000000000:root"},
                                         {"accountId", "000000000000"},
                                         {"accessKeyId", ApiFixture::kAccessKey}}));
}

TEST_F(AuditTest, TellsWhatAChangeAnswered) {
  const std::string server = api.add_server();
  const json user{{"ServerId", server},
                  {"UserName", "ann"},
                  {"Role", testing::kRole},
                  {"SshPublicKeyBody", testing::kEd25519Key}};
  ASSERT_EQ(api.transfer("CreateUser", user).status, 200);
  const json event = last();
  EXPECT_EQ(event["readOnly"], false);
  EXPECT_EQ(event["requestParameters"]["serverId"], server);
  EXPECT_EQ(event["requestParameters"]["sshPublicKeyBody"], testing::kEd25519Key);
  EXPECT_EQ(event["responseElements"], (json{{"serverId", server}, {"userName", "ann"}}));
}

TEST_F(AuditTest, HidesWhatTheModelCallsSensitive) {
  const char* secret = "-----BEGIN OPENSSH PRIVATE KEY----- c2VjcmV0";
  api.transfer("CreateServer", {{"HostKey", secret}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}});
  const json event = last();
  EXPECT_EQ(event["requestParameters"]["hostKey"], "HIDDEN_DUE_TO_SECURITY_REASONS");
  EXPECT_EQ(event["requestParameters"]["tags"], (json{{{"key", "a"}, {"value", "b"}}}));
  EXPECT_EQ(event.dump().find("c2VjcmV0"), std::string::npos);
  api.transfer("ImportHostKey", {{"ServerId", "s-0123456789abcdef0"}, {"HostKeyBody", secret}});
  EXPECT_EQ(last().dump().find("c2VjcmV0"), std::string::npos);
  api.transfer(
      "TestIdentityProvider",
      {{"ServerId", "s-0123456789abcdef0"}, {"UserName", "ann"}, {"UserPassword", "c2VjcmV0"}});
  EXPECT_EQ(last()["eventName"], "TestIdentityProvider");
  EXPECT_EQ(last().dump().find("c2VjcmV0"), std::string::npos);
}

TEST_F(AuditTest, NamesUsersAndSessions) {
  api.signer = api.add_user("alice");
  api.transfer("ListServers", json::object());
  json event = last();
  EXPECT_EQ(event["userIdentity"], (json{{"type", "IAMUser"},
                                         {"principalId", "AIDAalice"},
                                         {"arn", "arn:aws:iam::000000000000:user/alice"},
                                         {"accountId", "000000000000"},
                                         {"accessKeyId", api.signer.access_key},
                                         {"userName", "alice"}}));
  EXPECT_EQ(event["errorCode"], "AccessDeniedException");
  EXPECT_NE(event["errorMessage"].get<std::string>().find("transfer:ListServers"),
            std::string::npos);

  api.signer = api.add_session("job");
  api.clock.advance(std::chrono::seconds(60));
  api.logs("DescribeLogGroups", json::object());
  event = last();
  EXPECT_EQ(event["eventSource"], "logs.amazonaws.com");
  EXPECT_EQ(event["userIdentity"]["type"], "AssumedRole");
  EXPECT_EQ(event["userIdentity"]["arn"], "arn:aws:sts::000000000000:assumed-role/job/tour");
  EXPECT_EQ(event["userIdentity"]["sessionContext"],
            (json{{"sessionIssuer",
                   {{"type", "Role"},
                    {"principalId", "AROAjob"},
                    {"arn", "arn:aws:iam::000000000000:role/job"},
                    {"accountId", "000000000000"},
                    {"userName", "job"}}},
                  {"attributes",
                   {{"creationDate", "2026-01-02T03:04:05Z"}, {"mfaAuthenticated", "false"}}}}));
  EXPECT_EQ(event.dump().find(api.signer.session_token), std::string::npos);
}

TEST_F(AuditTest, TellsOfAKnownKeyThatDoesNotProveItsOwner) {
  api.signer.secret = SecretString("a guess");
  api.transfer("DeleteServer", {{"ServerId", "s-0123456789abcdef0"}});
  json event = last();
  EXPECT_EQ(event["eventName"], "DeleteServer");
  EXPECT_EQ(event["errorCode"], "InvalidSignatureException");
  EXPECT_EQ(event["userIdentity"], (json{{"type", "Unknown"},
                                         {"accountId", "000000000000"},
                                         {"accessKeyId", ApiFixture::kAccessKey}}));
  EXPECT_TRUE(event["requestParameters"].is_null());
  api.query("iam", "Action=ListRoles&Version=2010-05-08");
  EXPECT_EQ(last()["eventName"], "ListRoles");
  EXPECT_EQ(last()["eventSource"], "iam.amazonaws.com");
  api.s3("GET", "/demo/key");
  EXPECT_EQ(last()["eventName"], "REST.GET.OBJECT");
  EXPECT_EQ(last()["eventSource"], "s3.amazonaws.com");
  EXPECT_EQ(last()["errorCode"], "SignatureDoesNotMatch");
}

TEST_F(AuditTest, SaysNothingOfKeysThatNobodyHas) {
  api.signer.access_key = "AKIAUNKNOWNUNKNOWN00";
  api.transfer("ListServers", json::object());
  api.json_call("transfer", "TransferService.Nonsense", "{}");
  EXPECT_TRUE(api.audit_events().empty());
}

class AuditLogTest : public AuditTest {
 protected:
  json write(const Caller& caller, const AuditNote& note, bool data_events = true) {
    AuditLog log(*api.log, api.random, model::Place{}, data_events);
    const std::size_t before = api.audit_events().size();
    log.write(caller, note);
    const auto events = api.audit_events();
    return events.size() > before ? events.back() : json();
  }
  static AuditNote note() {
    AuditNote out;
    out.event_source = "s3.amazonaws.com";
    out.event_name = "GetObject";
    return out;
  }
};

TEST_F(AuditLogTest, ObjectEventsCanBeLeftOut) {
  AuditNote object = note();
  object.data_event = true;
  object.resources = R"([{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::demo/a"}])";
  const json event = write(Caller{}, object);
  EXPECT_EQ(event["eventCategory"], "Data");
  EXPECT_EQ(event["managementEvent"], false);
  EXPECT_EQ(event["resources"][0]["ARN"], "arn:aws:s3:::demo/a");
  EXPECT_EQ(event["userIdentity"]["accountId"], "anonymous");
  EXPECT_TRUE(write(Caller{}, object, false).is_null());
  EXPECT_FALSE(write(Caller{}, note(), false).is_null());
}

TEST_F(AuditLogTest, BoundsWhatCallersSend) {
  Caller caller;
  caller.user_agent = std::string(100'000, 'u') + "\xff";
  AuditNote long_note = note();
  long_note.request_parameters = "{\"a\":\"" + std::string(kMaxAuditPart, 'x') + "\"}";
  long_note.error_code = "E";
  long_note.error_message = std::string(100'000, 'm') + "\n\"";
  const json event = write(caller, long_note);
  ASSERT_TRUE(event.is_object());
  EXPECT_EQ(event["requestParameters"], (json{{"omitted", true}}));
  EXPECT_LT(event.dump().size(), 4096u);
  caller.user_agent = "\xff\xfe\n\"";
  EXPECT_TRUE(write(caller, note()).is_object());
}

TEST_F(AuditLogTest, GoesToOneStreamOfAnAccountAndRegion) {
  api.transfer("ListServers", json::object());
  const auto streams = net::sync_wait(api.log->streams(std::string(kAuditLogGroup)));
  ASSERT_TRUE(streams.ok());
  ASSERT_EQ(streams->size(), 1u);
  EXPECT_EQ(streams->front().stream, "000000000000_CloudTrail_us-east-1");
}

}  // namespace
}  // namespace sallyport::api
