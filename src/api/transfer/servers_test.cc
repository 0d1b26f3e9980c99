#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "api/services.h"
#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"
#include "ssh/host_key.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;

class TransferServers : public ::testing::Test {
 protected:
  void refused(const char* operation, const json& members, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    const Answer answer = api.transfer(operation, members);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }
  void accepted(const char* operation, const json& members) {
    const Answer answer = api.transfer(operation, members);
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  std::vector<model::HostKeyRecord> host_keys(const std::string& server) {
    state::Repository<model::HostKeyRecord> repository(*api.resources);
    auto page = net::sync_wait(repository.list(server, "", 100));
    std::vector<model::HostKeyRecord> keys;
    for (auto& item : page->items) keys.push_back(std::move(item.value));
    return keys;
  }

  ApiFixture api;
  const json vpc = {{"VpcId", "vpc-0123456789abcdef0"}, {"SubnetIds", {"subnet-1"}}};
  const json gateway = {{"Url", "https://example.com/prod"},
                        {"InvocationRole", "arn:aws:iam::000000000000:role/invoke"}};
};

TEST_F(TransferServers, ABareServerHasTheRecordedDefaults) {
  const std::string id = api.make_server();
  ASSERT_EQ(id.size(), 19u);
  const Answer answer = api.transfer("DescribeServer", {{"ServerId", id}});
  expect_output("DescribeServer", answer.parsed());
  json server = answer.parsed()["Server"];
  EXPECT_TRUE(server["HostKeyFingerprint"].get<std::string>().starts_with("SHA256:"));
  EXPECT_TRUE(server["HostKeyFingerprint"].get<std::string>().ends_with("="));
  server.erase("HostKeyFingerprint");
  EXPECT_EQ(server, json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:server/" + id},
                          {"Domain", "S3"},
                          {"EndpointType", "PUBLIC"},
                          {"IdentityProviderType", "SERVICE_MANAGED"},
                          {"IpAddressType", "IPV4"},
                          {"ProtocolDetails",
                           {{"PassiveIp", "AUTO"},
                            {"TlsSessionResumptionMode", "ENFORCED"},
                            {"SetStatOption", "DEFAULT"}}},
                          {"Protocols", {"SFTP"}},
                          {"S3StorageOptions", {{"DirectoryListingOptimization", "DISABLED"}}},
                          {"SecurityPolicyName", "TransferSecurityPolicy-2024-01"},
                          {"ServerId", id},
                          {"State", "STARTING"},
                          {"StructuredLogDestinations", json::array()},
                          {"Tags", json::array()},
                          {"UserCount", 0}}));
}

TEST_F(TransferServers, ANewServerHasThreeSealedHostKeys) {
  const std::string id = api.make_server();
  std::set<std::string> types;
  for (const auto& key : host_keys(id)) {
    types.insert(key.type);
    const auto opened =
        api.box.open(key.sealed_private_key, host_key_seal_context(model::ServerId(id), key.id));
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    const auto parsed = ssh::HostKey::parse(*opened);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->public_key().fingerprint_sha256_padded(), key.fingerprint);
    if (key.type == "ssh-rsa") {
      EXPECT_EQ(parsed->public_key().bits(), 3072);
      EXPECT_EQ(api.describe_server(id)["HostKeyFingerprint"], key.fingerprint);
    }
  }
  EXPECT_EQ(types, (std::set<std::string>{"ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519"}));
}

TEST_F(TransferServers, AnImportedHostKeyTakesThePlaceOfItsType) {
  const auto mine = ssh::HostKey::generate(ssh::HostKeyType::kRsa3072);
  ASSERT_TRUE(mine.ok());
  const std::string id = api.make_server({{"HostKey", mine->to_pem().reveal()}});
  EXPECT_EQ(api.describe_server(id)["HostKeyFingerprint"],
            mine->public_key().fingerprint_sha256_padded());
  EXPECT_EQ(host_keys(id).size(), 3u);

  const auto other = ssh::HostKey::generate(ssh::HostKeyType::kEd25519);
  accepted("UpdateServer", {{"ServerId", id}, {"HostKey", other->to_pem().reveal()}});
  EXPECT_EQ(api.describe_server(id)["HostKeyFingerprint"],
            mine->public_key().fingerprint_sha256_padded());
  int found = 0;
  for (const auto& key : host_keys(id))
    found += key.fingerprint == other->public_key().fingerprint_sha256_padded();
  EXPECT_EQ(found, 1);
  EXPECT_EQ(host_keys(id).size(), 3u);
}

TEST_F(TransferServers, RefusesAHostKeyThatIsNone) {
  refused("CreateServer", {{"HostKey", "not a key"}}, "Invalid host key format");
  const std::string id = api.add_server();
  refused("UpdateServer", {{"ServerId", id}, {"HostKey", "not a key"}}, "Invalid host key format");
}

TEST_F(TransferServers, PassThroughStartingAndStopping) {
  const std::string id = api.add_server();
  EXPECT_EQ(api.describe_server(id)["State"], "STARTING");
  api.set_state(id, model::ServerState::kOnline);
  const Answer stop = api.transfer("StopServer", {{"ServerId", id}});
  EXPECT_EQ(stop.status, 200);
  EXPECT_EQ(stop.body, "");
  EXPECT_EQ(api.describe_server(id)["State"], "STOPPING");
  api.set_state(id, model::ServerState::kOffline);
  accepted("StopServer", {{"ServerId", id}});
  EXPECT_EQ(api.describe_server(id)["State"], "OFFLINE");
  accepted("StartServer", {{"ServerId", id}});
  EXPECT_EQ(api.describe_server(id)["State"], "STARTING");
  api.set_state(id, model::ServerState::kOnline);
  accepted("StartServer", {{"ServerId", id}});
  EXPECT_EQ(api.describe_server(id)["State"], "ONLINE");
  api.set_state(id, model::ServerState::kStartFailed);
  accepted("StartServer", {{"ServerId", id}});
  EXPECT_EQ(api.describe_server(id)["State"], "STARTING");
}

TEST_F(TransferServers, StopAndDeleteEndTheSessionsBeforeTheyAnswer) {
  const std::string id = api.add_server();
  int ended = 0;
  auto entry = api.sessions.enter(model::ServerId(id), "127.0.0.1", {}, [&ended] { ++ended; });
  accepted("StopServer", {{"ServerId", id}});
  EXPECT_EQ(ended, 1);
  auto next = api.sessions.enter(model::ServerId(id), "127.0.0.1", {}, [&ended] { ++ended; });
  accepted("DeleteServer", {{"ServerId", id}});
  EXPECT_EQ(ended, 2);
}

TEST_F(TransferServers, ADeletedServerIsUnknownAndLeavesNoHostKeys) {
  const std::string id = api.make_server();
  const Answer answer = api.transfer("DeleteServer", {{"ServerId", id}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(host_keys(id).empty());
  for (const char* operation : {"DescribeServer", "DeleteServer", "StartServer", "StopServer",
                                "UpdateServer", "ListUsers"}) {
    const Answer gone = api.transfer(operation, {{"ServerId", id}});
    EXPECT_EQ(gone.status, 400) << operation;
    EXPECT_EQ(gone.parsed(), json({{"__type", "ResourceNotFoundException"},
                                   {"Message", "Unknown server"},
                                   {"Resource", id},
                                   {"ResourceType", "Server"}}))
        << operation;
  }
}

TEST_F(TransferServers, AServerWithUsersIsNotDeleted) {
  const std::string id = api.add_server();
  accepted("CreateUser", {{"ServerId", id}, {"UserName", "ann"}, {"Role", testing::kRole}});
  refused("DeleteServer", {{"ServerId", id}},
          "Server has users; delete them before deleting the server");
  EXPECT_EQ(api.describe_server(id)["UserCount"], 1);
}

TEST_F(TransferServers, AreListedPageByPage) {
  std::set<std::string> made, seen;
  for (int i = 0; i < 3; ++i) made.insert(api.add_server());
  json request = {{"MaxResults", 2}};
  int pages = 0;
  while (true) {
    const Answer answer = api.transfer("ListServers", request);
    ASSERT_EQ(answer.status, 200) << answer.body;
    expect_output("ListServers", answer.parsed());
    ++pages;
    const json page = answer.parsed();
    for (const auto& server : page["Servers"]) seen.insert(server["ServerId"].get<std::string>());
    if (!page.contains("NextToken")) break;
    request["NextToken"] = page["NextToken"];
  }
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(seen, made);
}

TEST_F(TransferServers, RefuseAPageTokenThatIsNotTheirs) {
  const Answer answer = api.transfer("ListServers", {{"NextToken", "AAAA"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.type(), "InvalidNextTokenException");
}

TEST_F(TransferServers, HaveAQuota) {
  TransferLimits limits;
  limits.servers = 1;
  ApiFixture small(limits);
  small.add_server();
  const Answer answer = small.transfer("CreateServer", json::object());
  EXPECT_EQ(answer.type(), "InvalidRequestException");
  EXPECT_EQ(answer.message(), "Cannot exceed quota for ServersPerAccount: 1");
}

TEST_F(TransferServers, KeepWhatWasAskedFor) {
  const json members = {
      {"EndpointType", "VPC"},
      {"EndpointDetails", vpc},
      {"IdentityProviderType", "API_GATEWAY"},
      {"IdentityProviderDetails", gateway},
      {"LoggingRole", "arn:aws:iam::000000000000:role/log"},
      {"Protocols", {"SFTP", "FTPS"}},
      {"Certificate", "arn:aws:acm:us-east-1:000000000000:certificate/1"},
      {"PreAuthenticationLoginBanner", "hello"},
      {"ProtocolDetails",
       {{"SetStatOption", "ENABLE_NO_OP"},
        {"SftpPorts", {{{"SftpPort", 2222}}}},
        {"ProxyConfig", {{"SftpMode", "NONE"}}}}},
      {"StructuredLogDestinations", {"arn:aws:logs:us-east-1:000000000000:log-group:mine:*"}},
      {"Tags", {{{"Key", "team"}, {"Value", ""}}}},
      {"IpAddressType", "DUALSTACK"}};
  const std::string id = api.make_server(members);
  const Answer answer = api.transfer("DescribeServer", {{"ServerId", id}});
  expect_output("DescribeServer", answer.parsed());
  const json server = answer.parsed()["Server"];
  for (const char* name :
       {"EndpointType", "IdentityProviderType", "LoggingRole", "Protocols", "Certificate",
        "PreAuthenticationLoginBanner", "StructuredLogDestinations", "Tags", "IpAddressType"})
    EXPECT_EQ(server[name], members[name]) << name;
  for (const auto& [name, value] : vpc.items()) EXPECT_EQ(server["EndpointDetails"][name], value);
  EXPECT_EQ(server["ProtocolDetails"]["SetStatOption"], "ENABLE_NO_OP");
  EXPECT_EQ(server["ProtocolDetails"]["SftpPorts"][0]["SftpPort"], 2222);
  EXPECT_EQ(server["IdentityProviderDetails"]["SftpAuthenticationMethods"],
            "PUBLIC_KEY_OR_PASSWORD");
}

TEST_F(TransferServers, RefuseEndpointDetailsThatDoNotFit) {
  refused("CreateServer", {{"EndpointDetails", vpc}},
          "EndpointDetails invalid for PUBLIC endpoints");
  json addresses = vpc;
  addresses["AddressAllocationIds"] = {"eipalloc-1"};
  refused("CreateServer", {{"EndpointType", "VPC"}, {"EndpointDetails", addresses}},
          "AddressAllocationIds cannot be set in CreateServer");
  json endpoint = vpc;
  endpoint["VpcEndpointId"] = "vpce-0123456789abcdef0";
  refused("CreateServer", {{"EndpointType", "VPC"}, {"EndpointDetails", endpoint}},
          "VPC Endpoint ID unsupported for EndpointType: VPC");
  refused("CreateServer", {{"EndpointType", "VPC_ENDPOINT"}, {"EndpointDetails", endpoint}},
          "Subnet IDs unsupported for EndpointType: VPC_ENDPOINT");
  refused("CreateServer", {{"EndpointType", "VPC"}}, "VpcId required for EndpointType: VPC");
  const auto with_subnets = [this](const json& subnets) {
    json details = vpc;
    details["SubnetIds"] = subnets;
    return json{{"EndpointType", "VPC"}, {"EndpointDetails", details}};
  };
  refused("CreateServer", with_subnets({"a", "b", "c", "d"}), "At most 3 SubnetIds are supported");
  refused("CreateServer", with_subnets({"a", "a"}), "SubnetIds must be unique");
}

TEST_F(TransferServers, GetAVpcEndpointThatStaysWhileTheTypeDoes) {
  const std::string id = api.make_server({{"EndpointType", "VPC"}, {"EndpointDetails", vpc}});
  const std::string endpoint = api.describe_server(id)["EndpointDetails"]["VpcEndpointId"];
  EXPECT_EQ(endpoint.size(), 22u);
  EXPECT_TRUE(endpoint.starts_with("vpce-"));
  accepted("UpdateServer",
           {{"ServerId", id}, {"EndpointDetails", {{"SubnetIds", {"subnet-2", "subnet-3"}}}}});
  EXPECT_EQ(api.describe_server(id)["EndpointDetails"]["VpcEndpointId"], endpoint);
  refused("UpdateServer", {{"ServerId", id}, {"EndpointDetails", {{"VpcEndpointId", endpoint}}}},
          "VPC Endpoint ID unsupported for EndpointType: VPC");

  api.set_state(id, model::ServerState::kOffline);
  accepted("UpdateServer", {{"ServerId", id}, {"EndpointType", "PUBLIC"}});
  EXPECT_FALSE(api.describe_server(id).contains("EndpointDetails"));
  accepted("UpdateServer", {{"ServerId", id}, {"EndpointType", "VPC"}, {"EndpointDetails", vpc}});
  EXPECT_NE(api.describe_server(id)["EndpointDetails"]["VpcEndpointId"], endpoint);
}

TEST_F(TransferServers, HaveAsManyAddressesAsSubnets) {
  const std::string id = api.make_server({{"EndpointType", "VPC"}, {"EndpointDetails", vpc}});
  api.set_state(id, model::ServerState::kOffline);
  const auto with = [&id](const json& details) {
    return json{{"ServerId", id}, {"EndpointDetails", details}};
  };
  refused("UpdateServer", with({{"AddressAllocationIds", {"eipalloc-1", "eipalloc-2"}}}),
          "AddressAllocationIds must be as many as SubnetIds");
  const json subnets = {{"SubnetIds", {"a", "b", "c"}}};
  json both = subnets;
  both["AddressAllocationIds"] = {"1", "2", "3"};
  refused("UpdateServer", with(both),
          "SubnetIds and AddressAllocationIds cannot be updated simultaneously");
  accepted("UpdateServer", with(subnets));
  accepted("UpdateServer", with(both));
  refused("UpdateServer", with({{"AddressAllocationIds", {"1", "2", "2"}}}),
          "AddressAllocationIds must be unique");
  refused("UpdateServer", with({{"SubnetIds", {"a", "b"}}}),
          "AddressAllocationIds must be removed before SubnetIds can be modified");
  accepted("UpdateServer", with({{"AddressAllocationIds", json::array()}}));
  accepted("UpdateServer", with({{"SubnetIds", {"a", "b"}}}));
}

TEST_F(TransferServers, ChangeTheirIpAddressTypeOnlyOfflineAndWithoutAddresses) {
  const std::string id = api.make_server({{"EndpointType", "VPC"}, {"EndpointDetails", vpc}});
  const json dual = {{"ServerId", id}, {"IpAddressType", "DUALSTACK"}};
  api.set_state(id, model::ServerState::kOnline);
  refused("UpdateServer", dual, "Server must be OFFLINE to change IpAddressType");
  accepted("UpdateServer", {{"ServerId", id}, {"IpAddressType", "IPV4"}});
  api.set_state(id, model::ServerState::kOffline);
  const json addresses = {{"ServerId", id},
                          {"EndpointDetails", {{"AddressAllocationIds", {"eipalloc-1"}}}}};
  accepted("UpdateServer", dual);
  refused("UpdateServer", addresses,
          "AddressAllocationIds unsupported for IpAddressType: DUALSTACK");
  accepted("UpdateServer", {{"ServerId", id}, {"IpAddressType", "IPV4"}});
  accepted("UpdateServer", addresses);
  refused("UpdateServer", dual, "AddressAllocationIds unsupported for IpAddressType: DUALSTACK");
}

TEST_F(TransferServers, OfTypeVpcEndpointAreRefusedAsWithdrawn) {
  const json old = {{"EndpointType", "VPC_ENDPOINT"},
                    {"EndpointDetails", {{"VpcEndpointId", "vpce-0123456789abcdef0"}}}};
  const std::string text =
      "EndpointType VPC_ENDPOINT has not been available for new servers since May 19, 2021. Use "
      "EndpointType VPC; for servers that are moved here, set api.allow_vpc_endpoint_type.";
  refused("CreateServer", old, text);
  json change = old;
  change["ServerId"] = api.add_server();
  api.set_state(change["ServerId"], model::ServerState::kOffline);
  refused("UpdateServer", change, text);
}

TEST(TransferVpcEndpointServers, AreMadeWhereASettingAllowsThem) {
  TransferLimits limits;
  limits.vpc_endpoint_servers = 1;
  ApiFixture api(limits, true);
  json request = {{"EndpointType", "VPC_ENDPOINT"},
                  {"EndpointDetails", {{"VpcEndpointId", "vpce-0123456789abcdef0"}}}};
  for (const auto& [member, message] : std::map<std::string, std::string>{
           {"VpcId", "VPC ID"}, {"AddressAllocationIds", "Address Allocation IDs"}}) {
    json more = request;
    more["EndpointDetails"][member] = member == "VpcId" ? json("vpc-1") : json({"eipalloc-1"});
    const Answer answer = api.transfer("CreateServer", more);
    EXPECT_EQ(answer.type(), "InvalidRequestException");
    EXPECT_EQ(answer.message(), member == "VpcId"
                                    ? message + " unsupported for EndpointType: VPC_ENDPOINT"
                                    : "AddressAllocationIds cannot be set in CreateServer");
  }
  const std::string id = api.make_server(request);
  EXPECT_EQ(api.describe_server(id)["EndpointDetails"],
            json({{"VpcEndpointId", "vpce-0123456789abcdef0"}}));
  EXPECT_EQ(api.transfer("CreateServer", request).message(),
            "Cannot exceed quota for VpcEndpointServersPerAccount: 1");
  request["ServerId"] = id;
  request["EndpointDetails"]["VpcEndpointId"] = "vpce-0123456789abcdef1";
  EXPECT_EQ(api.transfer("UpdateServer", request).status, 200);
}

TEST_F(TransferServers, RefuseProviderDetailsWithoutTheirType) {
  refused("CreateServer",
          {{"IdentityProviderType", "SERVICE_MANAGED"},
           {"IdentityProviderDetails", {{"SftpAuthenticationMethods", "PUBLIC_KEY"}}}},
          "Must specify IdentityProviderType with IdentityProviderDetails");
  refused("CreateServer", {{"IdentityProviderType", "AWS_LAMBDA"}},
          "Must specify Function for IdP type: AWS_LAMBDA");
}

TEST_F(TransferServers, KeepTheDetailsOfEachProviderAndRefuseThoseOfOthers) {
  const json own = {
      {"API_GATEWAY", gateway},
      {"AWS_LAMBDA", {{"Function", "arn:aws:lambda:us-east-1:000000000000:function:f"}}},
      {"AWS_DIRECTORY_SERVICE", {{"DirectoryId", "d-0123456789"}}}};
  for (const auto& [type, details] : own.items()) {
    const std::string id =
        api.make_server({{"IdentityProviderType", type}, {"IdentityProviderDetails", details}});
    json shown = api.describe_server(id)["IdentityProviderDetails"];
    if (type != "AWS_DIRECTORY_SERVICE") {
      EXPECT_EQ(shown["SftpAuthenticationMethods"], "PUBLIC_KEY_OR_PASSWORD");
      shown.erase("SftpAuthenticationMethods");
    }
    EXPECT_EQ(shown, details);
    for (const auto& [other, others] : own.items()) {
      if (other == type) continue;
      for (const auto& [member, value] : others.items())
        refused("UpdateServer", {{"ServerId", id}, {"IdentityProviderDetails", {{member, value}}}},
                member + " unsupported for IdP type: " + type);
    }
  }
  refused("CreateServer",
          {{"IdentityProviderType", "AWS_DIRECTORY_SERVICE"},
           {"IdentityProviderDetails",
            {{"DirectoryId", "d-0123456789"}, {"SftpAuthenticationMethods", "PASSWORD"}}}},
          "SftpAuthenticationMethods unsupported for IdP type: AWS_DIRECTORY_SERVICE");
}

TEST_F(TransferServers, RefuseProtocolsThatDoNotFit) {
  refused("CreateServer", {{"Protocols", {"FTP"}}},
          "FTP and FTPS protocols require EndpointType: VPC");
  refused("CreateServer",
          {{"Protocols", {"FTP"}}, {"EndpointType", "VPC"}, {"EndpointDetails", vpc}},
          "FTP and FTPS protocols are unsupported for IdP type: SERVICE_MANAGED");
  refused("CreateServer",
          {{"Protocols", {"FTPS"}},
           {"EndpointType", "VPC"},
           {"EndpointDetails", vpc},
           {"IdentityProviderType", "API_GATEWAY"},
           {"IdentityProviderDetails", gateway}},
          "Certificate required for protocol: FTPS");
  refused("CreateServer", {{"Protocols", {"AS2"}}}, "AS2 protocol requires EndpointType: VPC");
  refused("CreateServer",
          {{"Protocols", {"AS2"}},
           {"Domain", "EFS"},
           {"EndpointType", "VPC"},
           {"EndpointDetails", vpc}},
          "AS2 protocol requires Domain: S3");
  refused("CreateServer", {{"Protocols", {"SFTP", "SFTP"}}}, "Protocols must be unique");
}

TEST_F(TransferServers, RefusePortsOutsideTheDocumentedRange) {
  const auto with_port = [](int port) {
    return json{{"ProtocolDetails", {{"SftpPorts", {{{"SftpPort", port}}}}}}};
  };
  refused("CreateServer", with_port(1999), "SftpPort must be 22 or between 2000 and 65535");
  EXPECT_EQ(api.transfer("CreateServer", with_port(65536)).type(), "ValidationException");
  EXPECT_EQ(api.transfer("CreateServer", with_port(21)).type(), "ValidationException");
  api.make_server(with_port(2000));
}

TEST_F(TransferServers, ShowTheirPortsWithWhoTalksFirst) {
  const json ports = {{{"SftpPort", 22}, {"CommunicationMode", "SERVER_TALK_FIRST"}},
                      {{"SftpPort", 2223}, {"CommunicationMode", "CLIENT_TALK_FIRST"}},
                      {{"SftpPort", 65535}, {"CommunicationMode", "SERVER_TALK_FIRST"}}};
  json asked = ports;
  asked[0].erase("CommunicationMode");
  const std::string id = api.make_server({{"ProtocolDetails", {{"SftpPorts", asked}}}});
  EXPECT_EQ(api.describe_server(id)["ProtocolDetails"]["SftpPorts"], ports);
  accepted("UpdateServer",
           {{"ServerId", id}, {"ProtocolDetails", {{"SftpPorts", {{{"SftpPort", 2300}}}}}}});
  EXPECT_EQ(api.describe_server(id)["ProtocolDetails"]["SftpPorts"].size(), 1u);
}

TEST_F(TransferServers, RefusePortsTwiceOrTooMany) {
  const auto with_ports = [](const std::vector<int>& ports) {
    json list = json::array();
    for (const int port : ports) list.push_back({{"SftpPort", port}});
    return json{{"ProtocolDetails", {{"SftpPorts", list}}}};
  };
  refused("CreateServer", with_ports({2222, 2222}), "SftpPort must be unique");
  EXPECT_EQ(api.transfer("CreateServer", with_ports({2000, 2001, 2002, 2003})).type(),
            "ValidationException");
  EXPECT_EQ(api.transfer("CreateServer", with_ports({})).type(), "ValidationException");
  const json nobody = {{{"SftpPort", 2222}, {"CommunicationMode", "NOBODY_TALKS"}}};
  EXPECT_EQ(api.transfer("CreateServer", {{"ProtocolDetails", {{"SftpPorts", nobody}}}}).type(),
            "ValidationException");
}

TEST_F(TransferServers, RefuseWhatTheyCannotKnow) {
  refused("CreateServer", {{"SecurityPolicyName", "TransferSecurityPolicy-1999-01"}},
          "Unknown security policy TransferSecurityPolicy-1999-01");
  refused("CreateServer",
          {{"WorkflowDetails",
            {{"OnUpload",
              {{{"WorkflowId", "w-0123456789abcdef0"}, {"ExecutionRole", testing::kRole}}}}}}},
          "Unknown workflow", "ResourceNotFoundException");
  refused("CreateServer",
          {{"Tags", {{{"Key", "a"}, {"Value", "1"}}, {{"Key", "a"}, {"Value", "2"}}}}},
          "Tag keys must be unique");
}

TEST_F(TransferServers, AnUpdateChangesOnlyWhatIsGiven) {
  const std::string id = api.make_server({{"PreAuthenticationLoginBanner", "hello"}});
  const json before = api.describe_server(id);
  const Answer answer = api.transfer(
      "UpdateServer", {{"ServerId", id}, {"ProtocolDetails", {{"SetStatOption", "ENABLE_NO_OP"}}}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateServer", answer.parsed());
  json expected = before;
  expected["ProtocolDetails"]["SetStatOption"] = "ENABLE_NO_OP";
  EXPECT_EQ(api.describe_server(id), expected);
}

TEST_F(TransferServers, AnEmptyLoggingRoleTakesItAway) {
  const std::string id = api.make_server({{"LoggingRole", "arn:aws:iam::000000000000:role/log"}});
  EXPECT_TRUE(api.describe_server(id).contains("LoggingRole"));
  accepted("UpdateServer", {{"ServerId", id}, {"LoggingRole", ""}});
  EXPECT_FALSE(api.describe_server(id).contains("LoggingRole"));
}

TEST_F(TransferServers, RefuseChangesThatNeedAnOfflineServer) {
  const std::string id = api.add_server();
  api.set_state(id, model::ServerState::kOnline);
  const json to_vpc = {{"ServerId", id}, {"EndpointType", "VPC"}, {"EndpointDetails", vpc}};
  refused("UpdateServer", to_vpc, "Server must be OFFLINE to change EndpointType");
  api.set_state(id, model::ServerState::kOffline);
  json with_addresses = to_vpc;
  with_addresses["EndpointDetails"]["AddressAllocationIds"] = {"eipalloc-1"};
  refused("UpdateServer", with_addresses,
          "Cannot specify AddressAllocationids when updating server to EndpointType: VPC");
  accepted("UpdateServer", to_vpc);

  const json addresses = {{"ServerId", id},
                          {"EndpointDetails", {{"AddressAllocationIds", {"eipalloc-1"}}}}};
  api.set_state(id, model::ServerState::kOnline);
  refused("UpdateServer", addresses, "Server must be OFFLINE to change AddressAllocationIds");
  api.set_state(id, model::ServerState::kOffline);
  accepted("UpdateServer", addresses);
  refused("UpdateServer", {{"ServerId", id}, {"EndpointDetails", {{"SubnetIds", {"subnet-2"}}}}},
          "AddressAllocationIds must be removed before SubnetIds can be modified");
  refused("UpdateServer", {{"ServerId", id}, {"EndpointDetails", {{"VpcId", "vpc-2"}}}},
          "Changing VpcId is not supported");
  refused("UpdateServer",
          {{"ServerId", id}, {"EndpointDetails", {{"SecurityGroupIds", {"sg-0123456789abcdef0"}}}}},
          "Changing Security Group is not supported");
}

TEST_F(TransferServers, ARefusedUpdateChangesNothing) {
  const std::string id = api.add_server();
  const json before = api.describe_server(id);
  refused("UpdateServer",
          {{"ServerId", id}, {"PreAuthenticationLoginBanner", "x"}, {"Protocols", {"FTP"}}},
          "FTP and FTPS protocols require EndpointType: VPC");
  EXPECT_EQ(api.describe_server(id), before);
}

TEST_F(TransferServers, TagsThatSayHowToServeAreChecked) {
  const std::string expected =
      "Tag sallyport:sftp-port is '2222x'; ports from 1 to 65535, each once, are expected, e.g. "
      "2222 "
      "or 2222,2223/client-first";
  const json tags = {{{"Key", "sallyport:sftp-port"}, {"Value", "2222x"}}};
  refused("CreateServer", {{"Tags", tags}}, expected);
  const std::string id = api.transfer("CreateServer", json::object()).parsed()["ServerId"];
  const json described = api.transfer("DescribeServer", {{"ServerId", id}}).parsed()["Server"];
  refused("TagResource", {{"Arn", described["Arn"]}, {"Tags", tags}}, expected);
}

}  // namespace
}  // namespace sallyport::api
