// Roles, lines and the operations on names; listings and uploads have files of their own.
#include "session/session.h"

#include <gmock/gmock.h>

#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using ::testing::MatchesRegex;
using testing::SessionTest;
using KeysLeft = std::set<std::string>;

// The keys of the documented ERROR lines.
const KeysLeft kListingDenied{"activity-type", "resource-arn", "message", "session-id"};
const KeysLeft kDenied{"s3extended-request-id",
                       "path",
                       "activity-type",
                       "resource-arn",
                       "message",
                       "request-id",
                       "operation",
                       "session-id"};
const KeysLeft kNotAssumed{"path",    "activity-type", "resource-arn",
                           "message", "operation",     "session-id"};

constexpr std::string_view kNothing =
    R"({"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]})";

TEST_F(SessionTest, WritesConnectedAndDisconnectedAsTheManagedServiceDoes) {
  facts = {.source_ip = "192.0.2.1",
           .client = "SSH-2.0-OpenSSH_9.9",
           .kex = "curve25519-sha256",
           .ciphers = "aes128-ctr,aes128-ctr",
           .macs = "hmac-sha2-256-etm@openssh.com,hmac-sha2-256-etm@openssh.com",
           .ssh_public_key = "AAAAB3NzaC1yc2E",
           .ssh_public_key_type = "ssh-rsa",
           .ssh_public_key_fingerprint = "SHA256:IczaCbl50Uq6ROaYd4CMvo725gWLrhUG9Ap7DC"};
  session().connected();
  session().disconnected();
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(keys_of(written[0]),
            (KeysLeft{"role", "activity-type", "ssh-public-key-fingerprint", "home-dir",
                      "ssh-public-key", "ssh-public-key-type", "macs", "ciphers", "client",
                      "source-ip", "resource-arn", "user", "kex", "session-id"}));
  EXPECT_EQ(written[0]["activity-type"], "CONNECTED");
  EXPECT_EQ(written[0]["home-dir"], "/demo/ann");
  EXPECT_EQ(written[0]["role"], "arn:aws:iam::000000000000:role/demo");
  EXPECT_EQ(keys_of(written[1]), (KeysLeft{"activity-type", "resource-arn", "session-id"}));
  EXPECT_EQ(written[1]["activity-type"], "DISCONNECTED");
  EXPECT_THAT(session().id(), MatchesRegex("[0-9a-f]{20}"));
}

TEST_F(SessionTest, SaysSlashForTheHomeOfLogicalUsersAndShowsASessionPolicy) {
  make_logical({{"/in", "/demo/in", "DIRECTORY", true}});
  ann.home_directory = "/in";
  ann.policy = "{}";
  session().connected();
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["home-dir"], "/");
  EXPECT_EQ(written[0]["user-policy"], "{}");
  EXPECT_EQ(session().home(), "/in");
}

TEST_F(SessionTest, TouchesNeitherRoleNorStorageAtLogin) {
  break_trust();
  session().connected();
  EXPECT_EQ(*wait(session().real_path("x/..")), "/demo/ann");
  ASSERT_TRUE(wait(session().open_directory(".")).ok());
  EXPECT_TRUE(objects.calls.empty());
}

TEST_F(SessionTest, SaysAccessDeniedOfARoleThatMayNothing) {
  allow(kNothing);
  expect_refused(list("."), Errc::kPermissionDenied);
  auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(keys_of(written[0]), kListingDenied);
  EXPECT_EQ(written[0]["activity-type"], "ERROR");
  EXPECT_EQ(written[0]["message"], "Access denied");

  expect_refused(wait(session().make_directory("new")), Errc::kPermissionDenied);
  written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(keys_of(written[0]), kDenied);
  EXPECT_EQ(written[0]["operation"], "MKDIR");
  EXPECT_EQ(written[0]["path"], "/demo/ann/new");
  EXPECT_EQ(written[0]["message"], "Access denied");
  EXPECT_THAT(written[0]["request-id"].get<std::string>(), MatchesRegex("[0-9A-Z]{16}"));
  EXPECT_THAT(written[0]["s3extended-request-id"].get<std::string>(),
              MatchesRegex("[A-Za-z0-9+/]{75}="));
  EXPECT_TRUE(objects.calls.empty());
}

TEST_F(SessionTest, NamesTheOperationThatWasDenied) {
  allow(kNothing);
  const auto expect_line = [this](const char* operation) {
    const auto written = lines();
    ASSERT_EQ(written.size(), 1u) << operation;
    EXPECT_EQ(keys_of(written[0]), kDenied) << operation;
    EXPECT_EQ(written[0]["operation"], operation);
    EXPECT_EQ(written[0]["path"], "/demo/ann/x");
  };
  expect_refused(wait(session().stat("x")), Errc::kPermissionDenied);
  expect_line("STAT");
  expect_refused(wait(session().open_download("x")), Errc::kPermissionDenied);
  expect_line("OPEN");
  expect_refused(wait(session().open_upload("x", kPut)), Errc::kPermissionDenied);
  expect_line("OPEN");
  expect_refused(wait(session().remove_file("x")), Errc::kPermissionDenied);
  expect_line("DELETE");
  expect_refused(wait(session().remove_directory("x")), Errc::kPermissionDenied);
  expect_line("RMDIR");
  expect_refused(wait(session().rename("x", "y")), Errc::kPermissionDenied);
  expect_line("RENAME");
}

TEST_F(SessionTest, SaysUnableToAssumeRoleButNotForListings) {
  for (const bool deleted : {false, true}) {
    if (deleted) {
      resources.remove_role("demo");
    } else {
      break_trust();
    }
    log_in_again();
    expect_refused(list("."), Errc::kPermissionDenied);
    EXPECT_TRUE(lines().empty());
    expect_refused(wait(session().make_directory("/demo/test")), Errc::kPermissionDenied);
    const auto written = lines();
    ASSERT_EQ(written.size(), 1u);
    EXPECT_EQ(keys_of(written[0]), kNotAssumed);
    EXPECT_EQ(written[0]["message"], "Unable to AssumeRole for user");
    EXPECT_EQ(written[0]["operation"], "MKDIR");
    EXPECT_EQ(written[0]["path"], "/demo/test");
  }
}

TEST_F(SessionTest, TriesAgainToAssumeARoleThatCouldNotBe) {
  break_trust();
  expect_refused(wait(session().stat("x")), Errc::kPermissionDenied);
  allow(testing::kAllowAll);
  expect_refused(wait(session().stat("x")), Errc::kNotFound);
}

TEST_F(SessionTest, AsksTheTrustAgainWhenTheCredentialsLifeIsOverAndNotBefore) {
  expect_refused(wait(session().stat("x")), Errc::kNotFound);
  break_trust();
  clock.advance(iam::kRoleSessionLife - std::chrono::seconds(1));
  expect_refused(wait(session().stat("x")), Errc::kNotFound);
  clock.advance(std::chrono::seconds(1));
  expect_refused(wait(session().stat("x")), Errc::kPermissionDenied);
  EXPECT_EQ(lines().at(0)["message"], "Unable to AssumeRole for user");
  // Trusted again: a new life of the same length.
  allow(testing::kAllowAll);
  expect_refused(wait(session().stat("x")), Errc::kNotFound);
  break_trust();
  clock.advance(iam::kRoleSessionLife - std::chrono::seconds(1));
  expect_refused(wait(session().stat("x")), Errc::kNotFound);
  clock.advance(std::chrono::seconds(1));
  expect_refused(wait(session().stat("x")), Errc::kPermissionDenied);
}

TEST_F(SessionTest, ReadsPoliciesAsTheyStandAtEachCall) {
  objects.put("demo", "ann/x", "1");
  EXPECT_TRUE(wait(session().stat("x")).ok());
  allow(kNothing);
  expect_refused(wait(session().stat("x")), Errc::kPermissionDenied);
  allow(testing::kAllowAll);
  EXPECT_TRUE(wait(session().stat("x")).ok());
}

TEST_F(SessionTest, LimitsByTheSessionPolicyWithItsVariables) {
  ann.policy =
      R"({"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::${transfer:HomeBucket}",
         "Condition":{"StringLike":{"s3:prefix":["${transfer:HomeFolder}/*","${transfer:HomeFolder}"]}}},
        {"Effect":"Allow","Action":"s3:*Object","Resource":"arn:aws:s3:::${transfer:HomeDirectory}/*"}]})";
  objects.put("demo", "ann/a", "1");
  objects.put("demo", "bob/b", "1");
  EXPECT_EQ(*list("."), std::vector<std::string>{"a"});
  EXPECT_TRUE(wait(session().open_download("a")).ok());
  expect_refused(list("../bob"), Errc::kPermissionDenied);
  expect_refused(list(".."), Errc::kPermissionDenied);
  expect_refused(wait(session().open_download("/demo/bob/b")), Errc::kPermissionDenied);
}

TEST_F(SessionTest, LeavesHomeVariablesOfLogicalUsersWithoutEffect) {
  make_logical({{"/", "/demo/ann", "DIRECTORY", true}});
  ann.policy =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::${transfer:HomeBucket}/*"}]})";
  expect_refused(wait(session().open_upload("a", kPut)), Errc::kPermissionDenied);
}

TEST_F(SessionTest, TellsFilesFromDirectories) {
  objects.put("demo", "ann/file", "12345");
  objects.put("demo", "ann/marked/", "");
  objects.put("demo", "ann/implied/x", "1");
  const auto file = wait(session().stat("file"));
  ASSERT_TRUE(file.ok());
  EXPECT_FALSE(file->directory);
  EXPECT_EQ(file->size, 5u);
  EXPECT_EQ(to_unix_ms(file->modified), 1767323045000);
  for (const char* path : {"marked", "implied", ".", "/demo/ann", "/demo", "/"}) {
    const auto directory = wait(session().stat(path));
    ASSERT_TRUE(directory.ok()) << path;
    EXPECT_TRUE(directory->directory) << path;
  }
  for (const char* path : {"missing", "fil", "implied/y", "/nobucket/x"})
    expect_refused(wait(session().stat(path)), Errc::kNotFound);
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, StatsByListingWhereTheRoleMayOnlyWriteAndList) {
  allow(
      R"({"Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:ListBucket"],"Resource":"*"}]})");
  objects.put("demo", "ann/file", "12345");
  objects.put("demo", "ann/dir/x", "1");
  EXPECT_EQ(wait(session().stat("file"))->size, 5u);
  EXPECT_TRUE(wait(session().stat("dir"))->directory);
  expect_refused(wait(session().stat("none")), Errc::kNotFound);
}

TEST_F(SessionTest, MakesDirectoriesAsMarkers) {
  ASSERT_TRUE(wait(session().make_directory("new")).ok());
  const auto* marker = objects.find("demo", "ann/new/");
  ASSERT_NE(marker, nullptr);
  EXPECT_EQ(marker->content, "");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(keys_of(written[0]), (KeysLeft{"activity-type", "path", "resource-arn", "session-id"}));
  EXPECT_EQ(written[0]["activity-type"], "MKDIR");
  EXPECT_EQ(written[0]["path"], "/demo/ann/new");

  objects.put("demo", "ann/file", "1");
  objects.put("demo", "ann/implied/x", "1");
  for (const char* path : {"new", "file", "implied", "/"})
    expect_refused(wait(session().make_directory(path)), Errc::kAlreadyExists);
  EXPECT_TRUE(lines().empty());
  // Buckets are not made here.
  expect_refused(wait(session().make_directory("/newbucket")), Errc::kPermissionDenied);
  EXPECT_EQ(lines().size(), 1u);
  EXPECT_EQ(objects.find("demo", "ann/file")->content, "1");
}

TEST_F(SessionTest, MakesDirectoriesForRolesThatMayOnlyWrite) {
  allow(R"({"Statement":[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}]})");
  EXPECT_TRUE(wait(session().make_directory("new")).ok());
  expect_refused(wait(session().make_directory("new")), Errc::kAlreadyExists);
}

TEST_F(SessionTest, RemovesDirectoriesOnlyWhenNothingButTheMarkerIsLeft) {
  objects.put("demo", "ann/empty/", "");
  objects.put("demo", "ann/full/", "");
  objects.put("demo", "ann/full/x", "1");
  objects.put("demo", "ann/implied/x", "1");
  objects.put("demo", "ann/file", "1");
  ASSERT_TRUE(wait(session().remove_directory("empty")).ok());
  EXPECT_EQ(objects.find("demo", "ann/empty/"), nullptr);
  EXPECT_EQ(lines().at(0)["activity-type"], "RMDIR");
  expect_refused(wait(session().remove_directory("full")), Errc::kConflict);
  expect_refused(wait(session().remove_directory("implied")), Errc::kConflict);
  expect_refused(wait(session().remove_directory("file")), Errc::kNotFound);
  expect_refused(wait(session().remove_directory("empty")), Errc::kNotFound);
  EXPECT_TRUE(lines().empty());
  for (const char* root : {"/", "/demo"})
    expect_refused(wait(session().remove_directory(root)), Errc::kPermissionDenied);
  EXPECT_EQ(objects.buckets["demo"].size(), 4u);
}

TEST_F(SessionTest, RemovesFiles) {
  objects.put("demo", "ann/a", "1");
  objects.put("demo", "ann/dir/", "");
  ASSERT_TRUE(wait(session().remove_file("a")).ok());
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["activity-type"], "DELETE");
  EXPECT_EQ(written[0]["path"], "/demo/ann/a");
  expect_refused(wait(session().remove_file("a")), Errc::kNotFound);
  expect_refused(wait(session().remove_file("dir")), Errc::kConflict);
  expect_refused(wait(session().remove_file("/demo")), Errc::kConflict);
  EXPECT_NE(objects.find("demo", "ann/dir/"), nullptr);
  EXPECT_TRUE(lines().empty());
}

TEST_F(SessionTest, RenamesFilesButNeverOntoAnything) {
  objects.put("demo", "ann/a", "1");
  objects.put("demo", "ann/b", "2");
  objects.put("demo", "ann/dir/x", "3");
  objects.buckets["other"];
  ASSERT_TRUE(wait(session().rename("a", "c")).ok());
  EXPECT_EQ(objects.find("demo", "ann/a"), nullptr);
  EXPECT_EQ(objects.find("demo", "ann/c")->content, "1");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(keys_of(written[0]),
            (KeysLeft{"activity-type", "path", "new-path", "resource-arn", "session-id"}));
  EXPECT_EQ(written[0]["path"], "/demo/ann/a");
  EXPECT_EQ(written[0]["new-path"], "/demo/ann/c");
  EXPECT_TRUE(wait(session().rename("c", "/other/c")).ok());
  lines();

  expect_refused(wait(session().rename("missing", "d")), Errc::kNotFound);
  expect_refused(wait(session().rename("b", "b")), Errc::kAlreadyExists);
  expect_refused(wait(session().rename("b", "dir")), Errc::kAlreadyExists);
  expect_refused(wait(session().rename("b", "/demo")), Errc::kAlreadyExists);
  EXPECT_TRUE(lines().empty());
  expect_refused(wait(session().rename("dir", "dir2")), Errc::kUnsupported);
  expect_refused(wait(session().rename("/demo", "/demo2")), Errc::kUnsupported);
  EXPECT_EQ(objects.find("demo", "ann/b")->content, "2");
  EXPECT_NE(objects.find("demo", "ann/dir/x"), nullptr);
}

TEST_F(SessionTest, RefusesAttributesUnlessTheServerIgnoresThem) {
  objects.put("demo", "ann/a", "1");
  expect_refused(wait(session().set_attributes("a")), Errc::kUnsupported);
  EXPECT_EQ(lines().at(0)["operation"], "SETSTAT");
  server.protocol_details.set_stat_option = "ENABLE_NO_OP";
  log_in_again();
  ASSERT_TRUE(wait(session().set_attributes("a")).ok());
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["activity-type"], "SETSTAT");
  EXPECT_EQ(written[0]["path"], "/demo/ann/a");
  EXPECT_TRUE(objects.calls.empty());
}

TEST_F(SessionTest, RefusesSymbolicLinksWithALine) {
  expect_refused(wait(session().make_link("b", "a")), Errc::kUnsupported);
  expect_refused(wait(session().read_link(std::string("\xff\0", 2))), Errc::kUnsupported);
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  EXPECT_EQ(keys_of(written[0]), kNotAssumed);
  EXPECT_EQ(written[0]["path"], "/demo/ann/a");
  EXPECT_EQ(written[0]["message"], "AWS Transfer does not support symbolic links on S3");
}

TEST_F(SessionTest, AnswersBadPathsWithoutALine) {
  for (const std::string& path :
       {std::string("a\0b", 3), std::string("\xff"), "/demo/" + std::string(1025, 'k')}) {
    expect_refused(wait(session().stat(path)), Errc::kInvalidArgument);
    expect_refused(wait(session().open_upload(path, kPut)), Errc::kInvalidArgument);
    expect_refused(wait(session().make_directory(path)), Errc::kInvalidArgument);
    expect_refused(wait(session().rename("a", path)), Errc::kInvalidArgument);
  }
  EXPECT_TRUE(lines().empty());
  EXPECT_TRUE(objects.calls.empty());
}

TEST_F(SessionTest, TellsNothingOfStoragesTrouble) {
  objects.put("demo", "ann/a", "1");
  objects.fail_next = Error(Errc::kIo, "read of /var/lib/secret: Input/output error");
  const auto failed = wait(session().stat("a"));
  expect_refused(failed, Errc::kIo);
  EXPECT_EQ(failed.error().message, "Failure");
  objects.fail_next = Error(Errc::kUnavailable, "disk full at /var/lib/secret");
  expect_refused(wait(session().open_download("a")), Errc::kUnavailable);
  const auto written = lines();
  ASSERT_EQ(written.size(), 2u);
  for (const auto& line : written) {
    EXPECT_EQ(keys_of(line), kDenied);
    EXPECT_EQ(line.dump().find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace sallyport::session
