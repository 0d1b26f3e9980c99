#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/testing/api_fixture.h"
#include "api/testing/output_check.h"
#include "api/transfer/grant_form.h"

namespace sallyport::api {
namespace {

using testing::Answer;
using testing::ApiFixture;
using testing::expect_output;
using testing::json;
using testing::kEcdsaKey;
using testing::kEd25519Key;

class TransferUsers : public ::testing::Test {
 protected:
  static TransferLimits limits() {
    TransferLimits limits;
    limits.ssh_keys_per_user = 2;
    limits.users_per_server = 4;
    limits.home_directory_mappings = 3;
    return limits;
  }

  json request(const std::string& name, const json& members = json::object()) {
    json out = {{"ServerId", server}, {"UserName", name}, {"Role", testing::kRole}};
    out.update(members);
    return out;
  }
  Answer create(const std::string& name, const json& members = json::object()) {
    return api.transfer("CreateUser", request(name, members));
  }
  json describe(const std::string& name) {
    const Answer answer = api.transfer("DescribeUser", {{"ServerId", server}, {"UserName", name}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    expect_output("DescribeUser", answer.parsed());
    return answer.parsed()["User"];
  }
  Answer update(const std::string& name, json members) {
    members["ServerId"] = server;
    members["UserName"] = name;
    return api.transfer("UpdateUser", members);
  }
  Answer import_key(const std::string& name, const std::string& body) {
    return api.transfer("ImportSshPublicKey",
                        {{"ServerId", server}, {"UserName", name}, {"SshPublicKeyBody", body}});
  }
  void refused(const Answer& answer, const std::string& message,
               const std::string& type = "InvalidRequestException") {
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_EQ(answer.type(), type) << answer.body;
    EXPECT_EQ(answer.message(), message);
  }

  ApiFixture api{limits()};
  const std::string server = api.add_server();
};

json mapping(const char* entry, const char* target) {
  return {{"Entry", entry}, {"Target", target}};
}

TEST_F(TransferUsers, ANewUserShowsWhatWasAskedFor) {
  const Answer made = create("ann", {{"HomeDirectory", "/bucket/ann"},
                                     {"SshPublicKeyBody", kEd25519Key},
                                     {"Tags", {{{"Key", "team"}, {"Value", "x"}}}}});
  ASSERT_EQ(made.status, 200) << made.body;
  expect_output("CreateUser", made.parsed());
  EXPECT_EQ(made.parsed(), json({{"ServerId", server}, {"UserName", "ann"}}));
  json user = describe("ann");
  ASSERT_EQ(user["SshPublicKeys"].size(), 1u);
  EXPECT_EQ(user["SshPublicKeys"][0]["SshPublicKeyBody"], kEd25519Key);
  EXPECT_DOUBLE_EQ(user["SshPublicKeys"][0]["DateImported"].get<double>(), 1767323045.0);
  user.erase("SshPublicKeys");
  EXPECT_EQ(user, json({{"Arn", "arn:aws:transfer:us-east-1:000000000000:user/" + server + "/ann"},
                        {"HomeDirectory", "/bucket/ann"},
                        {"HomeDirectoryType", "PATH"},
                        {"Role", testing::kRole},
                        {"Tags", {{{"Key", "team"}, {"Value", "x"}}}},
                        {"UserName", "ann"}}));
}

TEST_F(TransferUsers, ABareUserHasEmptyKeysAndTags) {
  ASSERT_EQ(create("ann").status, 200);
  const json user = describe("ann");
  EXPECT_EQ(user["Tags"], json::array());
  EXPECT_EQ(user["SshPublicKeys"], json::array());
  EXPECT_FALSE(user.contains("HomeDirectory"));
  EXPECT_FALSE(user.contains("Policy"));
}

TEST_F(TransferUsers, NamesFollowTheServicesPattern) {
  for (const std::string& name :
       {std::string("abc"), std::string("a@b.c-d"), std::string(100, 'a')}) {
    const Answer answer = create(name);
    EXPECT_EQ(answer.status, 200) << answer.body;
  }
  for (const std::string& name : {std::string("ab"), std::string(101, 'a'), std::string("-abc"),
                                  std::string("!@#$%^"), std::string("a/b"), std::string("..a")})
    EXPECT_EQ(create(name).type(), "ValidationException") << name;
  refused(create("root"), "User name root is not allowed");
}

TEST_F(TransferUsers, ASecondUserOfANameIsRefused) {
  ASSERT_EQ(create("ann").status, 200);
  const Answer second = create("ann");
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(second.parsed(), json({{"__type", "ResourceExistsException"},
                                   {"Message", "User already exists"},
                                   {"Resource", "ann"},
                                   {"ResourceType", "User"}}));
}

TEST_F(TransferUsers, AreRefusedBeyondTheQuota) {
  for (const char* name : {"one", "two", "three", "four"}) ASSERT_EQ(create(name).status, 200);
  refused(create("five"), "Cannot exceed quota for UsersPerServer: 4");
}

TEST_F(TransferUsers, NeedAServerThatManagesUsers) {
  const std::string other =
      api.make_server({{"IdentityProviderType", "API_GATEWAY"},
                       {"IdentityProviderDetails",
                        {{"Url", "https://example.com"}, {"InvocationRole", testing::kRole}}}});
  refused(api.transfer("ListUsers", {{"ServerId", other}}),
          "Cannot list users on server with IdP type: API_GATEWAY");
  refused(api.transfer("CreateUser",
                       {{"ServerId", other}, {"UserName", "ann"}, {"Role", testing::kRole}}),
          "Cannot create user on server with IdP type: API_GATEWAY");
}

TEST_F(TransferUsers, LogicalHomesKeepTheirMappings) {
  const json mappings = {mapping("/in", "/bucket/in"),
                         {{"Entry", "/f.csv"}, {"Target", "/bucket/f"}, {"Type", "FILE"}}};
  ASSERT_EQ(
      create("ann", {{"HomeDirectoryType", "LOGICAL"}, {"HomeDirectoryMappings", mappings}}).status,
      200);
  EXPECT_EQ(describe("ann")["HomeDirectoryMappings"], mappings);
  EXPECT_EQ(describe("ann")["HomeDirectoryType"], "LOGICAL");
}

TEST_F(TransferUsers, MappingsAndTypeMustAgree) {
  refused(create("ann", {{"HomeDirectoryType", "LOGICAL"}}),
          "HomeDirectoryMappings required for HomeDirectoryType: LOGICAL");
  refused(create("ann", {{"HomeDirectoryMappings", {mapping("/", "/b")}}}),
          "HomeDirectoryMappings unsupported for HomeDirectoryType: PATH");
  refused(create("ann", {{"HomeDirectoryType", "LOGICAL"},
                         {"HomeDirectoryMappings",
                          {mapping("/a", "/b"), mapping("/b", "/b"), mapping("/c", "/b"),
                           mapping("/d", "/b")}}}),
          "Cannot exceed quota for HomeDirectoryMappings: 3");
}

Outcome<Done> check(std::vector<std::string> entries, std::string_view home = "") {
  std::vector<model::HomeDirectoryMapEntry> mappings;
  for (auto& entry : entries) mappings.push_back({std::move(entry), "/t", "DIRECTORY", false});
  return check_mappings(mappings, home);
}

TEST(Mappings, MayStandBesideEachOther) {
  EXPECT_TRUE(check({"/"}).ok());
  EXPECT_TRUE(check({"/a", "/b", "/ab", "/a-b", "/a b"}).ok());
  EXPECT_TRUE(check({"/a/b", "/a/c", "/c"}).ok());
}

TEST(Mappings, MayNotOverlap) {
  EXPECT_FALSE(check({"/", "/a"}).ok());
  EXPECT_FALSE(check({"/a", "/a"}).ok());
  EXPECT_FALSE(check({"/a", "/a/"}).ok());
  EXPECT_FALSE(check({"/a/b", "/a-b", "/a"}).ok());
  EXPECT_FALSE(check({"/a", "/a b", "/a!", "/a/b"}).ok());
}

TEST(Mappings, MustCoverTheHomeDirectory) {
  EXPECT_TRUE(check({"/a", "/b"}, "/").ok());
  EXPECT_TRUE(check({"/a", "/b"}, "/a/deeper").ok());
  EXPECT_TRUE(check({"/"}, "/anything").ok());
  EXPECT_FALSE(check({"/a", "/b"}, "/c").ok());
  EXPECT_FALSE(check({"/a", "/b"}, "/ab").ok());
}

TEST_F(TransferUsers, GoingBackToPathDropsTheMappings) {
  ASSERT_EQ(create("ann", {{"HomeDirectoryType", "LOGICAL"},
                           {"HomeDirectoryMappings", {mapping("/", "/bucket/ann")}}})
                .status,
            200);
  ASSERT_EQ(update("ann", {{"HomeDirectoryType", "PATH"}, {"HomeDirectory", "/bucket/ann"}}).status,
            200);
  const json user = describe("ann");
  EXPECT_FALSE(user.contains("HomeDirectoryMappings"));
  EXPECT_EQ(user["HomeDirectory"], "/bucket/ann");
}

TEST_F(TransferUsers, AnUpdateChangesOnlyWhatIsGiven) {
  ASSERT_EQ(
      create("ann", {{"HomeDirectory", "/bucket/ann"}, {"SshPublicKeyBody", kEd25519Key}}).status,
      200);
  json expected = describe("ann");
  const Answer answer = update("ann", {{"Role", "arn:aws:iam::000000000000:role/other"}});
  ASSERT_EQ(answer.status, 200) << answer.body;
  expect_output("UpdateUser", answer.parsed());
  expected["Role"] = "arn:aws:iam::000000000000:role/other";
  EXPECT_EQ(describe("ann"), expected);
  refused(update("bob", {{"Role", testing::kRole}}), "Unknown user", "ResourceNotFoundException");
}

TEST_F(TransferUsers, PoliciesAreJsonOfBoundedSize) {
  const std::string good = R"({"Version":"2012-10-17","Statement":[]})";
  ASSERT_EQ(create("ann", {{"Policy", good}}).status, 200);
  EXPECT_EQ(describe("ann")["Policy"], good);
  refused(update("ann", {{"Policy", "{"}}), "Policy is not a valid JSON document");
  refused(update("ann", {{"Policy", "[]"}}), "Policy is not a valid JSON document");
  const auto of_size = [](std::size_t size) {
    return R"({"Id":")" + std::string(size - 9, 'a') + "\"}";
  };
  EXPECT_EQ(update("ann", {{"Policy", of_size(2048)}}).status, 200);
  refused(update("ann", {{"Policy", of_size(2049)}}), "Cannot exceed quota for PolicySize: 2048");
  EXPECT_EQ(update("ann", {{"Policy", ""}}).status, 200);
  EXPECT_FALSE(describe("ann").contains("Policy"));
}

TEST_F(TransferUsers, PosixProfilesAreBounded) {
  const json profile = {{"Uid", 4294967295}, {"Gid", 0}, {"SecondaryGids", {1, 2}}};
  ASSERT_EQ(create("ann", {{"PosixProfile", profile}}).status, 200);
  EXPECT_EQ(describe("ann")["PosixProfile"], profile);
  EXPECT_EQ(create("bob", {{"PosixProfile", {{"Uid", 4294967296}, {"Gid", 0}}}}).type(),
            "ValidationException");
  EXPECT_EQ(create("bob", {{"PosixProfile", {{"Uid", 1}}}}).type(), "ValidationException");
}

TEST_F(TransferUsers, DeletionEndsTheirSessionsAndForgetsThem) {
  ASSERT_EQ(create("ann").status, 200);
  int ended = 0;
  auto entry = api.sessions.enter(model::ServerId(server), "127.0.0.1", {}, [&ended] { ++ended; });
  entry->authenticated("ann", model::SshPublicKeyId("key-1"), "1");
  const json names = {{"ServerId", server}, {"UserName", "ann"}};
  const Answer answer = api.transfer("DeleteUser", names);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(ended, 1);
  for (const char* operation : {"DescribeUser", "DeleteUser"})
    refused(api.transfer(operation, names), "Unknown user", "ResourceNotFoundException");
}

TEST_F(TransferUsers, AreListedPageByPageAndPerServer) {
  for (const char* name : {"ann", "bob", "cid"}) ASSERT_EQ(create(name).status, 200);
  const Answer first = api.transfer("ListUsers", {{"ServerId", server}, {"MaxResults", 2}});
  expect_output("ListUsers", first.parsed());
  EXPECT_EQ(first.parsed()["Users"].size(), 2u);
  EXPECT_EQ(first.parsed()["Users"][0]["UserName"], "ann");
  EXPECT_EQ(first.parsed()["Users"][0]["SshPublicKeyCount"], 0);
  const json token = first.parsed()["NextToken"];
  const Answer second = api.transfer("ListUsers", {{"ServerId", server}, {"NextToken", token}});
  EXPECT_EQ(second.parsed()["Users"].size(), 1u);
  EXPECT_FALSE(second.parsed().contains("NextToken"));

  const std::string other = api.add_server();
  EXPECT_EQ(api.transfer("ListUsers", {{"ServerId", other}, {"NextToken", token}}).type(),
            "InvalidNextTokenException");
  EXPECT_EQ(api.transfer("ListServers", {{"NextToken", token}}).type(),
            "InvalidNextTokenException");
}

TEST_F(TransferUsers, KeysAreImportedOnceUpToTheQuota) {
  ASSERT_EQ(create("ann").status, 200);
  const Answer first = import_key("ann", kEd25519Key);
  ASSERT_EQ(first.status, 200) << first.body;
  expect_output("ImportSshPublicKey", first.parsed());
  const Answer again = import_key("ann", std::string(kEd25519Key) + " another comment");
  EXPECT_EQ(again.type(), "ResourceExistsException");
  EXPECT_EQ(again.parsed()["Resource"], first.parsed()["SshPublicKeyId"]);
  ASSERT_EQ(import_key("ann", kEcdsaKey).status, 200);
  EXPECT_EQ(describe("ann")["SshPublicKeys"].size(), 2u);
}

TEST_F(TransferUsers, KeysBeyondTheQuotaAreRefused) {
  TransferLimits one;
  one.ssh_keys_per_user = 1;
  ApiFixture small(one);
  const std::string id = small.add_server();
  const Answer made = small.transfer("CreateUser", {{"ServerId", id},
                                                    {"UserName", "ann"},
                                                    {"Role", testing::kRole},
                                                    {"SshPublicKeyBody", kEd25519Key}});
  ASSERT_EQ(made.status, 200) << made.body;
  refused(small.transfer("ImportSshPublicKey",
                         {{"ServerId", id}, {"UserName", "ann"}, {"SshPublicKeyBody", kEcdsaKey}}),
          "Cannot exceed quota for SshPublicKeysPerUser: 1");
}

TEST_F(TransferUsers, BrokenKeysAreRefused) {
  ASSERT_EQ(create("ann").status, 200);
  // The blob is of another type than the word in front of it.
  refused(
      import_key("ann",
                 "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIDfpjmKXDGLCwgFiFRMUx2WIlCqEiu3Kygh7jylkgIA7"),
      "Unsupported or invalid SSH public key format");
  refused(import_key("ann", "ssh-ed25519 AAAA"), "Unsupported or invalid SSH public key format");
  EXPECT_EQ(import_key("ann", "---- BEGIN SSH2 PUBLIC KEY ----").type(), "ValidationException");
  EXPECT_EQ(import_key("ann", std::string(2049, 'a')).type(), "ValidationException");
  refused(import_key("bob", kEd25519Key), "Unknown user", "ResourceNotFoundException");
  refused(create("bob", {{"SshPublicKeyBody", "ssh-ed25519 AAAA"}}),
          "Unsupported or invalid SSH public key format");
}

TEST_F(TransferUsers, DeletingAKeyEndsItsSessionsOnly) {
  ASSERT_EQ(create("ann").status, 200);
  const json first = import_key("ann", kEd25519Key).parsed();
  const json second = import_key("ann", kEcdsaKey).parsed();
  std::set<std::string> ended;
  std::vector<std::unique_ptr<session::Registry::Entry>> entries;
  for (const json& key : {first, second}) {
    const std::string id = key["SshPublicKeyId"];
    entries.push_back(api.sessions.enter(model::ServerId(server), "127.0.0.1", {},
                                         [&ended, id] { ended.insert(id); }));
    entries.back()->authenticated("ann", model::SshPublicKeyId(id), id);
  }
  const Answer answer = api.transfer("DeleteSshPublicKey", first);
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(ended, std::set<std::string>{first["SshPublicKeyId"]});
  refused(api.transfer("DeleteSshPublicKey", first), "Unknown SSH public key",
          "ResourceNotFoundException");
  EXPECT_EQ(describe("ann")["SshPublicKeys"].size(), 1u);
}

TEST_F(TransferUsers, TagsOfServersAndUsers) {
  ASSERT_EQ(create("ann").status, 200);
  for (const std::string& arn : {api.describe_server(server)["Arn"].get<std::string>(),
                                 describe("ann")["Arn"].get<std::string>()}) {
    const Answer tagged = api.transfer(
        "TagResource",
        {{"Arn", arn}, {"Tags", {{{"Key", "a"}, {"Value", "1"}}, {{"Key", "b"}, {"Value", "2"}}}}});
    EXPECT_EQ(tagged.status, 200) << tagged.body;
    EXPECT_EQ(tagged.body, "");
    ASSERT_EQ(
        api.transfer("TagResource", {{"Arn", arn}, {"Tags", {{{"Key", "a"}, {"Value", "3"}}}}})
            .status,
        200);
    const Answer page = api.transfer("ListTagsForResource", {{"Arn", arn}, {"MaxResults", 1}});
    expect_output("ListTagsForResource", page.parsed());
    EXPECT_EQ(page.parsed()["Tags"], json({{{"Key", "a"}, {"Value", "3"}}}));
    const Answer rest = api.transfer("ListTagsForResource",
                                     {{"Arn", arn}, {"NextToken", page.parsed()["NextToken"]}});
    EXPECT_EQ(rest.parsed()["Tags"], json({{{"Key", "b"}, {"Value", "2"}}}));
    EXPECT_FALSE(rest.parsed().contains("NextToken"));
    ASSERT_EQ(api.transfer("UntagResource", {{"Arn", arn}, {"TagKeys", {"a", "absent"}}}).status,
              200);
    EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).parsed()["Tags"].size(), 1u);
  }
  EXPECT_EQ(describe("ann")["Tags"].size(), 1u);
  EXPECT_EQ(api.describe_server(server)["Tags"].size(), 1u);
}

TEST_F(TransferUsers, TagsOfWhatIsNotThereAreRefused) {
  const std::string prefix = "arn:aws:transfer:us-east-1:000000000000:";
  for (const std::string& arn :
       {prefix + "server/s-0123456789abcdef0", prefix + "user/" + server + "/bob",
        prefix + "user/" + server + "/", prefix + "workflow/w-0123456789abcdef0",
        std::string("arn:aws:transfer:eu-west-1:000000000000:server/") + server,
        std::string("arn:aws:s3:::a-bucket-of-mine")}) {
    EXPECT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", {{{"Key", "a"}, {"Value", ""}}}}})
                  .type(),
              "ResourceNotFoundException")
        << arn;
    EXPECT_EQ(api.transfer("ListTagsForResource", {{"Arn", arn}}).type(), "InvalidRequestException")
        << arn;
  }
}

TEST_F(TransferUsers, ChangesAtTheSameTimeAreAllKept) {
  const std::string arn = api.describe_server(server)["Arn"];
  std::vector<json> requests;
  for (int i = 0; i < 6; ++i)
    requests.push_back({{"Arn", arn}, {"Tags", {{{"Key", std::to_string(i)}, {"Value", ""}}}}});
  for (const Answer& answer : api.transfer_at_once("TagResource", requests))
    EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(api.describe_server(server)["Tags"].size(), 6u);
}

TEST_F(TransferUsers, OneOfManyCreationsAtTheSameTimeWins) {
  const std::vector<json> requests(6, request("ann"));
  int made = 0;
  for (const Answer& answer : api.transfer_at_once("CreateUser", requests)) {
    made += answer.status == 200;
    if (answer.status != 200) {
      EXPECT_EQ(answer.type(), "ResourceExistsException") << answer.body;
    }
  }
  EXPECT_EQ(made, 1);
}

TEST_F(TransferUsers, MoreThanFiftyTagsAreRefused) {
  const std::string arn = api.describe_server(server)["Arn"];
  json tags = json::array();
  for (int i = 0; i < 50; ++i) tags.push_back({{"Key", "k" + std::to_string(i)}, {"Value", ""}});
  ASSERT_EQ(api.transfer("TagResource", {{"Arn", arn}, {"Tags", tags}}).status, 200);
  refused(api.transfer("TagResource", {{"Arn", arn}, {"Tags", {{{"Key", "more"}, {"Value", ""}}}}}),
          "Cannot exceed quota for TagsPerResource: 50");
}

}  // namespace
}  // namespace sallyport::api
