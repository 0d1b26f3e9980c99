// Calls behind which nothing acts yet check everything first, then say what is not there.
#include "api/transfer/not_there.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/shape.h"
#include "api/testing/api_fixture.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;
using testing::kRole;

class TransferNotThere : public ::testing::Test {
 protected:
  std::string add_connector(bool as2) {
    model::Connector connector;
    connector.id = model::ConnectorId("c-" + api.random.hex(17));
    connector.access_role = kRole;
    if (as2) {
      connector.as2.emplace();
      connector.as2->local_profile_id = model::ProfileId("p-00000000000000000");
      connector.as2->partner_profile_id = model::ProfileId("p-00000000000000001");
    } else {
      connector.sftp.emplace();
    }
    api.put(connector);
    return connector.id.str();
  }
  std::string add_server_of(const std::string& provider) {
    model::Server server;
    server.id = model::ServerId("s-" + api.random.hex(17));
    server.arn = model::Place{}.server_arn(server.id);
    server.identity_provider_type = provider;
    api.put(server);
    return server.id.str();
  }
  std::string add_workflow() {
    model::Workflow workflow;
    workflow.id = model::WorkflowId("w-" + api.random.hex(17));
    api.put(workflow);
    return workflow.id.str();
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }
  void unavailable(const std::string& operation, const json& request) {
    const Answer answer = api.transfer(operation, request);
    EXPECT_EQ(answer.status, 500) << answer.body;
    EXPECT_EQ(answer.type(), "ServiceUnavailableException") << answer.body;
    EXPECT_EQ(answer.message(), not_there(operation).message);
  }

  ApiFixture api;
  const std::string sftp = add_connector(false);
  const std::string as2 = add_connector(true);
};

TEST_F(TransferNotThere, TheListNamesOperationsOnceAndInOrder) {
  std::string_view last;
  for (const NotThereRow& row : not_there_rows()) {
    EXPECT_LT(last, row.operation);
    EXPECT_NE(transfer_model().operation(row.operation), nullptr) << row.operation;
    last = row.operation;
  }
  EXPECT_EQ(not_there("TestConnection").message,
            "TestConnection is not available in this version: connectors do not reach partners.");
}

TEST_F(TransferNotThere, CallsOfConnectorsAreCheckedAndThenUnavailable) {
  unavailable(
      "StartFileTransfer",
      {{"ConnectorId", sftp}, {"SendFilePaths", {"/bucket/a"}}, {"RemoteDirectoryPath", "/in"}});
  unavailable("StartFileTransfer", {{"ConnectorId", sftp},
                                    {"RetrieveFilePaths", {"/out/a"}},
                                    {"LocalDirectoryPath", "/bucket"}});
  unavailable("StartFileTransfer", {{"ConnectorId", as2},
                                    {"SendFilePaths", {"/bucket/a"}},
                                    {"CustomHttpHeaders", {{{"Key", "X-Batch"}, {"Value", "7"}}}}});
  unavailable("StartDirectoryListing", {{"ConnectorId", sftp},
                                        {"RemoteDirectoryPath", "/out"},
                                        {"OutputDirectoryPath", "/bucket"},
                                        {"MaxItems", 200'000}});
  unavailable("StartRemoteDelete", {{"ConnectorId", sftp}, {"DeletePath", "/out/a"}});
  unavailable("StartRemoteMove",
              {{"ConnectorId", sftp}, {"SourcePath", "/out/a"}, {"TargetPath", "/out/b"}});
  unavailable("TestConnection", {{"ConnectorId", sftp}});
}

TEST_F(TransferNotThere, AFileTransferGoesOneWayWithItsOwnDirectory) {
  const auto start = [&](const std::string& connector, json members) {
    members["ConnectorId"] = connector;
    return api.transfer("StartFileTransfer", members);
  };
  const json paths = {"/a"};
  refused(start(sftp, json::object()), "Must specify either SendFilePaths or RetrieveFilePaths");
  refused(start(sftp, {{"SendFilePaths", paths}, {"RetrieveFilePaths", paths}}),
          "Must specify either SendFilePaths or RetrieveFilePaths");
  refused(start(sftp, {{"RetrieveFilePaths", paths}}),
          "LocalDirectoryPath required with RetrieveFilePaths");
  refused(start(sftp, {{"SendFilePaths", paths}, {"LocalDirectoryPath", "/b"}}),
          "LocalDirectoryPath unsupported with SendFilePaths");
  refused(start(sftp, {{"RetrieveFilePaths", paths},
                       {"LocalDirectoryPath", "/b"},
                       {"RemoteDirectoryPath", "/b"}}),
          "RemoteDirectoryPath unsupported with RetrieveFilePaths");
  for (const char* member : {"LocalDirectoryPath", "RemoteDirectoryPath"})
    refused(start(as2, {{"SendFilePaths", paths}, {member, "/b"}}),
            std::string(member) + " is supported for SFTP connectors only");
  refused(start(as2, {{"RetrieveFilePaths", paths}}),
          "RetrieveFilePaths is supported for SFTP connectors only");
  const json header = {{"Key", "X-Batch"}, {"Value", "7"}};
  refused(start(sftp, {{"SendFilePaths", paths}, {"CustomHttpHeaders", {header}}}),
          "CustomHttpHeaders is supported for AS2 connectors only");
  refused(start(as2, {{"SendFilePaths", paths}, {"CustomHttpHeaders", {header, header}}}),
          "CustomHttpHeaders must be unique");
  refused(start(as2, {{"SendFilePaths", paths}, {"CustomHttpHeaders", {{{"Value", "7"}}}}}),
          "CustomHttpHeaders must have a Key");
}

TEST_F(TransferNotThere, CallsOfSftpConnectorsAreRefusedForAs2) {
  const json members = {{"ConnectorId", as2},          {"DeletePath", "/a"},
                        {"SourcePath", "/a"},          {"TargetPath", "/b"},
                        {"RemoteDirectoryPath", "/a"}, {"OutputDirectoryPath", "/b"}};
  for (const std::string operation :
       {"StartDirectoryListing", "StartRemoteDelete", "StartRemoteMove", "TestConnection"}) {
    refused(api.transfer(operation, members), operation + " is supported for SFTP connectors only");
    json unknown = members;
    unknown["ConnectorId"] = "c-00000000000000000";
    refused(api.transfer(operation, unknown), "Unknown connector", "ResourceNotFoundException");
  }
  refused(api.transfer("StartDirectoryListing", {{"ConnectorId", sftp},
                                                 {"RemoteDirectoryPath", "/out"},
                                                 {"OutputDirectoryPath", "/bucket"},
                                                 {"MaxItems", 200'001}}),
          "MaxItems must not be more than 200000");
}

TEST_F(TransferNotThere, NoTransferIsKnown) {
  const json request = {{"ConnectorId", sftp}, {"TransferId", "t-1"}};
  const Answer answer = api.transfer("ListFileTransferResults", request);
  refused(answer, "Unknown transfer", "ResourceNotFoundException");
  EXPECT_EQ(answer.parsed()["Resource"], "t-1");
  refused(api.transfer("ListFileTransferResults",
                       {{"ConnectorId", "c-00000000000000000"}, {"TransferId", "t-1"}}),
          "Unknown connector", "ResourceNotFoundException");
  json bad_token = request;
  bad_token["NextToken"] = "x";
  EXPECT_EQ(api.transfer("ListFileTransferResults", bad_token).type(), "InvalidRequestException");
}

TEST_F(TransferNotThere, NoExecutionIsKnown) {
  json request = {{"WorkflowId", add_workflow()},
                  {"ExecutionId", "11111111-2222-3333-4444-555555555555"},
                  {"Token", "abc"},
                  {"Status", "SUCCESS"}};
  for (const char* operation : {"SendWorkflowStepState", "DescribeExecution"})
    refused(api.transfer(operation, request), "Unknown execution", "ResourceNotFoundException");
  EXPECT_EQ(api.transfer("ListExecutions", request).parsed()["Executions"], json::array());
  request["WorkflowId"] = "w-00000000000000000";
  for (const char* operation : {"SendWorkflowStepState", "DescribeExecution", "ListExecutions"})
    refused(api.transfer(operation, request), "Unknown workflow", "ResourceNotFoundException");
}

TEST_F(TransferNotThere, ProvidersAreTestedOnlyWhereThereIsOne) {
  const auto test = [&](const std::string& server, json members) {
    members.update({{"ServerId", server}, {"UserName", "ann"}, {"UserPassword", "secret word"}});
    return api.transfer("TestIdentityProvider", members);
  };
  // The two texts are in the documentation of TestIdentityProvider.
  refused(test("s-00000000000000000", json::object()), "Unknown server",
          "ResourceNotFoundException");
  const std::string managed = add_server_of("SERVICE_MANAGED");
  refused(test(managed, json::object()), managed + " not configured for external auth");

  for (const char* provider : {"API_GATEWAY", "AWS_LAMBDA", "AWS_DIRECTORY_SERVICE"}) {
    const std::string server = add_server_of(provider);
    refused(test(server, {{"ServerProtocol", "FTP"}}),
            "Server " + server + " does not have protocol: FTP");
    for (const char* source : {"1.2.3", "::g1", "1.2.3.4.5"})
      EXPECT_EQ(test(server, {{"SourceIp", source}}).status, 400) << source;
    for (const char* source : {"192.0.2.1", "2001:db8::1"}) {
      const Answer answer = test(server, {{"ServerProtocol", "SFTP"}, {"SourceIp", source}});
      EXPECT_EQ(answer.status, 500);
      EXPECT_EQ(answer.type(), "ServiceUnavailableException");
      EXPECT_EQ(answer.message(), not_there("TestIdentityProvider").message);
      EXPECT_EQ(answer.body.find("secret word"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace sallyport::api
