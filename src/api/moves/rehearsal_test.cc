#include "api/moves/rehearsal.h"

#include <gmock/gmock.h>

#include "api/moves/testing/import_results.h"
#include "api/testing/api_fixture.h"
#include "ssh/host_key.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::as_planned;
using testing::import_results;
using testing::json;
using testing::kEd25519Key;
using testing::kRole;

constexpr const char* kNew = "s-0123456789abcdef0";

class DryRun : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.users_per_server = 2;
    limits.workflows = 1;
    return limits;
  }

  static json server_line(const std::string& id, const json& members = json::object()) {
    json server{{"ServerId", id}, {"Domain", "S3"}};
    server.update(members);
    return {{"Server", std::move(server)}};
  }
  static json user_line(const std::string& server, const std::string& name,
                        const std::string& home = "/b") {
    return {{"ServerId", server},
            {"User",
             {{"UserName", name},
              {"Role", kRole},
              {"HomeDirectory", home},
              {"HomeDirectoryType", "PATH"}}}};
  }
  static json profile_line(const std::string& id, const std::string& type) {
    return {{"Profile", {{"ProfileId", id}, {"ProfileType", type}, {"As2Id", "same"}}}};
  }
  static json agreement_line(const std::string& id, const std::string& local,
                             const std::string& partner) {
    return {{"Agreement",
             {{"AgreementId", id},
              {"ServerId", kNew},
              {"LocalProfileId", local},
              {"PartnerProfileId", partner},
              {"BaseDirectory", "/b"},
              {"AccessRole", kRole}}}};
  }
  static json workflow_line(const std::string& id) {
    return {{"Workflow",
             {{"WorkflowId", id},
              {"Steps", {{{"Type", "DELETE"}, {"DeleteStepDetails", {{"Name", "gone"}}}}}}}}};
  }

  // Tries it, does it, and answers what came of it in the words of the first.
  json done_as_planned(const std::vector<json>& lines) {
    std::string text;
    for (const json& line : lines) text += line.dump() + "\n";
    const auto before = net::sync_wait(api.resources->all()).value();
    json plan = import_results(api, text, true);
    const auto after = net::sync_wait(api.resources->all()).value();
    EXPECT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
      EXPECT_EQ(before[i].document, after[i].document);
      EXPECT_EQ(before[i].version, after[i].version);
    }
    EXPECT_EQ(plan, as_planned(import_results(api, text, false)));
    return plan;
  }
  static void expect(const json& result, const std::string& outcome, const std::string& text = "") {
    EXPECT_EQ(result["Outcome"], outcome) << result;
    EXPECT_EQ(result.value("Text", ""), text) << result;
  }

  ApiFixture api{limits()};
};

TEST_F(DryRun, SeesWhatComesInTheSameFile) {
  const std::string local = "p-00000000000000001", partner = "p-00000000000000002";
  const json plan = done_as_planned(
      {agreement_line("a-00000000000000001", local, partner), user_line(kNew, "ann"),
       server_line(kNew), profile_line(local, "LOCAL"), profile_line(partner, "PARTNER")});
  ASSERT_EQ(plan.size(), 5u);
  for (const json& one : plan) expect(one, "would be made");
}

TEST_F(DryRun, RefusesWhatNamesWhatIsNotThere) {
  const std::string local = "p-00000000000000001";
  const json plan = done_as_planned(
      {server_line(kNew), profile_line(local, "LOCAL"), user_line("s-0000000000000000a", "ann"),
       agreement_line("a-00000000000000001", local, "p-00000000000000009"),
       agreement_line("a-00000000000000002", local, local)});
  ASSERT_EQ(plan.size(), 5u);
  expect(plan[0], "would be made");
  expect(plan[1], "would be made");
  expect(plan[2], "refused", "Unknown server");
  expect(plan[3], "refused", "Unknown profile");
  expect(plan[4], "refused", "Profile " + local + " is not of type PARTNER");
}

TEST_F(DryRun, CountsWhatQuotasCount) {
  const std::string here = api.add_server();
  api.transfer("CreateUser", {{"ServerId", here}, {"UserName", "old"}, {"Role", kRole}});
  const json plan =
      done_as_planned({user_line(here, "ann"), user_line(here, "bob"),
                       workflow_line("w-00000000000000001"), workflow_line("w-00000000000000002")});
  ASSERT_EQ(plan.size(), 4u);
  expect(plan[0], "would be made");
  expect(plan[1], "refused", "Cannot exceed quota for WorkflowsPerAccount: 1");
  expect(plan[2], "would be made");
  expect(plan[3], "refused", "Cannot exceed quota for UsersPerServer: 2");
}

TEST_F(DryRun, TakesASecondLineOfOneResourceForAChange) {
  const json plan = done_as_planned({server_line(kNew), user_line(kNew, "ann", "/b"),
                                     user_line(kNew, "ann", "/c"), user_line(kNew, "ann", "/c")});
  ASSERT_EQ(plan.size(), 4u);
  expect(plan[1], "would be made");
  expect(plan[2], "would be changed");
  EXPECT_EQ(plan[2]["Differences"],
            json({{{"Member", "HomeDirectory"}, {"Here", "/b"}, {"File", "/c"}}}));
  expect(plan[3], "same");
}

TEST_F(DryRun, RefusesChangesThatTheOperationsRefuse) {
  const std::string here = api.add_server();
  const json plan = done_as_planned(
      {server_line(here, {{"SecurityPolicyName", "TransferSecurityPolicy-1999-01"}}),
       server_line(here, {{"Domain", "EFS"}}),
       user_line(here, "root"),
       {{"ServerId", here}, {"Access", {{"ExternalId", "S-1-1"}, {"Role", kRole}}}}});
  ASSERT_EQ(plan.size(), 4u);
  for (const json& one : plan) {
    EXPECT_EQ(one["Outcome"], "refused") << one;
    EXPECT_NE(one.value("Text", ""), "");
  }
}

TEST_F(DryRun, ReadsHostKeysAndMakesNone) {
  const auto key = [](const std::string& id, const std::string& body) {
    return json{{"HostKey", {{"HostKeyId", id}, {"ServerId", kNew}, {"HostKeyBody", body}}}};
  };
  const std::string body(
      ssh::HostKey::generate(ssh::HostKeyType::kEd25519).value().to_pem().reveal());
  const json plan = done_as_planned({server_line(kNew), key("hostkey-00000000000000001", body),
                                     key("hostkey-00000000000000002", body),
                                     key("hostkey-00000000000000003", "nonsense")});
  ASSERT_EQ(plan.size(), 4u);
  expect(plan[1], "would be made");
  expect(plan[2], "refused", "Host key already exists for this server");
  expect(plan[3], "refused", "Invalid host key format");
}

TEST_F(DryRun, EndsNoSessionAndTellsNobody) {
  const std::string here = api.add_server();
  bool ended = false;
  int events = 0;
  const auto session =
      api.sessions.enter(model::ServerId(here), "198.51.100.7", {}, [&] { ended = true; });
  const auto listening = api.resources->subscribe([&](const state::ResourceEvent&) { ++events; });
  const std::string stop = server_line(here, {{"State", "OFFLINE"}}).dump();
  const json plan = import_results(api, stop, true);
  EXPECT_EQ(plan[0]["Outcome"], "would be changed") << plan;
  EXPECT_FALSE(ended);
  EXPECT_EQ(events, 0);
  import_results(api, stop, false);
  EXPECT_TRUE(ended);
  EXPECT_GT(events, 0);
}

TEST_F(DryRun, AddsAKeyToAUserOfTheCopyOnly) {
  const std::string here = api.add_server();
  ASSERT_EQ(
      api.transfer("CreateUser", {{"ServerId", here}, {"UserName", "ann"}, {"Role", kRole}}).status,
      200);
  json user = user_line(here, "ann", "");
  user["User"]["SshPublicKeys"] = {
      {{"SshPublicKeyId", "key-00000000000000001"}, {"SshPublicKeyBody", kEd25519Key}}};
  json broken = user_line(here, "ann", "");
  broken["User"]["SshPublicKeys"] = {
      {{"SshPublicKeyId", "key-00000000000000002"}, {"SshPublicKeyBody", "nonsense"}}};
  const json plan = done_as_planned({user, broken});
  ASSERT_EQ(plan.size(), 2u);
  expect(plan[0], "would be changed");
  expect(plan[1], "refused", "Unsupported or invalid SSH public key format");
}

TEST_F(DryRun, RefusesAnAccessKeyWhoseUserIsNowhere) {
  const json key{{"AccessKey",
                  {{"AccessKeyId", "AKIA0000000000000000"},
                   {"UserName", "nobody"},
                   {"Status", "Active"},
                   {"SecretAccessKey", "a secret of forty characters, or nearly"}}}};
  const json plan = done_as_planned({key});
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0]["Outcome"], "refused") << plan;
}

TEST_F(DryRun, SignsWithNoKey) {
  RehearsedKeys keys(*api.vault, api.random);
  const auto made = net::sync_wait(keys.generate(ssh::HostKeyType::kRsa3072, "context"));
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->type, "ssh-rsa");
  EXPECT_EQ(made->sealed, "");
  const auto key = std::make_shared<const process::SealedKey>(made->sealed, "context");
  EXPECT_EQ(net::sync_wait(keys.open(key)).error().code, Errc::kUnsupported);
  EXPECT_EQ(net::sync_wait(keys.sign(key, "rsa-sha2-512", Bytes{1})).error().code,
            Errc::kUnsupported);
}

}  // namespace
}  // namespace sallyport::api
