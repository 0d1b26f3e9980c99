// Logins over loopback with OpenSSH's client: certificates, sources that fail, and who leaves
// early.
#include "sftp/login.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "sftp/testing/served_world.h"

namespace sallyport::sftp {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

// Connects, says `text`, reads up to `read` bytes; returns what was read.
std::string visit(std::uint16_t port, std::string_view text, std::size_t read) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  (void)!::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL);
  std::string out(read, '\0');
  std::size_t size = 0;
  for (ssize_t n; size < read && (n = ::recv(fd.get(), out.data() + size, read - size, 0)) > 0;)
    size += static_cast<std::size_t>(n);
  out.resize(size);
  return out;
}

class LoginTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/sftp", X_OK) != 0) GTEST_SKIP() << "OpenSSH's sftp is not installed";
  }
  std::string metrics() { return served_.world.services().metrics.text(); }
  std::shared_ptr<SourceGuard> guard(double slow, double refuse) {
    SourceGuardSettings settings;
    settings.slow = slow;
    settings.refuse = refuse;
    // Nobody waits so long: what is slowed is seen by not being answered at all.
    settings.delay = std::chrono::hours(10);
    settings.window = std::chrono::hours(10);
    return std::make_shared<SourceGuard>(settings, served_.world.clock());
  }

  testing::ServedWorld served_;
};

// ---- Sources. ----

TEST_F(LoginTest, RefusalsOfASlowedSourceWaitTheSameForUnknownUsersAndWrongKeys) {
  served_.login.sources = guard(1, 0);
  served_.settings.login_timeout = std::chrono::milliseconds(500);
  served_.start();
  for (const char* user : {"nobody", "ann"}) {
    const auto got = served_.sftp("pwd\n", user, "other-key");
    EXPECT_EQ(got.status, 255);
    EXPECT_THAT(got.output, HasSubstr("Login timed out.")) << user;
    EXPECT_THAT(got.output, Not(HasSubstr("Permission denied"))) << user;
  }
  // Ends although the answers were due in ten hours.
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines_with("AUTH_FAILURE"), SizeIs(2));
}

TEST_F(LoginTest, ASourceThatOnlyFailsIsClosedBeforeAByte) {
  served_.login.sources = guard(0, 2);
  served_.start();
  EXPECT_EQ(visit(served_.port(), "", 8), "SSH-2.0-");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(served_.sftp("pwd\n", "ann", "other-key").output, HasSubstr("Permission denied"));
  }
  served_.wait_for_end();
  EXPECT_EQ(visit(served_.port(), "", 8), "");
  EXPECT_EQ(served_.sftp("pwd\n", "ann", "key").status, 255);
  served_.wait_for_end();
  EXPECT_THAT(metrics(), HasSubstr("connections_refused_total{reason=\"failed_logins\"} 2"));
  EXPECT_EQ(served_.login.sources->refused(), 1u);
}

TEST_F(LoginTest, WhoLogsInAtLastHasNotFailed) {
  served_.login.sources = guard(2, 3);
  served_.start();
  for (int i = 0; i < 5; ++i) {
    const auto got = served_.sftp("pwd\n", "ann", "other-key", "-i " + served_.path("key"));
    EXPECT_EQ(got.status, 0) << got.output;
  }
  served_.wait_for_end();
  EXPECT_FALSE(served_.login.sources->refuses(net::IpAddress::from_v4({127, 0, 0, 1})));
  EXPECT_THAT(metrics(), Not(HasSubstr("auth_failures_total{")));
}

TEST_F(LoginTest, WhoLeavesWithoutTryingCountsForNothing) {
  served_.login.sources = guard(1, 1);
  served_.start();
  visit(served_.port(), "", 0);
  visit(served_.port(), "SSH-2.0-check\r\n", 0);
  visit(served_.port(), "SSH-2.0-check\r\n", 100);
  EXPECT_EQ(served_.sftp("pwd\n", "ann", "").status, 255);  // asks for the methods, has no key
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines(), SizeIs(0));
  EXPECT_THAT(metrics(), Not(HasSubstr("auth_failures_total{")));
  EXPECT_EQ(served_.login.sources->size(), 0u);
}

TEST_F(LoginTest, AFailedLoginIsCountedOnceHoweverManyKeysWereTried) {
  served_.login.sources = guard(0, 2);
  served_.add_key("third");
  served_.start();
  EXPECT_EQ(served_.sftp("pwd\n", "nobody", "other-key", "-i " + served_.path("third")).status,
            255);
  served_.wait_for_end();
  EXPECT_THAT(metrics(), HasSubstr("auth_failures_total{server=\"s-0123456789abcdef0\"} 1"));
  EXPECT_EQ(visit(served_.port(), "", 8), "SSH-2.0-");
}

// ---- Certificates. ----

class CertificateLogin : public LoginTest {
 protected:
  void SetUp() override {
    LoginTest::SetUp();
    served_.add_key("ca");
    served_.add_key("stranger");
    served_.add_key("person");
    trust("ca");
  }
  void trust(const std::string& ca) {
    served_.login.trusted_user_ca = std::make_shared<const std::vector<ssh::PublicKey>>(
        std::vector{ssh::PublicKey::from_authorized_key(served_.public_line(ca)).value()});
  }
  testing::Outcome log_in(const std::string& user, const std::string& options,
                          const std::string& ca = "ca", const std::string& key = "person") {
    const auto made = testing::ServedWorld::run("ssh-keygen -q -s " + served_.path(ca) + " -I id " +
                                                options + " " + served_.path(key + ".pub"));
    EXPECT_EQ(made.status, 0) << made.output;
    return served_.sftp("pwd\n", user, key);
  }
  void expect_refusal(const testing::Outcome& got, const std::string& user = "ann") {
    EXPECT_EQ(got.status, 255);
    EXPECT_THAT(got.output, HasSubstr(user + "@127.0.0.1: Permission denied (publickey)."));
  }
};

TEST_F(CertificateLogin, ATrustedAuthorityLetsAUserInWithoutAStoredKey) {
  served_.start();
  const auto got = log_in("ann", "-n ann,bob");
  EXPECT_EQ(got.status, 0) << got.output;
  EXPECT_THAT(got.output, HasSubstr("/demo/ann"));
  served_.wait_for_end();
  const auto lines = served_.world.log_lines_with("\"CONNECTED\"");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], HasSubstr("\"ssh-public-key-type\":\"ssh-ed25519\""));
  EXPECT_THAT(lines[0],
              HasSubstr("\"ssh-public-key-fingerprint\":\"" + served_.fingerprint("person")));
}

TEST_F(CertificateLogin, WhatIsNotForThisUserHereAndNowIsRefusedAndLoggedAsAWrongKey) {
  served_.start();
  for (const char* options : {"-n bob", "", "-n ann -h", "-n ann -V 20200101:20200102",
                              "-n ann -O source-address=192.0.2.0/24", "-n ann -O force-command=x",
                              "-n ann -O critical:other@example.com=x"})
    expect_refusal(log_in("ann", options));
  expect_refusal(log_in("ann", "-n ann", "stranger"));
  // Of a user who is not there, nothing more is said.
  expect_refusal(log_in("bob", "-n bob"), "bob");
  served_.wait_for_end();
  const auto lines = served_.world.log_lines_with("AUTH_FAILURE");
  ASSERT_THAT(lines, SizeIs(9));
  for (std::size_t i = 0; i < 8; ++i)
    EXPECT_THAT(lines[i], HasSubstr("ED25519 " + served_.fingerprint("person")));
  EXPECT_THAT(lines[8], HasSubstr("Authentication failure"));
}

TEST_F(CertificateLogin, AStoredKeyDoesNotMakeABadCertificateGood) {
  served_.start();
  const auto got = log_in("ann", "-n bob", "ca", "key");
  // The client goes on with the key alone, and that is ann's.
  EXPECT_EQ(got.status, 0);
  const std::string only = "-o CertificateFile=" + served_.path("key-cert.pub") +
                           " -o PubkeyAcceptedAlgorithms=ssh-ed25519-cert-v01@openssh.com";
  expect_refusal(served_.sftp("pwd\n", "ann", "key", only));
}

TEST_F(CertificateLogin, NobodyIsTrustedUnlessNamed) {
  served_.login.trusted_user_ca = nullptr;
  served_.start();
  expect_refusal(log_in("ann", "-n ann"));
}

TEST_F(CertificateLogin, ASessionEndsWithItsUser) {
  served_.start();
  log_in("ann", "-n ann");
  const std::string command = "sftp -F /dev/null -P " + std::to_string(served_.port()) + " -i " +
                              served_.path("person") +
                              " -o IdentityAgent=none -o StrictHostKeyChecking=no -o "
                              "UserKnownHostsFile=/dev/null ann@127.0.0.1 >/dev/null 2>&1";
  std::FILE* client = ::popen(command.c_str(), "w");
  while (served_.world.log_lines_with("\"CONNECTED\"").size() < 2) std::this_thread::yield();
  EXPECT_EQ(served_.registry.end_user(served_.world.server().id, "ann"), 1u);
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines_with("\"DISCONNECTED\""), SizeIs(2));
  ::pclose(client);
}

}  // namespace
}  // namespace sallyport::sftp
