#include <gtest/gtest.h>

#include <algorithm>
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

ssh::HostKey new_key(ssh::HostKeyType type = ssh::HostKeyType::kEd25519) {
  return ssh::HostKey::generate(type).value();
}
std::string key_text(const ssh::HostKey& key) {
  return std::string(key.to_pem().reveal());
}
std::string fingerprint_of(const ssh::HostKey& key) {
  return key.public_key().fingerprint_sha256_padded();
}

// A server without host keys of its own: they come by import only.
class TransferHostKeys : public ::testing::Test {
 protected:
  std::string import(const ssh::HostKey& key, json members = json::object()) {
    api.clock.advance(std::chrono::seconds(1));
    members["ServerId"] = server;
    members["HostKeyBody"] = key_text(key);
    const Answer answer = api.transfer("ImportHostKey", members);
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("ImportHostKey", answer.parsed());
    return answer.parsed().value("HostKeyId", "");
  }
  json describe(const std::string& id) {
    const Answer answer =
        api.transfer("DescribeHostKey", {{"ServerId", server}, {"HostKeyId", id}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeHostKey", answer.parsed());
    return answer.parsed()["HostKey"];
  }
  json list(json members = json::object()) {
    members["ServerId"] = server;
    const Answer answer = api.transfer("ListHostKeys", members);
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("ListHostKeys", answer.parsed());
    return answer.parsed();
  }
  Answer remove(const std::string& id) {
    return api.transfer("DeleteHostKey", {{"ServerId", server}, {"HostKeyId", id}});
  }
  void refused(const Answer& answer, const std::string& type, const std::string& message) {
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api;
  const std::string server = api.add_server();
  const std::string nowhere = "s-00000000000000000";
  const std::string no_key = "hostkey-00000000000000000";
};

TEST_F(TransferHostKeys, AnImportedKeyIsDescribedAsItIs) {
  const ssh::HostKey key = new_key(ssh::HostKeyType::kEcdsaP256);
  const std::string id = import(
      key, {{"Description", "second of two"}, {"Tags", {{{"Key", "use"}, {"Value", "rotation"}}}}});
  ASSERT_EQ(id.size(), 25u);
  EXPECT_TRUE(id.starts_with("hostkey-"));
  json shown = describe(id);
  EXPECT_TRUE(shown["DateImported"].is_number());
  shown.erase("DateImported");
  EXPECT_EQ(shown,
            json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:host-key/" + server + "/" + id},
                  {"HostKeyId", id},
                  {"HostKeyFingerprint", fingerprint_of(key)},
                  {"Description", "second of two"},
                  {"Type", "ecdsa-sha2-nistp256"},
                  {"Tags", {{{"Key", "use"}, {"Value", "rotation"}}}}}));
}

TEST_F(TransferHostKeys, WithoutADescriptionNoneIsShown) {
  EXPECT_FALSE(describe(import(new_key())).contains("Description"));
}

TEST_F(TransferHostKeys, UpdateChangesTheDescriptionOnly) {
  const std::string id = import(new_key(), {{"Description", "old"}});
  json expected = describe(id);
  const Answer answer = api.transfer(
      "UpdateHostKey", {{"ServerId", server}, {"HostKeyId", id}, {"Description", "new"}});
  EXPECT_EQ(answer.parsed(), json({{"ServerId", server}, {"HostKeyId", id}}));
  expected["Description"] = "new";
  EXPECT_EQ(describe(id), expected);
}

TEST_F(TransferHostKeys, ListingGoesPageByPage) {
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(import(new_key()));
  std::set<std::string> seen;
  json page = list({{"MaxResults", 2}});
  for (int pages = 1;; ++pages) {
    for (const json& key : page["HostKeys"]) {
      EXPECT_TRUE(key.contains("Fingerprint"));
      EXPECT_TRUE(seen.insert(key["HostKeyId"]).second);
    }
    if (!page.contains("NextToken")) {
      EXPECT_EQ(pages, 3);
      break;
    }
    page = list({{"MaxResults", 2}, {"NextToken", page["NextToken"]}});
  }
  EXPECT_EQ(seen, made);
}

TEST_F(TransferHostKeys, ATokenOfAnotherListingIsRefused) {
  for (int i = 0; i < 2; ++i) import(new_key());
  const json page = list({{"MaxResults", 1}});
  const std::string other = api.add_server();
  const Answer answer =
      api.transfer("ListHostKeys", {{"ServerId", other}, {"NextToken", page["NextToken"]}});
  EXPECT_EQ(answer.type(), "InvalidNextTokenException");
}

TEST_F(TransferHostKeys, TheOldestRsaKeyIsWhatTheServerShows) {
  const ssh::HostKey young = new_key();
  import(young);
  EXPECT_EQ(api.describe_server(server)["HostKeyFingerprint"], fingerprint_of(young));
  const ssh::HostKey first = new_key(ssh::HostKeyType::kRsa3072);
  const ssh::HostKey second = new_key(ssh::HostKeyType::kRsa3072);
  const std::string oldest = import(first);
  import(second);
  EXPECT_EQ(api.describe_server(server)["HostKeyFingerprint"], fingerprint_of(first));
  EXPECT_EQ(remove(oldest).status, 200);
  EXPECT_EQ(api.describe_server(server)["HostKeyFingerprint"], fingerprint_of(second));
}

TEST_F(TransferHostKeys, HostKeyOfUpdateServerReplacesThoseOfItsType) {
  for (int i = 0; i < 2; ++i) import(new_key());
  import(new_key(ssh::HostKeyType::kEcdsaP256));
  const ssh::HostKey mine = new_key();
  EXPECT_EQ(
      api.transfer("UpdateServer", {{"ServerId", server}, {"HostKey", key_text(mine)}}).status,
      200);
  std::multiset<std::string> types;
  bool found = false;
  const json listed = list();
  for (const json& key : listed["HostKeys"]) {
    types.insert(key["Type"]);
    found |= key["Fingerprint"] == fingerprint_of(mine);
  }
  EXPECT_EQ(types, (std::multiset<std::string>{"ecdsa-sha2-nistp256", "ssh-ed25519"}));
  EXPECT_TRUE(found);
}

TEST_F(TransferHostKeys, TagsCanBeGivenAndTaken) {
  const std::string id = import(new_key());
  const std::string arn = describe(id)["Arn"];
  EXPECT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", {{{"Key", "a"}, {"Value", "b"}}}}})
                .status,
            200);
  const json expected = {{{"Key", "a"}, {"Value", "b"}}};
  EXPECT_EQ(describe(id)["Tags"], expected);
  EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"], expected);
  EXPECT_EQ(api.transfer("UntagResource", {{"Arn", arn}, {"TagKeys", {"a"}}}).status, 200);
  EXPECT_FALSE(describe(id).contains("Tags"));
}

TEST_F(TransferHostKeys, RefusesAnEleventhKey) {
  for (int i = 0; i < 10; ++i) import(new_key());
  const Answer answer =
      api.transfer("ImportHostKey", {{"ServerId", server}, {"HostKeyBody", key_text(new_key())}});
  refused(answer, "InvalidRequestException", "Cannot exceed quota for HostKeysPerServer: 10");
  const Answer other_type = api.transfer(
      "UpdateServer",
      {{"ServerId", server}, {"HostKey", key_text(new_key(ssh::HostKeyType::kEcdsaP256))}});
  refused(other_type, "InvalidRequestException", "Cannot exceed quota for HostKeysPerServer: 10");
  EXPECT_EQ(list()["HostKeys"].size(), 10u);
}

TEST_F(TransferHostKeys, ImportsAtTheSameTimeStayWithinTheQuota) {
  for (int i = 0; i < 9; ++i) import(new_key());
  std::vector<json> requests;
  for (int i = 0; i < 3; ++i)
    requests.push_back({{"ServerId", server}, {"HostKeyBody", key_text(new_key())}});
  const std::vector<Answer> answers = api.transfer_at_once("ImportHostKey", requests);
  EXPECT_EQ(std::count_if(answers.begin(), answers.end(),
                          [](const Answer& answer) { return answer.status == 200; }),
            1);
  EXPECT_EQ(list()["HostKeys"].size(), 10u);
}

TEST_F(TransferHostKeys, RefusesAKeyThatIsThere) {
  const ssh::HostKey key = new_key();
  const std::string id = import(key);
  const Answer answer =
      api.transfer("ImportHostKey", {{"ServerId", server}, {"HostKeyBody", key_text(key)}});
  refused(answer, "ResourceExistsException", "Host key already exists for this server");
  EXPECT_EQ(answer.parsed()["Resource"], id);
  EXPECT_EQ(list()["HostKeys"].size(), 1u);
}

TEST_F(TransferHostKeys, RefusesWhatIsNoPrivateKey) {
  std::string damaged = key_text(new_key());
  damaged[damaged.size() / 2] ^= 1;
  for (const std::string& body :
       {std::string("not a key"), damaged, std::string(new_key().public_key().type())}) {
    const Answer answer =
        api.transfer("ImportHostKey", {{"ServerId", server}, {"HostKeyBody", body}});
    refused(answer, "InvalidRequestException", "Invalid host key format");
    EXPECT_EQ(answer.body.find(body), std::string::npos);
  }
  EXPECT_EQ(list()["HostKeys"], json::array());
}

TEST_F(TransferHostKeys, RefusesToTakeTheLastKeyAway) {
  const std::string first = import(new_key()), second = import(new_key());
  EXPECT_EQ(remove(first).body, "");
  refused(remove(second), "InvalidRequestException",
          "The last host key of a server cannot be deleted; import another first");
  refused(remove(first), "ResourceNotFoundException", "Unknown host key");
}

TEST_F(TransferHostKeys, UnknownServersAndKeysAreNamed) {
  const std::string id = import(new_key());
  const std::string elsewhere = api.add_server();
  for (const char* operation : {"DescribeHostKey", "DeleteHostKey", "UpdateHostKey"}) {
    json members = {{"ServerId", nowhere}, {"HostKeyId", id}};
    if (operation == std::string_view("UpdateHostKey")) members["Description"] = "x";
    refused(api.transfer(operation, members), "ResourceNotFoundException", "Unknown server");
    members["ServerId"] = elsewhere;
    refused(api.transfer(operation, members), "ResourceNotFoundException", "Unknown host key");
    members["ServerId"] = server;
    members["HostKeyId"] = no_key;
    const Answer answer = api.transfer(operation, members);
    refused(answer, "ResourceNotFoundException", "Unknown host key");
    EXPECT_EQ(answer.parsed()["Resource"], no_key);
    EXPECT_EQ(answer.parsed()["ResourceType"], "HostKey");
  }
  refused(api.transfer("ListHostKeys", {{"ServerId", nowhere}}), "ResourceNotFoundException",
          "Unknown server");
  refused(
      api.transfer("ImportHostKey", {{"ServerId", nowhere}, {"HostKeyBody", key_text(new_key())}}),
      "ResourceNotFoundException", "Unknown server");
}

TEST_F(TransferHostKeys, NeedARightOnTheKey) {
  const std::string id = import(new_key()), other = import(new_key());
  const std::string arn = describe(id)["Arn"];
  const auto ann = api.add_user(
      "ann",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"transfer:DescribeHostKey","Resource":")" +
          arn + R"("}]})");
  api.signer = ann;
  EXPECT_EQ(api.transfer("DescribeHostKey", {{"ServerId", server}, {"HostKeyId", id}}).status, 200);
  EXPECT_EQ(api.transfer("DescribeHostKey", {{"ServerId", server}, {"HostKeyId", other}}).type(),
            "AccessDeniedException");
  EXPECT_EQ(remove(id).type(), "AccessDeniedException");
}

}  // namespace
}  // namespace sallyport::api
