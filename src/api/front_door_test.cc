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
        "Address":"127.0.0.1","Port":2222,"State":"ONLINE","Reason":""}])"))
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
  const std::string large = R"({"NextToken":")" + std::string(1 << 20, 'a') + "\"}";
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

TEST_F(FrontDoorTest, UnbuiltOperationsSayThatTheyAreNotThere) {
  int unbuilt = 0;
  for (const auto& row : transfer_rows()) {
    if (row.handler != nullptr) continue;
    ++unbuilt;
    const Answer answer = api.transfer(std::string(row.operation), json::object());
    // Shapes are checked first.
    if (answer.type() == "ValidationException") continue;
    EXPECT_EQ(answer.status, 500) << row.operation;
    EXPECT_EQ(answer.type(), "ServiceUnavailableException") << row.operation;
    EXPECT_EQ(answer.message(),
              std::string(row.operation) + " is not available in this version of Sallyport.");
  }
  EXPECT_EQ(unbuilt, 71 - 24);
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

TEST_F(FrontDoorTest, CannotBeMadeWithoutAKey) {
  ApiOptions options;
  options.root = {"a", SecretString("b")};
  options.page_token_key = SecretString("short");
  const ApiServices services{*api.resources, *api.authorizer, *api.objects, *api.log,
                             api.metrics,    api.sessions,    api.box,      api.pool,
                             api.clock,      api.random,      api.endpoints};
  EXPECT_FALSE(FrontDoor::create(services, options).ok());
  options.page_token_key = SecretString(std::string(32, 'k'));
  options.root = {};
  EXPECT_FALSE(FrontDoor::create(services, options).ok());
}

}  // namespace
}  // namespace sallyport::api
