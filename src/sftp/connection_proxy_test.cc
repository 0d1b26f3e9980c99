// Connections through a balancer that speaks the PROXY protocol, version 2, and ports where the
// client talks first: with bare sockets. What clients of SFTP see of it is in tests/sftp.
#include <gmock/gmock.h>

#include "sftp/connection.h"
#include "sftp/testing/bare_client.h"
#include "sftp/testing/served_world.h"

namespace sallyport::sftp {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr const char* kGreeting = "SSH-2.0-AWS_SFTP_1.1\r\n";
const std::string kIdent = "SSH-2.0-Bare\r\n";

std::string header(char command, char family, const std::string& rest) {
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  out +=
      {command, family, static_cast<char>(rest.size() >> 8), static_cast<char>(rest.size() & 0xff)};
  return out + rest;
}
// From 198.51.100.7:12345 to 10.0.0.1:22.
const std::string kAddresses("\xc6\x33\x64\x07\x0a\x00\x00\x01\x30\x39\x00\x16", 12);
const std::string kHeader = header('\x21', '\x11', kAddresses);
const std::string kLocal = header('\x20', '\0', "");

class ProxiedConnection : public ::testing::Test {
 protected:
  void start(bool enforced) {
    served_.world.server().protocol_details.proxy_sftp_mode =
        enforced ? "PROXY_PROTOCOL_V2_ENFORCED" : "NONE";
    served_.start();
  }
  // What a client sees who says this and then nothing more.
  std::string answer_to(const std::string& said) {
    testing::BareClient client(served_.port());
    client.send(said);
    client.end_sending();
    return client.read_all();
  }
  void allow(const char* network) {
    served_.allowed_through_proxy =
        std::make_shared<const net::AllowList>(std::vector<net::Cidr>{*net::Cidr::parse(network)});
  }

  testing::ServedWorld served_;
};

TEST_F(ProxiedConnection, IsAnsweredBehindAHeaderOnly) {
  start(true);
  for (const std::string& good : {kHeader, kHeader + kIdent, kLocal, kLocal + kIdent})
    EXPECT_THAT(answer_to(good), StartsWith(kGreeting));
  for (const std::string& bad :
       {std::string(), kIdent, std::string("\r\n"), kHeader.substr(0, 12), kHeader.substr(0, 16),
        kHeader.substr(0, kHeader.size() - 1),
        std::string("PROXY TCP4 198.51.100.7 10.0.0.1 12345 22\r\n") + kIdent,
        header('\x22', '\x11', kAddresses), header('\x21', '\x51', kAddresses)})
    EXPECT_EQ(answer_to(bad), "") << ::testing::PrintToString(bad);
}

TEST_F(ProxiedConnection, TakesAHeaderInPieces) {
  start(true);
  testing::BareClient client(served_.port());
  for (const char c : kHeader) client.send(std::string(1, c));
  EXPECT_EQ(client.read_line(), kGreeting);
}

TEST_F(ProxiedConnection, RefusesALengthThatLies) {
  start(true);
  std::string shorter = kHeader, huge = kHeader;
  shorter[15] = 11;
  huge[14] = huge[15] = '\xff';
  EXPECT_EQ(answer_to(shorter + kIdent), "");
  EXPECT_EQ(answer_to(huge + kIdent), "");
  // It swallows the identification line, and more never comes.
  std::string longer = kHeader;
  longer[15] = 100;
  EXPECT_EQ(answer_to(longer + kIdent), "");
}

TEST_F(ProxiedConnection, IsNotToldMoreThanItsHeaderMayHave) {
  start(true);
  const std::string tlv = std::string("\x04\xff\x00", 3) + std::string(0xff00, 'x');
  testing::BareClient client(served_.port());
  client.send(header('\x21', '\x11', kAddresses + tlv));
  for (int i = 0; i < 16; ++i) client.send(tlv);
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(ProxiedConnection, EndsSilentlyWhenTheHeaderDoesNotCome) {
  served_.settings.login_timeout = std::chrono::milliseconds(50);
  start(true);
  testing::BareClient silent(served_.port()), half(served_.port());
  half.send(kHeader.substr(0, 20));
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  served_.wait_for_end();
  EXPECT_THAT(served_.world.log_lines(), SizeIs(0));
}

TEST_F(ProxiedConnection, CanBeEndedWhileItsHeaderIsAwaited) {
  start(true);
  testing::BareClient client(served_.port());
  while (served_.registry.end_all() == 0) std::this_thread::yield();
  EXPECT_EQ(client.read_all(), "");
}

TEST_F(ProxiedConnection, TakesAPlaceOfThoseWithoutAUserWhileItsHeaderIsAwaited) {
  served_.pre_auth = std::make_shared<PreAuthLimit>(1);
  start(true);
  testing::BareClient first(served_.port());
  while (served_.registry.list().empty()) std::this_thread::yield();
  EXPECT_EQ(answer_to(kHeader + kIdent), "");
  first.send(kHeader);
  EXPECT_EQ(first.read_line(), kGreeting);
}

TEST_F(ProxiedConnection, MustBeFromASourceOnTheAllowList) {
  allow("198.51.100.0/24");
  start(true);
  EXPECT_THAT(answer_to(kHeader + kIdent), StartsWith(kGreeting));
  std::string other = kAddresses;
  other[2] = 101;
  EXPECT_EQ(answer_to(header('\x21', '\x11', other) + kIdent), "");
  // Without an address in the header the balancer's own counts.
  EXPECT_EQ(answer_to(kLocal + kIdent), "");
}

TEST_F(ProxiedConnection, ABalancerOnTheAllowListMayLookByItself) {
  allow("127.0.0.1");
  start(true);
  EXPECT_THAT(answer_to(kLocal + kIdent), StartsWith(kGreeting));
}

TEST_F(ProxiedConnection, IsAnsweredWithoutAHeaderWhereNoneIsDemanded) {
  start(false);
  for (const std::string& said :
       {std::string(), kIdent, kHeader, kHeader + kIdent, kLocal + kIdent})
    EXPECT_THAT(answer_to(said), StartsWith(kGreeting));
  // The server's first packet shows that the line behind the header was understood.
  testing::BareClient client(served_.port());
  client.send(kHeader + kIdent);
  EXPECT_EQ(client.read_line(), kGreeting);
  client.end_sending();
  EXPECT_THAT(client.read_all(), HasSubstr("curve25519-sha256"));
}

TEST_F(ProxiedConnection, ABadHeaderEndsItWhereNoneIsDemanded) {
  start(false);
  const std::string seen = answer_to(header('\x22', '\x11', kAddresses) + kIdent);
  EXPECT_THAT(std::string(kGreeting), StartsWith(seen));
}

TEST_F(ProxiedConnection, WhereTheClientTalksFirstTheServerIsSilentUntilThen) {
  served_.client_talks_first = true;
  served_.settings.login_timeout = std::chrono::milliseconds(50);
  start(false);
  EXPECT_THAT(answer_to(kIdent), StartsWith(kGreeting));
  testing::BareClient silent(served_.port());
  EXPECT_EQ(silent.read_all(), "");
}

}  // namespace
}  // namespace sallyport::sftp
