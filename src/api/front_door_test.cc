#include "api/front_door.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "api/testing/api_fixture.h"
#include "api/transfer/service.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;

class FrontDoorTest : public ::testing::Test {
 protected:
  http::HttpRequest request(const std::string& method, const std::string& target) {
    http::HttpRequest out;
    out.method = method;
    out.target = target;
    out.headers.add("Host", "127.0.0.1:4566");
    return out;
  }
  http::HttpRequest list_servers() {
    auto out = request("POST", "/");
    out.headers.add("Content-Type", "application/x-amz-json-1.1");
    out.headers.add("X-Amz-Target", "TransferService.ListServers");
    return out;
  }
  void sign(http::HttpRequest& out, const std::string& body, const std::string& service,
            WallTime at, const std::string& key = ApiFixture::kAccessKey,
            const std::string& secret = ApiFixture::kSecret, const std::string& token = "") {
    http::sign(out, {key, SecretString(secret), token}, http::sha256_hex(body),
               {"us-east-1", service, at});
  }
  ApiFixture api;
};

TEST_F(FrontDoorTest, HealthAnswersOnceReady) {
  EXPECT_EQ(api.send(request("GET", "/_sallyport/health"), "").status, 503);
  api.front->set_ready(true);
  EXPECT_EQ(api.send(request("GET", "/_sallyport/health"), "").status, 200);
  EXPECT_EQ(api.send(request("POST", "/_sallyport/health"), "").status, 403);
}

TEST_F(FrontDoorTest, MetricsAreOpen) {
  const Answer answer = api.send(request("GET", "/_sallyport/metrics"), "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.headers.get("Content-Type").starts_with("text/plain; version=0.0.4"));
}

TEST_F(FrontDoorTest, EndpointsAreSigned) {
  api.endpoints.list = {{model::ServerId("s-1"), "SFTP", "127.0.0.1", 2222, "ONLINE", ""}};
  EXPECT_EQ(api.send(request("GET", "/_sallyport/endpoints"), "").status, 403);
  for (const char* service : {"transfer", "s3", "iam"}) {
    const Answer answer = api.send_signed(request("GET", "/_sallyport/endpoints"), "", service);
    EXPECT_EQ(answer.status, 200) << service;
    EXPECT_EQ(answer.parsed(), json::parse(R"([{"ServerId":"s-1","Protocol":"SFTP",
        "Address":"127.0.0.1","Port":2222,"State":"ONLINE","Reason":"",
        "CommunicationMode":"SERVER_TALK_FIRST","ProxyMode":"NONE","HostName":""}])"))
        << service;
  }
}

TEST_F(FrontDoorTest, EveryAnswerHasARequestIdThatIsAUuid) {
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  for (const Answer& answer :
       {api.transfer("ListServers", json::object()), api.transfer("Nonsense", json::object()),
        api.query("iam", "Action=ListRoles&Version=2010-05-08")})
    EXPECT_TRUE(std::regex_match(std::string(answer.headers.get("x-amzn-RequestId")), uuid));
  EXPECT_TRUE(
      std::regex_match(std::string(api.s3("GET", "/").headers.get("x-amz-request-id")), uuid));
}

TEST_F(FrontDoorTest, RefusesWhatIsNotSignedInEachProtocolsWords) {
  const Answer transfer = api.send(list_servers(), "{}");
  EXPECT_EQ(transfer.status, 400);
  EXPECT_EQ(transfer.type(), "MissingAuthenticationTokenException");
  auto form = request("POST", "/");
  form.headers.add("Content-Type", "application/x-www-form-urlencoded");
  const Answer query = api.send(std::move(form), "Action=ListRoles");
  EXPECT_EQ(query.status, 403);
  EXPECT_NE(query.body.find("<Code>MissingAuthenticationToken</Code>"), std::string::npos);
  const Answer s3 = api.send(request("GET", "/bucket/key"), "");
  EXPECT_EQ(s3.status, 403);
  EXPECT_NE(s3.body.find("<Code>AccessDenied</Code>"), std::string::npos);
}

TEST_F(FrontDoorTest, RefusesUnknownAccessKeys) {
  auto transfer = list_servers();
  sign(transfer, "{}", "transfer", api.clock.wall(), "AKIAUNKNOWN");
  const Answer json_answer = api.send(std::move(transfer), "{}");
  EXPECT_EQ(json_answer.status, 400);
  EXPECT_EQ(json_answer.type(), "UnrecognizedClientException");
  auto s3 = request("GET", "/");
  sign(s3, "", "s3", api.clock.wall(), "AKIAUNKNOWN");
  const Answer s3_answer = api.send(std::move(s3), "");
  EXPECT_EQ(s3_answer.status, 403);
  EXPECT_NE(s3_answer.body.find("<Code>InvalidAccessKeyId</Code>"), std::string::npos);
}

TEST_F(FrontDoorTest, RefusesAForgedSignature) {
  auto forged = list_servers();
  sign(forged, "{}", "transfer", api.clock.wall(), ApiFixture::kAccessKey, "another secret");
  const Answer answer = api.send(std::move(forged), "{}");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.type(), "InvalidSignatureException");
  EXPECT_EQ(answer.body.find(ApiFixture::kSecret), std::string::npos);
}

TEST_F(FrontDoorTest, RefusesABodyThatIsNotTheSignedOne) {
  auto one = list_servers();
  sign(one, "{}", "transfer", api.clock.wall());
  EXPECT_EQ(api.send(std::move(one), R"({"MaxResults":1})").type(), "InvalidSignatureException");
}

TEST_F(FrontDoorTest, RefusesAnotherTargetThanTheSignedOne) {
  auto one = list_servers();
  sign(one, "{}", "transfer", api.clock.wall());
  one.headers.set("X-Amz-Target", "TransferService.DeleteServer");
  EXPECT_EQ(api.send(std::move(one), "{}").type(), "InvalidSignatureException");
}

TEST_F(FrontDoorTest, AllowsFifteenMinutesOfSkewAndNoMore) {
  for (const auto minutes : {-14, 14}) {
    auto one = list_servers();
    sign(one, "{}", "transfer", api.clock.wall() + std::chrono::minutes(minutes));
    EXPECT_EQ(api.send(std::move(one), "{}").status, 200) << minutes;
  }
  for (const auto minutes : {-16, 16}) {
    auto one = list_servers();
    sign(one, "{}", "transfer", api.clock.wall() + std::chrono::minutes(minutes));
    EXPECT_EQ(api.send(std::move(one), "{}").status, 400) << minutes;
  }
}

TEST_F(FrontDoorTest, RefusesSessionTokensThatNobodyGave) {
  auto one = list_servers();
  sign(one, "{}", "transfer", api.clock.wall(), ApiFixture::kAccessKey, ApiFixture::kSecret,
       "a token");
  EXPECT_EQ(api.send(std::move(one), "{}").type(), "UnrecognizedClientException");
}

TEST_F(FrontDoorTest, BoundsBodies) {
  const std::string large = R"({"NextToken":")" + std::string(4 << 20, 'a') + "\"}";
  const Answer answer = api.send_signed(list_servers(), large, "transfer");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.type(), "RequestEntityTooLargeException");
}

TEST_F(FrontDoorTest, ChoosesTheServiceByScopeThenTargetThenAction) {
  EXPECT_EQ(api.transfer("ListServers", json::object()).status, 200);
  EXPECT_EQ(api.send_signed(list_servers(), "{}", "execute-api").status, 200);
  auto form = request("POST", "/");
  form.headers.add("Content-Type", "application/x-www-form-urlencoded");
  const Answer by_action =
      api.send_signed(std::move(form), "Action=GetCallerIdentity&Version=2011-06-15", "other");
  EXPECT_EQ(by_action.status, 200);
  EXPECT_NE(by_action.body.find("<Arn>arn:aws:iam::000000000000:root</Arn>"), std::string::npos);
  // The scope decides, whatever the target says.
  EXPECT_EQ(api.json_call("logs", "TransferService.ListServers", "{}").type(),
            "UnknownOperationException");
  EXPECT_EQ(api.json_call("dynamodb", "DynamoDB_20120810.ListTables", "{}").type(),
            "UnknownOperationException");
}

TEST_F(FrontDoorTest, TakesPresignedQueryRequests) {
  auto one = request("GET", "/?Action=GetCallerIdentity&Version=2011-06-15");
  http::presign(one, {ApiFixture::kAccessKey, SecretString(ApiFixture::kSecret), ""},
                http::sha256_hex(""), std::chrono::seconds(60),
                {"us-east-1", "sts", api.clock.wall()});
  http::HttpRequest again = one;
  EXPECT_EQ(api.send(std::move(one), "").status, 200);
  api.clock.advance(std::chrono::seconds(61));
  EXPECT_GE(api.send(std::move(again), "").status, 400);
}

TEST_F(FrontDoorTest, UnknownOperationsAreNamedAsAwsDoes) {
  for (const char* target : {"TransferService.", "TransferService.Nonsense", "x", ""}) {
    const Answer answer = api.json_call("transfer", target, "{}");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.type(), "UnknownOperationException") << target;
  }
}

TEST_F(FrontDoorTest, RefusesBrokenJson) {
  const Answer answer = api.json_call("transfer", "TransferService.ListServers", "{\"a\":");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.type(), "SerializationException");
}

constexpr const char* kListServers =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"transfer:ListServers","Resource":"*"}})";

TEST_F(FrontDoorTest, UsersDoWhatTheirPoliciesAllow) {
  api.signer = api.add_user("alice", kListServers);
  EXPECT_EQ(api.transfer("ListServers", json::object()).status, 200);
  const Answer refused = api.transfer("CreateServer", json::object());
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.type(), "AccessDeniedException");
  EXPECT_EQ(refused.message(),
            "User: arn:aws:iam::000000000000:user/alice is not authorized to perform: "
            "transfer:CreateServer on resource: * because no identity-based policy allows the "
            "transfer:CreateServer action");
  const Answer logs = api.logs("GetLogEvents", {{"logGroupName", "/g"}, {"logStreamName", "s"}});
  EXPECT_EQ(logs.status, 400);
  EXPECT_EQ(logs.type(), "AccessDeniedException");
  EXPECT_NE(logs.message().find("logs:GetLogEvents on resource: arn:aws:logs:us-east-1:"
                                "000000000000:log-group:/g:log-stream:s because"),
            std::string::npos);
  const Answer s3 = api.s3("GET", "/demo/key");
  EXPECT_EQ(s3.status, 403);
  EXPECT_NE(s3.body.find("<Code>AccessDenied</Code>"), std::string::npos);
}

TEST_F(FrontDoorTest, SessionsDoWhatTheirRolesAllow) {
  api.signer = api.add_session("job", kListServers);
  EXPECT_EQ(api.transfer("ListServers", json::object()).status, 200);
  const Answer refused = api.transfer("CreateServer", json::object());
  EXPECT_EQ(refused.type(), "AccessDeniedException");
  EXPECT_TRUE(refused.message().starts_with(
      "User: arn:aws:sts::000000000000:assumed-role/job/tour is not authorized"));
}

TEST_F(FrontDoorTest, SaysWhatIsWrongWithACredentialInEachProtocolsWords) {
  const http::Credentials good = api.add_session("job", kListServers);
  const auto answers = [this](const http::Credentials& who) {
    api.signer = who;
    const Answer json_answer = api.transfer("ListServers", json::object());
    const Answer query = api.query("sts", "Action=GetCallerIdentity&Version=2011-06-15");
    const Answer s3 = api.s3("GET", "/");
    const auto code = [](const Answer& answer) {
      const auto from = answer.body.find("<Code>");
      return from == std::string::npos
                 ? std::string()
                 : answer.body.substr(from + 6, answer.body.find('<', from + 6) - from - 6);
    };
    return json_answer.type() + " " + code(query) + " " + code(s3);
  };
  EXPECT_EQ(answers({"AKIAUNKNOWNUNKNOWN00", good.secret, ""}),
            "UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId");
  EXPECT_EQ(answers({good.access_key, good.secret, ""}),
            "UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId");
  EXPECT_EQ(answers({good.access_key, good.secret, "v1:forged"}),
            "UnrecognizedClientException InvalidClientTokenId InvalidToken");
  EXPECT_EQ(answers({good.access_key, SecretString("another"), good.session_token}),
            "InvalidSignatureException SignatureDoesNotMatch SignatureDoesNotMatch");
  api.clock.advance(std::chrono::hours(1));
  EXPECT_EQ(answers(good), "ExpiredTokenException ExpiredToken ExpiredToken");
}

TEST_F(FrontDoorTest, AKeyIsNobodysFromTheMomentItIsTakenAway) {
  api.signer = api.add_user("alice", kListServers);
  EXPECT_EQ(api.transfer("ListServers", json::object()).status, 200);
  state::Repository<model::AccessKey> keys(*api.resources);
  ASSERT_TRUE(net::sync_wait(keys.remove("", api.signer.access_key)).ok());
  EXPECT_EQ(api.transfer("ListServers", json::object()).type(), "UnrecognizedClientException");
}

TEST_F(FrontDoorTest, EndpointsAreForWhoMayListServers) {
  api.signer = api.add_user("alice", kListServers);
  EXPECT_EQ(api.send_signed(request("GET", "/_sallyport/endpoints"), "", "transfer").status, 200);
  api.signer = api.add_user("bob");
  for (const char* service : {"transfer", "s3", "iam"}) {
    const Answer answer = api.send_signed(request("GET", "/_sallyport/endpoints"), "", service);
    EXPECT_GE(answer.status, 400) << service;
    EXPECT_NE(answer.body.find("AccessDenied"), std::string::npos) << answer.body;
  }
  EXPECT_EQ(api.send_signed(request("GET", "/_sallyport/nothing"), "", "transfer").status, 404);
}

TEST_F(FrontDoorTest, ABucketPolicyOpensToUnsignedRequestsWhatItNames) {
  ASSERT_EQ(api.s3("PUT", "/demo").status, 200);
  ASSERT_EQ(api.s3("PUT", "/demo/public/a", "hello").status, 200);
  ASSERT_EQ(api.s3("PUT", "/demo/private/a", "hello").status, 200);
  EXPECT_EQ(api.send(request("GET", "/demo/public/a"), "").status, 403);
  model::BucketSettings settings;
  settings.bucket = "demo";
  settings.policy =
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::demo/public/*"}})";
  api.put(settings);
  const Answer open = api.send(request("GET", "/demo/public/a"), "");
  EXPECT_EQ(open.status, 200);
  EXPECT_EQ(open.body, "hello");
  for (const auto& [method, target] :
       {std::pair("GET", "/demo/private/a"), std::pair("PUT", "/demo/public/a"),
        std::pair("DELETE", "/demo/public/a"), std::pair("GET", "/demo?list-type=2"),
        std::pair("GET", "/")}) {
    const Answer closed = api.send(request(method, target), "");
    EXPECT_EQ(closed.status, 403) << method << target;
    EXPECT_NE(closed.body.find("<Code>AccessDenied</Code>"), std::string::npos);
  }
}

TEST_F(FrontDoorTest, CannotBeMadeWithAShortPageTokenKey) {
  ApiOptions options;
  options.page_token_key = SecretString("short");
  const ApiServices services{*api.resources, *api.authorizer, *api.credentials, *api.objects,
                             *api.log,       api.metrics,     api.sessions,     *api.vault,
                             api.pool,       api.clock,       api.random,       api.endpoints,
                             api.box};
  EXPECT_FALSE(FrontDoor::create(services, options).ok());
  options.page_token_key = SecretString(std::string(32, 'k'));
  EXPECT_TRUE(FrontDoor::create(services, options).ok());
}

}  // namespace
}  // namespace sallyport::api
