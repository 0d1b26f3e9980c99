#include <gtest/gtest.h>

#include <sstream>

#include "config/settings.h"
#include "config/test_text.h"

namespace sallyport::config {
namespace {

constexpr const char* kTwoStores = R"(
[stores.ceph]
buckets = ["data-*", "one?"]
endpoint = "https://rgw.example:7480/"
region = "eu-central-1"
addressing = "virtual"
ca_file = "/etc/ca.pem"
access_key_id = "AKID"
secret_access_key = "very-secret"
sts_endpoint = "https://sts.example/path"
role_accounts = "keep"
connections = 5
encryption = "aws:kms"
kms_key_id = "key-1"
acl = "bucket-owner-full-control"

[stores.aws]
endpoint = "https://s3.eu-west-1.amazonaws.com"
credentials = "web-identity"
web_identity_token_file = "/run/token"
role_arn = "arn:aws:iam::111122223333:role/door"
)";

void expect_two(const Settings& settings) {
  ASSERT_EQ(settings.stores.size(), 2u);
  const StoreSection& ceph = settings.stores.at("ceph");
  EXPECT_EQ(ceph.buckets, (std::vector<std::string>{"data-*", "one?"}));
  EXPECT_EQ(ceph.endpoint, "https://rgw.example:7480");
  EXPECT_EQ(ceph.region, "eu-central-1");
  EXPECT_EQ(ceph.addressing, "virtual");
  EXPECT_EQ(ceph.ca_file, "/etc/ca.pem");
  EXPECT_EQ(ceph.credentials, "static");
  EXPECT_EQ(ceph.secret_access_key.reveal(), "very-secret");
  EXPECT_EQ(ceph.sts_endpoint, "https://sts.example/path");
  EXPECT_EQ(ceph.role_accounts, "keep");
  EXPECT_EQ(ceph.connections, 5);
  EXPECT_EQ(ceph.encryption, "aws:kms");
  EXPECT_EQ(ceph.kms_key_id, "key-1");
  EXPECT_EQ(ceph.acl, "bucket-owner-full-control");
  const StoreSection& aws = settings.stores.at("aws");
  EXPECT_EQ(aws.buckets, std::vector<std::string>{"*"});
  EXPECT_EQ(aws.credentials, "web-identity");
  EXPECT_EQ(aws.role_arn, "arn:aws:iam::111122223333:role/door");
  EXPECT_EQ(aws.addressing, "path");
  EXPECT_TRUE(aws.sts);
}

TEST(StoreRules, AreReadAndPrintedWithoutSecretsSoThatTheyCanBeReadAgain) {
  const auto loaded = load_text(kTwoStores);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  expect_two(loaded->settings);
  std::string text = print(*loaded);
  EXPECT_EQ(text.find("very-secret"), std::string::npos);
  const std::string hidden = "# secret_access_key = \"(hidden)\"";
  const auto at = text.find(hidden);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, hidden.size(), "secret_access_key = \"very-secret\"");
  const auto again = load_text(text);
  ASSERT_TRUE(again.ok()) << again.error().message;
  expect_two(again->settings);
}

TEST(StoreRules, PrintShowsWhatASectionMaySayWithItsDefaults) {
  const std::string text = print(*load_text(""));
  const auto begin = text.find("# [stores.NAME]\n");
  ASSERT_NE(begin, std::string::npos);
  std::istringstream block(text.substr(begin, text.find("\n\n", begin) - begin));
  std::string uncommented;
  for (std::string line; std::getline(block, line);) {
    ASSERT_EQ(line.rfind("# ", 0), 0u) << line;
    if (line == "# endpoint = \"\"") line = "# endpoint = \"http://h\"";
    if (line == "# access_key_id = \"\"") line = "# access_key_id = \"a\"";
    if (line == "# secret_access_key = \"\"") line = "# secret_access_key = \"b\"";
    uncommented += line.substr(2) + "\n";
  }
  const auto loaded = load_text(uncommented);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const StoreSection& section = loaded->settings.stores.at("NAME");
  EXPECT_EQ(section.region, "us-east-1");
  EXPECT_EQ(section.connections, 64);
}

// `text` is of a store that lacks nothing else.
Result<Loaded> load_one(const std::string& text, const std::string& endpoint = "http://h") {
  return load_text("[stores.s]\nendpoint = \"" + endpoint + "\"\n" + text + "\n");
}

TEST(StoreRules, RefuseOtherNamesTypesAndValues) {
  const std::string keys = "access_key_id = \"a\"\nsecret_access_key = \"b\"\n";
  ASSERT_TRUE(load_one(keys).ok());
  for (const char* text : {"color = \"red\"",
                           "region = 5",
                           "region = \"\"",
                           "region = \"a b\"",
                           "sts = \"yes\"",
                           "addressing = \"dns\"",
                           "connections = 0",
                           "connections = \"5\"",
                           "connections = 5000",
                           "buckets = []",
                           "buckets = \"a\"",
                           "buckets = [5]",
                           "buckets = [\"a/b\"]",
                           "buckets = [\"\"]",
                           "encryption = \"rot13\"",
                           "kms_key_id = \"k\"",
                           "acl = \"everyone\"",
                           "checksum = \"sha1\"",
                           "credentials = \"magic\"",
                           "ca_file = \"a\\nb\"",
                           "sts_endpoint = \"sts\"",
                           "role_accounts = \"maybe\"",
                           "sts = false\nrole_accounts = \"keep\"",
                           "encryption = \"aws:kms\"\nkms_key_id = \"a b\""}) {
    const auto loaded = load_one(keys + text);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_EQ(loaded.error().code, Errc::kInvalidArgument) << text;
    EXPECT_NE(loaded.error().message.find("stores.s."), std::string::npos)
        << loaded.error().message;
  }
}

TEST(StoreRules, RefuseEndpointsThatAreNoUrlsOfAHost) {
  const std::string keys = "access_key_id = \"a\"\nsecret_access_key = \"b\"\n";
  for (const char* endpoint :
       {"", "s3.example", "ftp://h", "http://", "http:///p", "https://h/path", "https://h?q",
        "https://me@h", "https://h h", "https://h#f"})
    EXPECT_FALSE(load_one(keys, endpoint).ok()) << endpoint;
  for (const char* endpoint : {"http://h", "https://h:9000/", "http://[::1]:7480"})
    EXPECT_TRUE(load_one(keys, endpoint).ok()) << endpoint;
}

TEST(StoreRules, CredentialsNeedTheirOwnMembersAndTakeNoOthers) {
  for (const char* text :
       {"", "access_key_id = \"a\"", "secret_access_key = \"b\"",
        "access_key_id = \"a\"\nsecret_access_key = \"b\"\nsecret_access_key_file = \"/f\"",
        "access_key_id = \"a b\"\nsecret_access_key = \"b\"",
        "credentials = \"environment\"\naccess_key_id = \"a\"",
        "credentials = \"instance\"\nprofile = \"p\"", "credentials = \"file\"\nprofile = \"\"",
        "credentials = \"file\"\nrole_arn = \"arn:aws:iam::1:role/r\"",
        "credentials = \"web-identity\"\nweb_identity_token_file = \"/t\"",
        "credentials = \"web-identity\"\nrole_arn = \"arn:aws:iam::1:role/r\""}) {
    const auto loaded = load_one(text);
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_NE(loaded.error().message.find("credentials"), std::string::npos)
        << loaded.error().message;
  }
  for (const char* text :
       {"access_key_id = \"a\"\nsecret_access_key_file = \"/f\"", "credentials = \"environment\"",
        "credentials = \"file\"\nprofile = \"p\"\ncredentials_file = \"/f\"",
        "credentials = \"instance\""})
    EXPECT_TRUE(load_one(text).ok()) << text;
}

TEST(StoreRules, RefuseStoresThatCouldNotBeToldApart) {
  const std::string one = "endpoint = \"http://h\"\ncredentials = \"instance\"\n";
  EXPECT_FALSE(load_text("[stores.a]\n" + one + "[stores.b]\n" + one).ok());
  EXPECT_TRUE(load_text("[stores.a]\n" + one + "[stores.b]\n" + one + "buckets = [\"b\"]\n").ok());
  EXPECT_FALSE(load_text("[stores.\"a b\"]\n" + one).ok());
  EXPECT_FALSE(load_text("stores = 5\n").ok());
  EXPECT_FALSE(load_text("[stores]\nendpoint = \"http://h\"\n").ok());
}

}  // namespace
}  // namespace sallyport::config
