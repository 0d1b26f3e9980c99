#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/moves/backup_text.h"
#include "api/moves/differences.h"
#include "api/moves/elements.h"
#include "api/moves/kinds.h"
#include "api/moves/restore.h"
#include "api/shape.h"

namespace sallyport::api {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

state::Resource resource(std::string id, std::string document, std::int64_t version = 0) {
  state::Resource out;
  out.key = {"user", "s-1", std::move(id)};
  out.document = std::move(document);
  out.version = version;
  return out;
}

TEST(BackupText, IsReadBackAsItWasWritten) {
  const std::string text = write_backup(
      {resource("ann", R"({"UserName":"ann","x":"\n€"})"), resource("bob", "{}")}, "check", {});
  const auto read = read_backup(text);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->key_check, "check");
  ASSERT_EQ(read->resources.size(), 2u);
  EXPECT_EQ(read->resources[0].key.parent, "s-1");
  EXPECT_EQ(read->resources[0].document, R"({"UserName":"ann","x":"\n€"})");
}

TEST(BackupText, RefusesEveryShortenedOne) {
  const std::string text = write_backup({resource("ann", "{}")}, "check", {});
  for (std::size_t size = 0; size + 1 < text.size(); ++size)
    EXPECT_FALSE(read_backup(std::string_view(text).substr(0, size)).ok()) << size;
}

TEST(BackupText, RefusesWhatIsAlteredOrTwiceThereOrNewer) {
  const std::string text = write_backup({resource("ann", "{}")}, "check", {});
  std::string altered = text;
  altered.replace(altered.find("ann"), 3, "eve");
  EXPECT_THAT(read_backup(altered).error().message, HasSubstr("altered"));
  const std::string twice =
      write_backup({resource("ann", "{}"), resource("ann", "{}")}, "check", {});
  EXPECT_THAT(read_backup(twice).error().message, HasSubstr("twice"));
  std::string newer = text;
  newer.replace(newer.find("\"Version\":1"), 11, "\"Version\":2");
  EXPECT_EQ(read_backup(newer).error().code, Errc::kUnsupported);
  EXPECT_FALSE(read_backup(text + "{}\n").ok());
  EXPECT_FALSE(read_backup("{\"Format\":\"other\"}\n").ok());
  EXPECT_FALSE(read_backup("[]\n").ok());
}

TEST(RestoreSteps, MakeChangeAndRemoveWhatDiffers) {
  RestoreCounts counts;
  const auto steps = restore_steps(
      {resource("same", "1", 4), resource("changed", "1", 7), resource("gone", "1", 2)},
      {resource("same", "1"), resource("changed", "2"), resource("new", "3")}, counts);
  EXPECT_EQ(counts.same, 1u);
  EXPECT_EQ(counts.changed, 1u);
  EXPECT_EQ(counts.made, 1u);
  EXPECT_EQ(counts.removed, 1u);
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].version, 7);
  EXPECT_EQ(steps[2].op, state::ResourceChange::Op::kRemove);
  EXPECT_EQ(steps[2].key.id, "gone");
}

TEST(Differences, AreOfMeaningNotOfSpelling) {
  EXPECT_TRUE(covers("{\"a\": 1}", "{\"a\":1}"));
  EXPECT_TRUE(covers(json{"SFTP", "FTP"}, json{"FTP", "SFTP"}));
  EXPECT_TRUE(covers(json::array(), json()));
  EXPECT_TRUE(covers(json{{"a", 1}}, json{{"a", 1}, {"b", 2}}));
  EXPECT_TRUE(covers(1.0, 1));
  EXPECT_FALSE(covers(json{"SFTP"}, json{"FTP", "SFTP"}));
  EXPECT_FALSE(covers(json{{"a", 1}}, json()));
  EXPECT_FALSE(covers("1", 1));
}

TEST(Differences, TellWhatIsOnlyHere) {
  const json found = differences({{"Role", "a"}}, {{"Role", "b"}, {"Policy", "{}"}},
                                 {"Role", "Policy", "Tags"}, true);
  EXPECT_EQ(found, json::parse(R"([{"Member":"Policy","Here":"{}","Kept":true},
                                   {"Member":"Role","Here":"b","File":"a"}])"));
}

const model::Place kHere{"eu-central-1", "111122223333"};

TEST(Elements, TakeADescribedUserHome) {
  const auto read =
      read_elements(R"({"ServerId":"s-0123456789abcdef0","User":{"UserName":"ann","New":1,
      "Arn":"arn:aws:transfer:us-east-1:444455556666:user/s-0123456789abcdef0/ann",
      "Role":"arn:aws:iam::444455556666:role/transfer","Tags":[{"Key":"of","Value":"arn:aws:iam::999999999999:role/x"}],
      "SshPublicKeys":[{"DateImported":"2026-01-02T03:04:05.500000+01:00","SshPublicKeyBody":"k","SshPublicKeyId":"key-1"}]}})",
                    kHere);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 1u);
  const MovedElement& user = read->front();
  EXPECT_EQ(name_of(*user.kind, user.server, user.id), "User ann of s-0123456789abcdef0");
  EXPECT_EQ(user.content["Role"], "arn:aws:iam::111122223333:role/transfer");
  EXPECT_EQ(user.content["Arn"],
            "arn:aws:transfer:eu-central-1:111122223333:user/s-0123456789abcdef0/ann");
  EXPECT_EQ(user.content["Tags"][0]["Value"], "arn:aws:iam::999999999999:role/x");
  EXPECT_EQ(user.content["SshPublicKeys"][0]["DateImported"], 1767319445.5);
  EXPECT_FALSE(user.content.contains("New"));
}

TEST(Elements, FindTheServerOfAHostKeyAndKeepItsSecretApart) {
  const auto read = read_elements(
      R"({"HostKey":{"HostKeyId":"hostkey-1","HostKeyBody":"private",
          "Arn":"arn:aws:transfer:us-east-1:444455556666:host-key/s-0123456789abcdef0/hostkey-1"}})",
      kHere);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->front().server, "s-0123456789abcdef0");
  EXPECT_EQ(read->front().secret, "private");
  EXPECT_EQ(read->front().content.dump().find("private"), std::string::npos);
}

TEST(Elements, TakeListsApart) {
  const auto read =
      read_elements(R"({"ServerId":"s-1","Users":[{"UserName":"ann"},{"UserName":"bob"}]})", kHere);
  ASSERT_TRUE(read.ok()) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_TRUE(read->back().listed);
  EXPECT_EQ(read->back().server, "s-1");
}

TEST(Elements, RefuseWhatTheyAreNot) {
  for (const char* text :
       {"", "1", "[]", "{}", R"({"Policy":{}})", R"({"User":{"UserName":"ann"}})",
        R"({"ServerId":"s-1","User":{}})", R"({"ServerId":"s-1","Users":[1]})",
        R"({"Server":{"ServerId":7}})", R"({"Server":{"ServerId":"s-1","Protocols":"SFTP"}})",
        R"({"ServerId":"s-1","User":{"UserName":"ann","SshPublicKeys":[{"SshPublicKeyBody":1}]}})"})
    EXPECT_FALSE(read_elements(text, kHere).ok()) << text;
  EXPECT_TRUE(read_elements(R"({"Format":"sallyport-export"})", kHere)->empty());
}

TEST(Elements, PassOverWhatIsPrintedOfOtherThings) {
  for (const char* text :
       {R"({"SecurityPolicy":{"SecurityPolicyName":"TransferSecurityPolicy-2024-01"}})",
        R"({"SecurityPolicyNames":[]})", R"({"Arn":"arn:aws:transfer:","Tags":[]})",
        R"({"WorkflowId":"w-1","Executions":[]})", R"({"FileTransferResults":[]})"}) {
    const auto read = read_elements(text, kHere);
    ASSERT_TRUE(read.ok()) << text;
    EXPECT_TRUE(read->empty()) << text;
  }
}

TEST(Elements, ReadTimesAsCommandLinesPrintThem) {
  EXPECT_EQ(seconds_of_iso8601("1970-01-02T00:00:00Z"), 86400.0);
  EXPECT_EQ(seconds_of_iso8601("1970-01-02T00:00:00.250000+02:00"), 79200.25);
  EXPECT_EQ(seconds_of_iso8601("1970-01-01T00:00:00-01:30"), 5400.0);
  for (const char* text :
       {"", "1970-01-02", "now", "1970-01-02T00:00:00+2", "1970-01-02T00:00:00 UTC"})
    EXPECT_EQ(seconds_of_iso8601(text), std::nullopt) << text;
}

// A row that names what the model does not have would be passed over in silence.
TEST(MovedKinds, NameOperationsAndMembersOfTheModel) {
  for (const MovedKind& kind : moved_kinds()) {
    if (kind.create.empty()) continue;
    const OperationModel* create = transfer_model().operation(kind.create);
    const OperationModel* describe = transfer_model().operation(kind.describe);
    ASSERT_NE(create, nullptr) << kind.create;
    ASSERT_NE(describe, nullptr) << kind.describe;
    EXPECT_NE(describe->output->member(kind.member), nullptr) << kind.member;
    EXPECT_NE(describe->input->member(kind.id), nullptr) << kind.id;
    EXPECT_EQ(describe->input->member("ServerId") != nullptr,
              kind.of_server || kind.id == "ServerId")
        << kind.member;
    if (!kind.secret.empty()) {
      EXPECT_NE(create->input->member(kind.secret), nullptr) << kind.secret;
    }
    if (!kind.update.empty()) {
      EXPECT_NE(transfer_model().operation(kind.update), nullptr) << kind.update;
    }
    if (kind.plural.empty()) continue;
    const OperationModel* list = nullptr;
    for (const auto& [name, operation] : transfer_model().operations())
      if (name.starts_with("List") && operation.output->member(kind.plural) != nullptr)
        list = &operation;
    EXPECT_NE(list, nullptr) << kind.plural;
  }
}

}  // namespace
}  // namespace sallyport::api
