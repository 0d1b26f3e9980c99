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
using testing::kEcdsaKey;
using testing::kEd25519Key;
using testing::kRole;

class TransferConnectors : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.connectors = 2;
    return limits;
  }

  std::string add_profile(const std::string& type) {
    model::Profile profile;
    profile.id = model::ProfileId("p-" + api.random.hex(17));
    profile.type = type;
    profile.as2_id = "same";
    api.put(profile);
    return profile.id.str();
  }
  std::string add_as2_server() {
    model::Server server;
    server.id = model::ServerId("s-" + api.random.hex(17));
    server.arn = model::Place{}.server_arn(server.id);
    server.protocols = {"AS2"};
    api.put(server);
    return server.id.str();
  }
  json as2_config(const json& members = json::object()) {
    json out = {{"LocalProfileId", local},      {"PartnerProfileId", partner},
                {"Compression", "ZLIB"},        {"EncryptionAlgorithm", "AES256_CBC"},
                {"SigningAlgorithm", "SHA256"}, {"MdnSigningAlgorithm", "DEFAULT"},
                {"MdnResponse", "SYNC"}};
    out.update(members);
    return out;
  }
  Answer create_as2(const json& config = json::object(), const json& members = json::object()) {
    json request = {{"Url", "https://partner.example.com/as2"},
                    {"AccessRole", kRole},
                    {"As2Config", as2_config(config)}};
    request.update(members);
    return api.transfer("CreateConnector", request);
  }
  Answer create_sftp(const json& config = json::object(), const json& members = json::object()) {
    json request = {{"Url", "sftp://partner.example.com"},
                    {"AccessRole", kRole},
                    {"SftpConfig", {{"UserSecretId", "secret"}}}};
    request["SftpConfig"].update(config);
    request.update(members);
    return api.transfer("CreateConnector", request);
  }
  std::string id_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.parsed().value("ConnectorId", "");
  }
  json describe(const std::string& id) {
    const Answer answer = api.transfer("DescribeConnector", {{"ConnectorId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeConnector", answer.parsed());
    return answer.parsed()["Connector"];
  }
  Answer update(const std::string& id, json members) {
    members["ConnectorId"] = id;
    return api.transfer("UpdateConnector", members);
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  static json lattice(const json& members = json::object()) {
    json out = {{"ResourceConfigurationArn",
                 "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/"
                 "rcfg-0123456789abcdefg"}};
    out.update(members);
    return {{"VpcLattice", out}};
  }

  ApiFixture api{limits()};
  const std::string local = add_profile("LOCAL");
  const std::string partner = add_profile("PARTNER");
};

TEST_F(TransferConnectors, AnAs2ConnectorShowsWhatWasAskedFor) {
  const json more = {{"MessageSubject", "orders"}, {"PreserveContentType", "ENABLED"}};
  const Answer made =
      create_as2(more, {{"LoggingRole", kRole}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}});
  expect_output("CreateConnector", made.parsed());
  const std::string id = id_of(made);
  EXPECT_EQ(describe(id), json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:connector/" + id},
                                {"ConnectorId", id},
                                {"Url", "https://partner.example.com/as2"},
                                {"As2Config", as2_config(more)},
                                {"AccessRole", kRole},
                                {"LoggingRole", kRole},
                                {"EgressType", "SERVICE_MANAGED"},
                                {"IpAddressType", "IPV4"},
                                {"Status", "ACTIVE"},
                                {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}}));
}

TEST_F(TransferConnectors, AnSftpConnectorHasTheDocumentedDefaults) {
  const std::string id = id_of(create_sftp());
  EXPECT_EQ(describe(id),
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:connector/" + id},
                  {"ConnectorId", id},
                  {"Url", "sftp://partner.example.com"},
                  {"SftpConfig", {{"UserSecretId", "secret"}, {"MaxConcurrentConnections", 1}}},
                  {"SecurityPolicyName", "TransferSFTPConnectorSecurityPolicy-2024-03"},
                  {"AccessRole", kRole},
                  {"EgressType", "SERVICE_MANAGED"},
                  {"IpAddressType", "IPV4"},
                  {"Status", "ACTIVE"}}));
}

TEST_F(TransferConnectors, AreOfOneKind) {
  const char* message = "Must specify either As2Config or SftpConfig";
  refused(create_as2(json::object(), {{"SftpConfig", {{"UserSecretId", "secret"}}}}), message);
  refused(api.transfer("CreateConnector", {{"AccessRole", kRole}, {"Url", "sftp://a"}}), message);
  const std::string as2 = id_of(create_as2()), sftp = id_of(create_sftp());
  refused(update(as2, {{"SftpConfig", {{"MaxConcurrentConnections", 2}}}}),
          "SftpConfig unsupported for AS2 connectors");
  refused(update(sftp, {{"As2Config", {{"MdnResponse", "NONE"}}}}),
          "As2Config unsupported for SFTP connectors");
}

TEST_F(TransferConnectors, UrlsFitTheKind) {
  for (const char* url : {"sftp://h:2222", "sftp://192.0.2.1", "sftp://h/"}) {
    const std::string id = id_of(create_sftp(json::object(), {{"Url", url}}));
    EXPECT_EQ(describe(id)["Url"], url);
    ASSERT_EQ(api.transfer("DeleteConnector", {{"ConnectorId", id}}).status, 200);
  }
  for (const char* url : {"", "h", "https://h", "sftp://", "sftp://h:0", "sftp://h:70000",
                          "sftp://h/path", "sftp://user@h"})
    refused(create_sftp(json::object(), {{"Url", url}}),
            "Url must be sftp://host[:port] for SFTP connectors");
  for (const char* url : {"", "sftp://h", "ftp://h", "https://"})
    refused(create_as2(json::object(), {{"Url", url}}),
            "Url must be an http or https URL for AS2 connectors");
}

TEST_F(TransferConnectors, As2NeedsItsConfigurationWhole) {
  for (const char* member : {"LocalProfileId", "PartnerProfileId", "Compression",
                             "EncryptionAlgorithm", "SigningAlgorithm", "MdnResponse"}) {
    json config = as2_config();
    config.erase(member);
    refused(create_as2(json::object(), {{"As2Config", config}}),
            std::string(member) + " required for AS2 connectors");
  }
}

TEST_F(TransferConnectors, WhatIsNeitherEncryptedNorTlsIsRefused) {
  const json http = {{"Url", "http://partner.example.com"}};
  refused(create_as2({{"EncryptionAlgorithm", "NONE"}}, http),
          "EncryptionAlgorithm: NONE requires an https Url");
  refused(create_as2({{"BasicAuthSecretId", "secret"}}, http),
          "BasicAuthSecretId requires an https Url");
  const json bare = {{"Compression", "DISABLED"},
                     {"SigningAlgorithm", "NONE"},
                     {"MdnResponse", "NONE"},
                     {"MdnSigningAlgorithm", "NONE"}};
  EXPECT_EQ(create_as2(bare, http).status, 200);
  const std::string id = id_of(create_as2({{"EncryptionAlgorithm", "NONE"}}));
  refused(update(id, http), "EncryptionAlgorithm: NONE requires an https Url");
}

TEST_F(TransferConnectors, AsynchronousReceiptsNeedAnAs2Server) {
  const std::string server = add_as2_server();
  const auto async = [](const json& ids) {
    return json{{"MdnResponse", "ASYNC"},
                {"AsyncMdnConfig", {{"Url", "http://us.example.com:5080"}, {"ServerIds", ids}}}};
  };
  refused(create_as2({{"MdnResponse", "ASYNC"}}), "AsyncMdnConfig required for MdnResponse: ASYNC");
  json both = async({server});
  both["MdnResponse"] = "SYNC";
  refused(create_as2(both), "AsyncMdnConfig unsupported for MdnResponse: SYNC");
  refused(create_as2(async({"s-0123456789abcdef0"})), "Unknown server",
          "ResourceNotFoundException");
  const std::string plain = api.add_server();
  refused(create_as2(async({plain})), "Server " + plain + " does not have protocol: AS2");
  json odd = async({server});
  odd["AsyncMdnConfig"]["Url"] = "mailto:us@example.com";
  refused(create_as2(odd), "AsyncMdnConfig Url must be an http or https URL");

  const std::string id = id_of(create_as2(async({server})));
  EXPECT_EQ(describe(id)["As2Config"]["AsyncMdnConfig"]["ServerIds"], json({server}));
  ASSERT_EQ(update(id, {{"As2Config", async({server, server})}}).status, 200);
  refused(api.transfer("DeleteServer", {{"ServerId", server}}),
          "Server is still in use by connector " + id);
  ASSERT_EQ(update(id, {{"As2Config", {{"MdnResponse", "SYNC"}}}}).status, 200);
  EXPECT_FALSE(describe(id)["As2Config"].contains("AsyncMdnConfig"));
  EXPECT_EQ(api.transfer("DeleteServer", {{"ServerId", server}}).status, 200);
}

TEST_F(TransferConnectors, NeedProfilesOfTheRightTypeAndKeepThem) {
  refused(create_as2({{"LocalProfileId", "p-0123456789abcdef0"}}), "Unknown profile",
          "ResourceNotFoundException");
  refused(create_as2({{"LocalProfileId", partner}}),
          "Profile " + partner + " is not of type LOCAL");
  const std::string id = id_of(create_as2());
  refused(update(id, {{"As2Config", {{"PartnerProfileId", local}}}}),
          "Profile " + local + " is not of type PARTNER");
  refused(api.transfer("DeleteProfile", {{"ProfileId", partner}}),
          "Profile is still in use by connector " + id);
  const Answer gone = api.transfer("DeleteConnector", {{"ConnectorId", id}});
  EXPECT_EQ(gone.status, 200) << gone.body;
  EXPECT_EQ(gone.body, "");
  EXPECT_EQ(api.transfer("DeleteProfile", {{"ProfileId", partner}}).status, 200);
}

TEST_F(TransferConnectors, TrustOnlyKeysInTheDocumentedForm) {
  const std::string key = kEcdsaKey;
  EXPECT_EQ(create_sftp({{"TrustedHostKeys", {key, "partner.example.com " + key}}}).status, 200);
  for (const std::string& bad :
       {std::string("key"), key + " comment", std::string(kEd25519Key), key.substr(0, 60),
        "a b " + key, std::string("ssh-rsa AAAA"), std::string(" "), key + "\n" + key})
    refused(create_sftp({{"TrustedHostKeys", {bad}}}), "Invalid host key format.");
}

TEST_F(TransferConnectors, SftpIsBounded) {
  refused(create_sftp({{"MaxConcurrentConnections", 6}}),
          "Cannot exceed quota for MaxConcurrentConnections: 5");
  EXPECT_EQ(create_sftp({{"MaxConcurrentConnections", 0}}).type(), "ValidationException");
  EXPECT_EQ(create_sftp({{"MaxConcurrentConnections", 5}}).status, 200);
  refused(
      api.transfer("CreateConnector",
                   {{"Url", "sftp://h"}, {"AccessRole", kRole}, {"SftpConfig", json::object()}}),
      "UserSecretId required for SFTP connectors");
}

TEST_F(TransferConnectors, SecurityPoliciesAreThoseOfConnectors) {
  const char* known = "TransferSFTPConnectorSecurityPolicy-FIPS-2024-10";
  EXPECT_EQ(describe(id_of(create_sftp(json::object(),
                                       {{"SecurityPolicyName", known}})))["SecurityPolicyName"],
            known);
  refused(create_sftp(json::object(),
                      {{"SecurityPolicyName", "TransferSFTPConnectorSecurityPolicy-1999"}}),
          "Unknown security policy TransferSFTPConnectorSecurityPolicy-1999");
  EXPECT_EQ(create_sftp(json::object(), {{"SecurityPolicyName", "TransferSecurityPolicy-2024-01"}})
                .type(),
            "ValidationException");
  refused(create_as2(json::object(), {{"SecurityPolicyName", known}}),
          "SecurityPolicyName unsupported for AS2 connectors");
}

TEST_F(TransferConnectors, AVpcLatticeEgressReplacesTheUrlAndSaysThatItDoesNotWork) {
  json request = {{"AccessRole", kRole},
                  {"SftpConfig", {{"UserSecretId", "secret"}, {"TrustedHostKeys", {kEcdsaKey}}}},
                  {"EgressConfig", lattice({{"PortNumber", 2222}})}};
  const json shown = describe(id_of(api.transfer("CreateConnector", request)));
  EXPECT_EQ(shown["EgressType"], "VPC_LATTICE");
  EXPECT_EQ(shown["EgressConfig"], request["EgressConfig"]);
  EXPECT_EQ(shown["Status"], "ERRORED");
  EXPECT_EQ(shown["ErrorMessage"], "VPC Lattice is not available in this version of Sallyport.");
  EXPECT_FALSE(shown.contains("Url"));
  refused(create_sftp(json::object(), {{"EgressConfig", lattice()}}),
          "Url unsupported with EgressConfig");
  refused(create_as2(json::object(), {{"EgressConfig", lattice()}}),
          "EgressConfig unsupported for AS2 connectors");
  request["SftpConfig"]["TrustedHostKeys"] = {std::string("host ") + kEcdsaKey};
  refused(api.transfer("CreateConnector", request), "Invalid host key format.");
}

TEST_F(TransferConnectors, AnSftpConnectorGoesFromItsUrlToAnEgressAndBack) {
  const std::string id = id_of(create_sftp());
  const json before = describe(id);
  ASSERT_EQ(update(id, {{"EgressConfig", lattice()}}).status, 200);
  EXPECT_EQ(describe(id)["EgressType"], "VPC_LATTICE");
  EXPECT_FALSE(describe(id).contains("Url"));
  refused(update(id, {{"EgressConfig", lattice()}, {"Url", before["Url"]}}),
          "Url unsupported with EgressConfig");
  ASSERT_EQ(update(id, {{"Url", before["Url"]}}).status, 200);
  EXPECT_EQ(describe(id), before);
}

TEST_F(TransferConnectors, AnSftpConnectorTriesVersionsOfItsSecretInOrder) {
  const json both = {"AWSPREVIOUS", "AWSCURRENT"};
  const std::string id = id_of(create_sftp({{"OrderedUserSecretVersionStages", both}}));
  EXPECT_EQ(describe(id)["SftpConfig"]["OrderedUserSecretVersionStages"], both);
  refused(update(id, {{"SftpConfig", {{"OrderedUserSecretVersionStages", {"A", "A"}}}}}),
          "OrderedUserSecretVersionStages must be unique");
  const Answer three =
      update(id, {{"SftpConfig", {{"OrderedUserSecretVersionStages", {"A", "B", "C"}}}}});
  EXPECT_EQ(three.type(), "ValidationException") << three.body;
  ASSERT_EQ(
      update(id, {{"SftpConfig", {{"OrderedUserSecretVersionStages", json::array()}}}}).status,
      200);
  EXPECT_FALSE(describe(id)["SftpConfig"].contains("OrderedUserSecretVersionStages"));
}

TEST_F(TransferConnectors, AnUpdateChangesOnlyWhatIsGiven) {
  const std::string id = id_of(create_as2({{"MessageSubject", "orders"}}));
  json expected = describe(id);
  const Answer answer = update(id, {{"As2Config", {{"SigningAlgorithm", "SHA512"}}}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateConnector", answer.parsed());
  expected["As2Config"]["SigningAlgorithm"] = "SHA512";
  EXPECT_EQ(describe(id), expected);
}

TEST_F(TransferConnectors, TheAuditHidesTheMessageSubject) {
  ASSERT_EQ(create_as2({{"MessageSubject", "top secret"}}).status, 200);
  const auto events = api.audit_events();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["requestParameters"]["as2Config"]["messageSubject"],
            "HIDDEN_DUE_TO_SECURITY_REASONS");
}

TEST_F(TransferConnectors, OneThatIsNotThereIsUnknown) {
  for (const char* operation : {"DescribeConnector", "UpdateConnector", "DeleteConnector"})
    refused(api.transfer(operation, {{"ConnectorId", "c-0123456789abcdef0"}}), "Unknown connector",
            "ResourceNotFoundException");
}

TEST_F(TransferConnectors, AreCountedByKindAndListedInPages) {
  for (int i = 0; i < 2; ++i) ASSERT_EQ(create_as2().status, 200);
  refused(create_as2(), "Cannot exceed quota for As2ConnectorsPerAccount: 2");
  for (int i = 0; i < 2; ++i) ASSERT_EQ(create_sftp().status, 200);
  refused(create_sftp(), "Cannot exceed quota for SftpConnectorsPerAccount: 2");
  const Answer first = api.transfer("ListConnectors", {{"MaxResults", 3}});
  expect_output("ListConnectors", first.parsed());
  EXPECT_EQ(first.parsed()["Connectors"].size(), 3u);
  const Answer second =
      api.transfer("ListConnectors", {{"NextToken", first.parsed()["NextToken"]}});
  EXPECT_EQ(second.parsed()["Connectors"].size(), 1u);
}

}  // namespace
}  // namespace sallyport::api
