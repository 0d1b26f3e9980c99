// Quotas, and what keeps a server, decided while others write.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "api/testing/api_fixture.h"
#include "api/testing/test_certificate.h"
#include "state/transfer_repository.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::json;
using testing::kRole;

constexpr std::uint32_t kMost = 2;
constexpr int kAtOnce = 8;

TransferLimits small_limits() {
  TransferLimits limits;
  limits.servers = limits.users_per_server = limits.accesses_per_server = kMost;
  limits.agreements_per_server = limits.certificates = limits.connectors = kMost;
  limits.profiles = limits.workflows = limits.web_apps = limits.vpc_endpoint_servers = kMost;
  return limits;
}

class World {
 public:
  explicit World(TransferLimits limits = small_limits()) : api(limits, true) {}

  // Past the quota, as what the others stand on.
  model::Server add_server(const std::string& provider = "SERVICE_MANAGED") {
    model::Server server;
    server.id = model::ServerId("s-" + api.random.hex(17));
    server.arn = model::Place{}.server_arn(server.id);
    server.identity_provider_type = provider;
    server.state = model::ServerState::kOffline;
    api.put(server);
    return server;
  }
  std::string add_profile(const std::string& type) {
    model::Profile profile;
    profile.id = model::ProfileId("p-" + api.random.hex(17));
    profile.type = type;
    profile.as2_id = "same";
    api.put(profile);
    return profile.id.str();
  }

  ApiFixture api;
};

json as2_config(World& world) {
  return {{"LocalProfileId", world.add_profile("LOCAL")},
          {"PartnerProfileId", world.add_profile("PARTNER")},
          {"Compression", "ZLIB"},
          {"EncryptionAlgorithm", "AES256_CBC"},
          {"SigningAlgorithm", "SHA256"},
          {"MdnResponse", "SYNC"}};
}

struct Case {
  const char* name;
  const char* operation;
  const char* quota;
  // The request of number i; what they share lies in `server`.
  json (*request)(World& world, const std::string& server, int i);
  const char* provider = "SERVICE_MANAGED";
};

const Case kCases[] = {
    {"Servers", "CreateServer", "ServersPerAccount",
     [](World&, const std::string&, int) { return json::object(); }},
    {"VpcEndpointServers", "UpdateServer", "VpcEndpointServersPerAccount",
     [](World& world, const std::string&, int) {
       return json{{"ServerId", world.add_server().id.str()},
                   {"EndpointType", "VPC_ENDPOINT"},
                   {"EndpointDetails", {{"VpcEndpointId", "vpce-0123456789abcdef0"}}}};
     }},
    {"Users", "CreateUser", "UsersPerServer",
     [](World&, const std::string& server, int i) {
       return json{{"ServerId", server}, {"UserName", "ann" + std::to_string(i)}, {"Role", kRole}};
     }},
    {"Accesses", "CreateAccess", "AccessesPerServer",
     [](World&, const std::string& server, int i) {
       return json{{"ServerId", server},
                   {"ExternalId", "S-1-" + std::to_string(i)},
                   {"HomeDirectory", "/b"},
                   {"Role", kRole}};
     },
     "AWS_DIRECTORY_SERVICE"},
    {"Agreements", "CreateAgreement", "AgreementsPerServer",
     [](World& world, const std::string& server, int) {
       return json{{"ServerId", server},
                   {"LocalProfileId", world.add_profile("LOCAL")},
                   {"PartnerProfileId", world.add_profile("PARTNER")},
                   {"AccessRole", kRole},
                   {"BaseDirectory", "/b"}};
     }},
    {"Certificates", "ImportCertificate", "CertificatesPerAccount",
     [](World&, const std::string&, int) {
       return json{{"Usage", "SIGNING"}, {"Certificate", testing::test_certificate().pem}};
     }},
    {"Profiles", "CreateProfile", "ProfilesPerAccount",
     [](World&, const std::string&, int) {
       return json{{"As2Id", "us"}, {"ProfileType", "LOCAL"}};
     }},
    {"As2Connectors", "CreateConnector", "As2ConnectorsPerAccount",
     [](World& world, const std::string&, int) {
       return json{{"Url", "https://partner.example.com/as2"},
                   {"AccessRole", kRole},
                   {"As2Config", as2_config(world)}};
     }},
    {"SftpConnectors", "CreateConnector", "SftpConnectorsPerAccount",
     [](World&, const std::string&, int) {
       return json{{"Url", "sftp://partner.example.com"},
                   {"AccessRole", kRole},
                   {"SftpConfig", {{"UserSecretId", "secret"}}}};
     }},
    {"Workflows", "CreateWorkflow", "WorkflowsPerAccount",
     [](World&, const std::string&, int) {
       return json{{"Steps", {{{"Type", "DELETE"}, {"DeleteStepDetails", {{"Name", "gone"}}}}}}};
     }},
    {"WebApps", "CreateWebApp", "WebAppsPerAccount", [](World&, const std::string&, int) {
       return json{{"IdentityProviderDetails", {{"IdentityCenterConfig", json::object()}}}};
     }}};

class TransferQuotas : public ::testing::TestWithParam<Case> {};

void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

INSTANTIATE_TEST_SUITE_P(All, TransferQuotas, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return tested.param.name; });

TEST_P(TransferQuotas, HoldForCallsAtTheSameTime) {
  const Case& tested = GetParam();
  World world;
  const bool of_servers = std::string_view(tested.operation) == "CreateServer";
  const std::string server = of_servers ? "" : world.add_server(tested.provider).id.str();
  std::vector<json> requests;
  for (int i = 0; i < kAtOnce; ++i) requests.push_back(tested.request(world, server, i));
  const auto answers = world.api.transfer_at_once(tested.operation, requests);
  const auto made = std::count_if(answers.begin(), answers.end(),
                                  [](const Answer& answer) { return answer.status == 200; });
  EXPECT_EQ(made, kMost);
  for (const Answer& answer : answers) {
    if (answer.status == 200) continue;
    EXPECT_EQ(answer.type(), "InvalidRequestException") << answer.body;
    EXPECT_EQ(answer.message(), std::string("Cannot exceed quota for ") + tested.quota + ": 2");
  }
}

TEST(TransferQuotasOfConnectors, CountEachKindByItself) {
  World world;
  const auto create = [&](std::size_t row) {
    const Case& of = kCases[row];
    return world.api.transfer(of.operation, of.request(world, "", 0)).status;
  };
  for (const std::size_t row : {7u, 8u, 7u, 8u}) EXPECT_EQ(create(row), 200);
  for (const std::size_t row : {7u, 8u}) EXPECT_EQ(create(row), 400);
}

class TransferDeletions : public ::testing::Test {
 protected:
  // Whether a server is left with what belongs to it, or neither is.
  void expect_no_orphans(const std::string& server) {
    const auto all = net::sync_wait(world.api.resources->all());
    ASSERT_TRUE(all.ok());
    bool there = false;
    std::size_t children = 0;
    for (const state::Resource& one : *all) {
      there = there || one.key.id == server;
      children += one.key.parent == server ? 1 : 0;
    }
    EXPECT_TRUE(there || children == 0) << children;
  }
  // Calls around a DeleteServer, many times; either side may win, but not both.
  void race(const char* operation, const std::string& provider,
            const std::function<json(const std::string&, int)>& request) {
    for (int round = 0; round < 20; ++round) {
      const std::string server = world.add_server(provider).id.str();
      std::vector<ApiFixture::TransferCall> calls;
      for (int i = 0; i < 6; ++i) {
        if (i == round % 6) calls.emplace_back("DeleteServer", json{{"ServerId", server}});
        calls.emplace_back(operation, request(server, i));
      }
      const auto answers = world.api.transfer_at_once(calls);
      bool deleted = false;
      int made = 0;
      for (std::size_t i = 0; i < calls.size(); ++i) {
        if (answers[i].status != 200) continue;
        if (calls[i].first == "DeleteServer") {
          deleted = true;
        } else {
          ++made;
        }
      }
      EXPECT_NE(deleted, made > 0) << made;
      expect_no_orphans(server);
    }
  }

  World world{TransferLimits{}};
};

TEST_F(TransferDeletions, OfServersLeaveNoUserOfACallAtTheSameTime) {
  race("CreateUser", "SERVICE_MANAGED", [](const std::string& server, int i) {
    return json{{"ServerId", server}, {"UserName", "ann" + std::to_string(i)}, {"Role", kRole}};
  });
}

TEST_F(TransferDeletions, OfServersLeaveNoAccessOfACallAtTheSameTime) {
  race("CreateAccess", "AWS_DIRECTORY_SERVICE", [](const std::string& server, int i) {
    return json{{"ServerId", server},
                {"ExternalId", "S-1-" + std::to_string(i)},
                {"HomeDirectory", "/b"},
                {"Role", kRole}};
  });
}

TEST_F(TransferDeletions, OfServersLeaveNoAgreementOfACallAtTheSameTime) {
  race("CreateAgreement", "SERVICE_MANAGED", [this](const std::string& server, int) {
    return json{{"ServerId", server},
                {"LocalProfileId", world.add_profile("LOCAL")},
                {"PartnerProfileId", world.add_profile("PARTNER")},
                {"AccessRole", kRole},
                {"BaseDirectory", "/b"}};
  });
}

TEST_F(TransferDeletions, OfServersTakeUsersOfAProviderThatWasLeftWithThem) {
  const model::Server server = world.add_server("AWS_DIRECTORY_SERVICE");
  model::User user;
  user.server_id = server.id;
  user.user_name = "ann";
  world.api.put(user);
  EXPECT_EQ(world.api.transfer("DeleteServer", {{"ServerId", server.id.str()}}).status, 200);
  expect_no_orphans(server.id.str());
}

}  // namespace
}  // namespace sallyport::api
