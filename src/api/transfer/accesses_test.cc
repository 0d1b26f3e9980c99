#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kRole;

constexpr const char* kGroup = "S-1-1-12-1234567890-123456789-1234567890-1234";

class TransferAccesses : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.accesses_per_server = 3;
    limits.home_directory_mappings = 1;
    limits.access_mappings_bytes = 211;  // of six mappings
    return limits;
  }

  std::string add_server_of(const std::string& provider) {
    model::Server server;
    server.id = model::ServerId("s-" + api.random.hex(17));
    server.arn = model::Place{}.server_arn(server.id);
    server.identity_provider_type = provider;
    api.put(server);
    return server.id.str();
  }
  json request(const std::string& group, const json& members = json::object()) {
    json out = {{"ServerId", server}, {"ExternalId", group}};
    out.update(members);
    return out;
  }
  Answer create(const std::string& group, json members = json::object()) {
    members["Role"] = kRole;
    return api.transfer("CreateAccess", request(group, members));
  }
  json describe(const std::string& group) {
    const Answer answer = api.transfer("DescribeAccess", request(group));
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeAccess", answer.parsed());
    EXPECT_EQ(answer.parsed()["ServerId"], server);
    return answer.parsed()["Access"];
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api{limits()};
  const std::string server = add_server_of("AWS_DIRECTORY_SERVICE");
};

json mappings(int count) {
  json out = json::array();
  for (int i = 0; i < count; ++i)
    out.push_back({{"Entry", "/e" + std::to_string(i)}, {"Target", "/bucket"}});
  return out;
}

TEST_F(TransferAccesses, ANewAccessShowsWhatWasAskedFor) {
  const json members = {{"HomeDirectoryType", "LOGICAL"},
                        {"HomeDirectoryMappings", mappings(2)},
                        {"Policy", "{}"},
                        {"PosixProfile", {{"Uid", 1}, {"Gid", 2}, {"SecondaryGids", {3}}}}};
  const Answer made = create(kGroup, members);
  ASSERT_EQ(made.status, 200) << made.body;
  expect_output("CreateAccess", made.parsed());
  EXPECT_EQ(made.parsed(), json({{"ServerId", server}, {"ExternalId", kGroup}}));
  json expected = members;
  expected.update({{"ExternalId", kGroup}, {"Role", kRole}});
  EXPECT_EQ(describe(kGroup), expected);
}

TEST_F(TransferAccesses, ABareAccessIsOfTypePath) {
  ASSERT_EQ(create(kGroup, {{"HomeDirectory", "/bucket"}}).status, 200);
  EXPECT_EQ(describe(kGroup), json({{"ExternalId", kGroup},
                                    {"HomeDirectory", "/bucket"},
                                    {"HomeDirectoryType", "PATH"},
                                    {"Role", kRole}}));
}

TEST_F(TransferAccesses, AnUpdateChangesOnlyWhatIsGiven) {
  ASSERT_EQ(create(kGroup, {{"HomeDirectory", "/bucket"}, {"Policy", "{}"}}).status, 200);
  const Answer updated = api.transfer(
      "UpdateAccess", request(kGroup, {{"HomeDirectoryType", "LOGICAL"},
                                       {"HomeDirectoryMappings", mappings(1)},
                                       {"Role", "arn:aws:iam::000000000000:role/other"}}));
  ASSERT_EQ(updated.status, 200) << updated.body;
  expect_output("UpdateAccess", updated.parsed());
  EXPECT_EQ(describe(kGroup), json({{"ExternalId", kGroup},
                                    {"HomeDirectoryMappings", mappings(1)},
                                    {"HomeDirectoryType", "LOGICAL"},
                                    {"Policy", "{}"},
                                    {"Role", "arn:aws:iam::000000000000:role/other"}}));
}

TEST_F(TransferAccesses, FollowTheRulesOfUsers) {
  refused(create(kGroup, {{"HomeDirectoryType", "LOGICAL"}}),
          "HomeDirectoryMappings required for HomeDirectoryType: LOGICAL");
  refused(create(kGroup, {{"HomeDirectoryMappings", mappings(1)}}),
          "HomeDirectoryMappings unsupported for HomeDirectoryType: PATH");
  refused(create(kGroup, {{"Policy", "{"}}), "Policy is not a valid JSON document");
  ASSERT_EQ(create(kGroup).status, 200);
  refused(api.transfer("UpdateAccess", request(kGroup, {{"Policy", "x"}})),
          "Policy is not a valid JSON document");
}

TEST_F(TransferAccesses, MappingsAreBoundedByTheirText) {
  const json fits = {{"HomeDirectoryType", "LOGICAL"}, {"HomeDirectoryMappings", mappings(6)}};
  ASSERT_EQ(fits["HomeDirectoryMappings"].dump().size(), 211u);
  EXPECT_EQ(create(kGroup, fits).status, 200);
  refused(
      create("S-1-2", {{"HomeDirectoryType", "LOGICAL"}, {"HomeDirectoryMappings", mappings(7)}}),
      "Cannot exceed quota for HomeDirectoryMappingsBytes: 211");
}

TEST(TransferAccessesWithTheServicesLimits, KeepMappingsOfMoreThanAMegabyte) {
  ApiFixture api;
  model::Server server;
  server.id = model::ServerId("s-0123456789abcdef0");
  server.identity_provider_type = "AWS_DIRECTORY_SERVICE";
  api.put(server);
  json mappings = json::array();
  for (int i = 0; i < 20'000; ++i)
    mappings.push_back(
        {{"Entry", "/e" + std::to_string(i)}, {"Target", "/" + std::string(50, 'b')}});
  const json named = {{"ServerId", server.id.str()}, {"ExternalId", kGroup}};
  json request = named;
  request.update(
      {{"Role", kRole}, {"HomeDirectoryType", "LOGICAL"}, {"HomeDirectoryMappings", mappings}});
  ASSERT_GT(request.dump().size(), 1'500'000u);
  const Answer made = api.transfer("CreateAccess", request);
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(api.transfer("DescribeAccess", named).parsed()["Access"]["HomeDirectoryMappings"],
            mappings);
}

TEST_F(TransferAccesses, ASecondAccessOfAGroupIsRefused) {
  ASSERT_EQ(create(kGroup).status, 200);
  const Answer second = create(kGroup);
  refused(second, "Access already exists", "ResourceExistsException");
  EXPECT_EQ(second.parsed()["Resource"], kGroup);
  EXPECT_EQ(second.parsed()["ResourceType"], "Access");
}

TEST_F(TransferAccesses, AreForServersOfADirectoryOnly) {
  for (const char* provider : {"SERVICE_MANAGED", "API_GATEWAY", "AWS_LAMBDA"}) {
    const std::string other = add_server_of(provider);
    refused(api.transfer("CreateAccess",
                         {{"ServerId", other}, {"ExternalId", kGroup}, {"Role", kRole}}),
            std::string("Cannot create access on server with IdP type: ") + provider);
    refused(api.transfer("ListAccesses", {{"ServerId", other}}),
            std::string("Cannot list accesses on server with IdP type: ") + provider);
  }
}

TEST_F(TransferAccesses, WhatIsNotThereIsNamed) {
  const json nobody = {{"ServerId", "s-00000000000000000"}, {"ExternalId", kGroup}};
  for (const char* operation : {"DescribeAccess", "UpdateAccess", "DeleteAccess"}) {
    refused(api.transfer(operation, nobody), "Unknown server", "ResourceNotFoundException");
    const Answer answer = api.transfer(operation, request(kGroup));
    refused(answer, "Unknown access", "ResourceNotFoundException");
    EXPECT_EQ(answer.parsed()["Resource"], kGroup);
  }
}

TEST_F(TransferAccesses, AreListedInPagesUpToTheQuota) {
  for (const char* group : {"S-1-3", "S-1-1", "S-1-2"}) ASSERT_EQ(create(group).status, 200);
  refused(create("S-1-4"), "Cannot exceed quota for AccessesPerServer: 3");
  const Answer first = api.transfer("ListAccesses", {{"ServerId", server}, {"MaxResults", 2}});
  expect_output("ListAccesses", first.parsed());
  EXPECT_EQ(first.parsed()["Accesses"].size(), 2u);
  EXPECT_EQ(first.parsed()["Accesses"][0],
            json({{"ExternalId", "S-1-1"}, {"HomeDirectoryType", "PATH"}, {"Role", kRole}}));
  const Answer rest = api.transfer(
      "ListAccesses", {{"ServerId", server}, {"NextToken", first.parsed()["NextToken"]}});
  EXPECT_EQ(rest.parsed()["Accesses"].size(), 1u);
  EXPECT_FALSE(rest.parsed().contains("NextToken"));
  refused(api.transfer("ListAccesses", {{"ServerId", server}, {"NextToken", "x"}}),
          api.transfer("ListServers", {{"NextToken", "x"}}).message(), "InvalidNextTokenException");
}

TEST_F(TransferAccesses, KeepTheirServerUntilTheyAreDeleted) {
  ASSERT_EQ(create(kGroup).status, 200);
  refused(api.transfer("DeleteServer", {{"ServerId", server}}),
          "Server has accesses; delete them before deleting the server");
  const Answer deleted = api.transfer("DeleteAccess", request(kGroup));
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, "");
  refused(api.transfer("DescribeAccess", request(kGroup)), "Unknown access",
          "ResourceNotFoundException");
  EXPECT_EQ(api.transfer("DeleteServer", {{"ServerId", server}}).status, 200);
}

}  // namespace
}  // namespace sallyport::api
