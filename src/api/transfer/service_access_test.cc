#include "api/transfer/service_access.h"

#include <gtest/gtest.h>

#include "api/shape.h"
#include "api/testing/api_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;

constexpr const char* kPlace = "arn:aws:transfer:us-east-1:000000000000:";

// Values for all that an operation requires, of the right types if not of the right form.
json value_of(const Shape& shape) {
  switch (shape.type) {
    case ShapeType::kStructure: {
      json out = json::object();
      for (const auto& member : shape.members)
        if (member.required) out[member.name] = value_of(*member.shape);
      return out;
    }
    case ShapeType::kList: return json::array({value_of(*shape.element)});
    case ShapeType::kInteger:
    case ShapeType::kLong:
    case ShapeType::kTimestamp: return 1;
    case ShapeType::kBoolean: return true;
    case ShapeType::kBlob: return "eA==";
    case ShapeType::kString: break;
  }
  return shape.values.empty() ? json(shape.name) : json(shape.values.front());
}

std::string statement(const std::string& action, const std::string& resource,
                      const std::string& condition = "{}") {
  return R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource +
         R"(","Condition":)" + condition + "}";
}
std::string policy(const std::string& statements) {
  return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}";
}

class TransferAccessTest : public ::testing::Test {
 protected:
  void sign_as(const std::string& statements) {
    model::IamUser user;
    user.name = "alice";
    user.id = "AIDAalice";
    user.arn = "arn:aws:iam::000000000000:user/alice";
    if (!statements.empty()) user.inline_policies["inline"] = policy(statements);
    api.put(user);
    if (api.signer.access_key == ApiFixture::kAccessKey) api.signer = api.add_key("alice");
  }
  bool denied(const std::string& operation, const json& request) {
    return api.transfer(operation, request).type() == "AccessDeniedException";
  }
  ApiFixture api;
};

TEST_F(TransferAccessTest, EveryOperationIsDeniedWithoutPoliciesAndAllowedByItsOwnAction) {
  int operations = 0;
  for (const TransferRow& row : transfer_rows()) {
    ++operations;
    const std::string name(row.operation);
    json request = value_of(*transfer_model().operation(name)->input);
    // Making host keys takes its time.
    if (name == "CreateServer") request["HostKey"] = "no key";
    sign_as("");
    const Answer refused = api.transfer(name, request);
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(refused.type(), "AccessDeniedException") << name << refused.body;
    EXPECT_NE(refused.message().find("perform: transfer:" + name + " on resource: "),
              std::string::npos)
        << refused.message();
    sign_as(statement("transfer:" + name, "*") + "," + statement("iam:PassRole", "*"));
    EXPECT_NE(api.transfer(name, request).type(), "AccessDeniedException") << name;
  }
  EXPECT_EQ(operations, 71);
}

TEST_F(TransferAccessTest, NamesWhatTheRequestIsAbout) {
  sign_as("");
  const json all{
      {"ServerId", "s-1"},         {"UserName", "ann"},
      {"HostKeyId", "hostkey-1"},  {"AgreementId", "a-1"},
      {"CertificateId", "cert-1"}, {"ConnectorId", "c-1"},
      {"ProfileId", "p-1"},        {"WebAppId", "webapp-1"},
      {"WorkflowId", "w-1"},       {"Arn", "arn:aws:transfer:us-east-1:000000000000:server/s-2"}};
  for (const auto& [operation, resource] : std::vector<std::pair<std::string, std::string>>{
           {"CreateServer", "*"},
           {"UpdateServer", std::string(kPlace) + "server/s-1"},
           {"CreateUser", std::string(kPlace) + "server/s-1"},
           {"DeleteUser", std::string(kPlace) + "user/s-1/ann"},
           {"DescribeHostKey", std::string(kPlace) + "host-key/s-1/hostkey-1"},
           {"DescribeAgreement", std::string(kPlace) + "agreement/s-1/a-1"},
           {"DescribeCertificate", std::string(kPlace) + "certificate/cert-1"},
           {"TestConnection", std::string(kPlace) + "connector/c-1"},
           {"DescribeProfile", std::string(kPlace) + "profile/p-1"},
           {"DescribeWebApp", std::string(kPlace) + "webapp/webapp-1"},
           {"DescribeExecution", std::string(kPlace) + "workflow/w-1"},
           {"TagResource", std::string(kPlace) + "server/s-2"}}) {
    EXPECT_NE(api.transfer(operation, all).message().find(" on resource: " + resource + " because"),
              std::string::npos)
        << operation;
  }
}

TEST_F(TransferAccessTest, ARightOnOneServerIsNoneOnAnother) {
  const std::string mine = api.add_server();
  const std::string other = api.add_server();
  sign_as(statement("transfer:*", kPlace + ("server/" + mine)) + "," +
          statement("transfer:DescribeUser", kPlace + ("user/" + mine + "/a*")));
  EXPECT_FALSE(denied("DescribeServer", {{"ServerId", mine}}));
  EXPECT_TRUE(denied("DescribeServer", {{"ServerId", other}}));
  EXPECT_FALSE(denied("DescribeUser", {{"ServerId", mine}, {"UserName", "ann"}}));
  EXPECT_TRUE(denied("DescribeUser", {{"ServerId", mine}, {"UserName", "bob"}}));
  EXPECT_TRUE(denied("ListServers", json::object()));
}

TEST_F(TransferAccessTest, AsksBeforeTheRequestIsChecked) {
  sign_as("");
  EXPECT_TRUE(denied("DescribeServer", {{"ServerId", "not an id"}}));
  EXPECT_TRUE(denied("CreateUser", {{"ServerId", "s-1"}}));
  // What does not say what it is about cannot be asked of.
  EXPECT_EQ(api.transfer("DescribeServer", json::object()).type(), "ValidationException");
  EXPECT_EQ(api.transfer("DescribeServer", {{"ServerId", std::string(300, 's')}}).type(),
            "ValidationException");
  EXPECT_EQ(api.transfer("DescribeServer", {{"ServerId", 7}}).type(), "SerializationException");
}

TEST_F(TransferAccessTest, ARoleMustBePassed) {
  const std::string server = api.add_server();
  const json user{{"ServerId", server}, {"UserName", "ann"}, {"Role", testing::kRole}};
  sign_as(statement("transfer:*", "*"));
  const Answer refused = api.transfer("CreateUser", user);
  EXPECT_EQ(refused.type(), "AccessDeniedException");
  EXPECT_EQ(refused.message(),
            std::string("User: arn:aws:iam::000000000000:user/alice is not authorized to perform: "
                        "iam:PassRole on resource: ") +
                testing::kRole +
                " because no identity-based policy allows the iam:PassRole action");
  const auto passes = [this, &user](const std::string& resource, const std::string& condition) {
    sign_as(statement("transfer:*", "*") + "," + statement("iam:PassRole", resource, condition));
    return !denied("CreateUser", user);
  };
  EXPECT_FALSE(passes("arn:aws:iam::000000000000:role/other", "{}"));
  EXPECT_FALSE(
      passes(testing::kRole, R"({"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}})"));
  EXPECT_TRUE(passes(testing::kRole,
                     R"({"StringEquals":{"iam:PassedToService":"transfer.amazonaws.com"}})"));
  sign_as(statement("transfer:*", "*"));
  EXPECT_TRUE(denied("CreateServer", {{"LoggingRole", testing::kRole}}));
  EXPECT_TRUE(
      denied("CreateServer", {{"IdentityProviderDetails", {{"InvocationRole", testing::kRole}}}}));
  EXPECT_TRUE(
      denied("CreateServer",
             {{"WorkflowDetails",
               {{"OnUpload", {{{"WorkflowId", "w-1"}, {"ExecutionRole", testing::kRole}}}}}}}));
  EXPECT_FALSE(denied("UpdateServer", {{"ServerId", server}, {"LoggingRole", ""}}));
}

TEST_F(TransferAccessTest, TagsOfRequestAndResourceAreConditions) {
  const std::string server = api.add_server();
  const json tag{{{"Key", "team"}, {"Value", "ops"}}};
  const json of_server{{"Arn", kPlace + ("server/" + server)}, {"Tags", tag}};
  sign_as(statement("transfer:*", "*", R"({"StringEquals":{"aws:RequestTag/team":"ops"}})"));
  EXPECT_FALSE(denied("TagResource", of_server));
  EXPECT_TRUE(denied("TagResource",
                     {{"Arn", of_server["Arn"]}, {"Tags", {{{"Key", "team"}, {"Value", "dev"}}}}}));
  EXPECT_TRUE(denied("DescribeServer", {{"ServerId", server}}));

  sign_as(statement("transfer:*", "*", R"({"StringEquals":{"aws:ResourceTag/team":"ops"}})"));
  EXPECT_FALSE(denied("DescribeServer", {{"ServerId", server}}));
  EXPECT_TRUE(denied("DescribeServer", {{"ServerId", api.add_server()}}));
  EXPECT_TRUE(denied("DescribeServer", {{"ServerId", "s-missing"}}));
  EXPECT_FALSE(denied("ListTagsForResource", {{"Arn", of_server["Arn"]}}));

  sign_as(statement("transfer:*", "*",
                    R"({"ForAllValues:StringEquals":{"aws:TagKeys":["team","stage"]}})"));
  EXPECT_FALSE(denied("UntagResource", {{"Arn", of_server["Arn"]}, {"TagKeys", {"stage"}}}));
  EXPECT_TRUE(denied("UntagResource", {{"Arn", of_server["Arn"]}, {"TagKeys", {"stage", "x"}}}));
}

TEST_F(TransferAccessTest, WhatANewServerWouldBeIsACondition) {
  sign_as(statement("transfer:*", "*",
                    R"({"StringEquals":{"transfer:RequestServerEndpointType":"VPC"}})"));
  EXPECT_TRUE(denied("CreateServer", {{"EndpointType", "PUBLIC"}}));
  EXPECT_FALSE(denied("CreateServer", {{"EndpointType", "VPC"}}));
  sign_as(statement("transfer:*", "*",
                    R"({"ForAllValues:StringEquals":{"transfer:RequestServerProtocols":"SFTP"}})"));
  EXPECT_TRUE(denied("CreateServer", {{"Protocols", {"SFTP", "FTP"}}}));
}

TEST_F(TransferAccessTest, AnExplicitDenyWins) {
  sign_as(statement("transfer:*", "*") +
          R"(,{"Effect":"Deny","Action":"transfer:Delete*","Resource":"*"})");
  const Answer refused = api.transfer("DeleteServer", {{"ServerId", "s-1"}});
  EXPECT_EQ(refused.type(), "AccessDeniedException");
  EXPECT_TRUE(refused.message().ends_with("with an explicit deny in an identity-based policy"));
  EXPECT_FALSE(denied("ListServers", json::object()));
}

}  // namespace
}  // namespace sallyport::api
