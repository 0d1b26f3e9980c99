// Connections over loopback, with OpenSSH's client and with bare sockets.
#include "sftp/connection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/testing/pattern.h"
#include "sftp/testing/bare_client.h"
#include "sftp/testing/served_world.h"

namespace sallyport::sftp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SshConnection : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/sftp", X_OK) != 0) GTEST_SKIP() << "OpenSSH's sftp is not installed";
  }
  // The kinds of the log lines of a stream, oldest first.
  std::vector<std::string> activities(const std::string& stream) {
    std::vector<std::string> out;
    for (const std::string& line : served_.world.log_lines()) {
      if (!line.starts_with(stream + " ")) continue;
      const std::string key = "\"activity-type\":\"";
      const std::size_t at = line.find(key) + key.size();
      out.push_back(line.substr(at, line.find('"', at) - at));
    }
    return out;
  }
  std::string stream() { return served_.world.server().id.str() + "/ann"; }

  testing::ServedWorld served_;
};

TEST_F(SshConnection, OpenSshPutsAndGetsFilesUnchanged) {
  served_.start();
  const std::string content = patterned(5'000'001);
  served_.put_file("a.bin", content);
  for (const std::string options : {"", "-B 32768 -R 16", "-c aes256-ctr", "-B 1000 -R 200",
                                    "-c chacha20-poly1305@openssh.com -o RekeyLimit=1M"}) {
    const auto got = served_.sftp(
        "put " + served_.path("a.bin") + " a.bin\nget a.bin " + served_.path("b.bin") + "\n", "ann",
        "key", options);
    EXPECT_EQ(got.status, 0) << options << got.output;
    EXPECT_TRUE(served_.get_file("b.bin") == content) << options;
    ::unlink(served_.path("b.bin").c_str());
  }
  EXPECT_TRUE(served_.world.object("ann/a.bin") == content);
}

TEST_F(SshConnection, ASessionIsLoggedFromConnectedToDisconnected) {
  served_.start();
  served_.put_file("a", "hello");
  EXPECT_EQ(served_.sftp("put " + served_.path("a") + " a\n").status, 0);
  served_.wait_for_end();
  EXPECT_THAT(activities(stream()), ElementsAre("CONNECTED", "OPEN", "CLOSE", "DISCONNECTED"));
  const std::string connected = served_.world.log_lines_with("\"CONNECTED\"").at(0);
  EXPECT_THAT(connected, HasSubstr("\"source-ip\":\"127.0.0.1\""));
  EXPECT_THAT(connected, HasSubstr("\"client\":\"SSH-2.0-OpenSSH_"));
  EXPECT_THAT(connected, HasSubstr(served_.fingerprint("key")));
  EXPECT_THAT(served_.registry.list(), SizeIs(0));
}

TEST_F(SshConnection, CommandsOfOpenSshSeeWhatTheServiceShows) {
  served_.start();
  served_.world.put_object("ann/in/one.csv", "12345");
  const auto got = served_.sftp(
      "pwd\nls -l in\nmkdir d\nls -1\nrename in/one.csv d/two.csv\nls -l d/two.csv\nrm d/two.csv\n"
      "rmdir d\nversion\n");
  EXPECT_EQ(got.status, 0) << got.output;
  EXPECT_THAT(got.output, HasSubstr("/demo/ann"));
  EXPECT_THAT(got.output, HasSubstr("-rw-r--r--"));
  EXPECT_THAT(got.output, HasSubstr("one.csv"));
  EXPECT_THAT(got.output, HasSubstr("SFTP protocol version 3"));
}

TEST_F(SshConnection, AnUnknownUserLooksLikeAWrongKeyToTheClientAndNotToTheLog) {
  served_.start();
  const auto unknown = served_.sftp("pwd\n", "nobody", "key");
  const auto wrong = served_.sftp("pwd\n", "ann", "other-key");
  EXPECT_EQ(unknown.status, 255);
  EXPECT_EQ(wrong.status, 255);
  EXPECT_THAT(unknown.output, HasSubstr("nobody@127.0.0.1: Permission denied (publickey)."));
  EXPECT_THAT(wrong.output, HasSubstr("ann@127.0.0.1: Permission denied (publickey)."));
  served_.wait_for_end();
  const auto lines = served_.world.log_lines_with("AUTH_FAILURE");
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_THAT(lines[0], HasSubstr("ERRORS {"));
  EXPECT_THAT(lines[0], HasSubstr("\"message\":\"Authentication failure\""));
  EXPECT_THAT(lines[0], HasSubstr("\"user\":\"nobody\""));
  EXPECT_THAT(lines[1],
              HasSubstr("\"message\":\"ED25519 " + served_.fingerprint("other-key") + "\""));
  EXPECT_THAT(lines[1], HasSubstr("\"method\":\"publickey\""));
}

TEST_F(SshConnection, ARefusedKeyBeforeAGoodOneIsNotLogged) {
  served_.start();
  EXPECT_EQ(served_.sftp("pwd\n", "ann", "other-key", "-i " + served_.path("key")).status, 0);
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines_with("AUTH_FAILURE"), SizeIs(0));
}

TEST_F(SshConnection, NoKeyOfferedIsRefusedWithoutALine) {
  served_.start();
  const auto got = served_.sftp("pwd\n", "ann", "");
  EXPECT_EQ(got.status, 255);
  EXPECT_THAT(got.output, HasSubstr("Permission denied (publickey)."));
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines(), SizeIs(0));
}

TEST_F(SshConnection, AServerWhoseLoggingRoleCannotBeAssumedClosesBeforeAuthentication) {
  served_.world.server().logging_role = "arn:aws:iam::000000000000:role/not-there";
  served_.start();
  for (const char* user : {"ann", "nobody"}) {
    const auto got = served_.sftp("pwd\n", user);
    EXPECT_EQ(got.status, 255);
    EXPECT_THAT(got.output, ::testing::StartsWith("Connection closed"));
    EXPECT_THAT(got.output, ::testing::Not(HasSubstr("denied")));
  }
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines(), SizeIs(0));
}

TEST_F(SshConnection, AServerWhoseLoggingRoleTrustsTheServiceServes) {
  served_.world.server().logging_role = served_.world.principal().role;
  served_.start();
  EXPECT_EQ(served_.sftp("pwd\n").status, 0);
  // Refused for the key, as without a logging role.
  EXPECT_THAT(served_.sftp("pwd\n", "nobody").output, HasSubstr("Permission denied (publickey)."));
}

TEST_F(SshConnection, TooManyKeysEndTheConnection) {
  served_.max_auth_attempts = 2;
  served_.start();
  std::string keys;
  for (const char* name : {"k1", "k2", "k3", "k4"}) {
    served_.add_key(name);
    keys += " -i " + served_.path(name);
  }
  const auto got = served_.sftp("pwd\n", "ann", "other-key", keys);
  EXPECT_EQ(got.status, 255);
  EXPECT_THAT(got.output, HasSubstr("Too many authentication failures"));
}

TEST_F(SshConnection, NoCommonKeyExchangeIsLogged) {
  served_.start();
  const auto got =
      served_.sftp("pwd\n", "ann", "key", "-o KexAlgorithms=sntrup761x25519-sha512@openssh.com");
  EXPECT_EQ(got.status, 255);
  served_.wait_for_end();
  const auto lines = served_.world.log_lines_with("KEX_FAILURE");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("ERRORS {"));
  EXPECT_THAT(lines[0], HasSubstr("no matching key exchange method found"));
  EXPECT_THAT(lines[0], HasSubstr("sntrup761x25519-sha512@openssh.com"));
}

// Puts a file slowly until the registry ends the session.
TEST_F(SshConnection, AnEndedSessionKeepsWhatWasUploadedAndLogsIt) {
  served_.start();
  const std::string content = patterned(4'000'000);
  served_.put_file("slow", content);
  testing::Outcome got;
  std::thread client([&] {
    got = served_.sftp("put " + served_.path("slow") + " slow\n", "ann", "key", "-l 2000");
  });
  while (served_.world.log_lines_with("\"OPEN\"").empty()) std::this_thread::yield();
  EXPECT_EQ(served_.registry.end_user(served_.world.server().id, "bob"), 0u);
  EXPECT_EQ(served_.registry.end_user(served_.world.server().id, "ann"), 1u);
  client.join();
  EXPECT_NE(got.status, 0);
  served_.wait_for_end();
  EXPECT_THAT(activities(stream()),
              ElementsAre("CONNECTED", "OPEN", "PARTIAL_CLOSE", "DISCONNECTED"));
  const std::string kept = served_.world.object("ann/slow");
  EXPECT_LT(kept.size(), content.size());
  EXPECT_TRUE(content.starts_with(kept));
}

// ---- Bare sockets. ----

using Client = testing::BareClient;

TEST_F(SshConnection, WhoDoesNotLogInIsSentAwayWhenTheTimeIsOver) {
  served_.settings.login_timeout = std::chrono::milliseconds(50);
  served_.start();
  Client client(served_.port());
  EXPECT_THAT(client.read_all(), HasSubstr("SSH-2.0-AWS_SFTP_1.1\r\n"));
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines(), SizeIs(0));
}

TEST_F(SshConnection, WhoSpeaksNoSshIsSentAway) {
  served_.start();
  for (const std::string_view said : {"GET / HTTP/1.1\r\n\r\n", "SSH-1.5-old\r\n"}) {
    Client client(served_.port());
    client.send(said);
    client.send(std::string(70'000, 'x'));
    client.read_all();
  }
  served_.wait_for_end();
}

TEST_F(SshConnection, MoreStrangersThanAllowedAreClosedAtOnce) {
  served_.pre_auth = std::make_shared<PreAuthLimit>(1);
  served_.start();
  Client first(served_.port());
  EXPECT_EQ(first.read_line(), "SSH-2.0-AWS_SFTP_1.1\r\n");
  Client second(served_.port());
  EXPECT_EQ(second.read_all(), "");
  first.send("nonsense\r\n\r\n\r\n" + std::string(70'000, 'x'));
  first.read_all();
  served_.wait_for_end();
  EXPECT_EQ(served_.sftp("pwd\n").status, 0);
}

TEST_F(SshConnection, AnIdleSessionEndsWithItsReason) {
  served_.settings.idle_timeout = std::chrono::milliseconds(300);
  served_.start();
  // A client that waits for a command that does not come.
  const std::string command =
      "sftp -F /dev/null -P " + std::to_string(served_.port()) + " -i " + served_.path("key") +
      " -o IdentityAgent=none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
      "ann@127.0.0.1 >/dev/null 2>&1";
  std::FILE* client = ::popen(command.c_str(), "w");
  while (served_.world.log_lines_with("EXIT_REASON").empty()) std::this_thread::yield();
  served_.wait_for_end();
  EXPECT_THAT(activities(stream()), ElementsAre("CONNECTED", "EXIT_REASON", "DISCONNECTED"));
  ::pclose(client);
}

}  // namespace
}  // namespace sallyport::sftp
