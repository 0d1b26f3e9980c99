#include <gtest/gtest.h>

#include <string>

#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_settings;
using testing::TestClient;

KexInit without_strict(KexInit init) {
  std::erase(init.kex, "kex-strict-c-v00@openssh.com");
  return init;
}

// The DISCONNECT the server has sent: "code text".
std::string disconnect_sent(TestClient& client) {
  const Bytes packet = client.take_packet(kMsgDisconnect);
  if (packet.empty()) return "none";
  ByteReader in(packet);
  in.u8();
  const std::uint32_t code = in.u32();
  return std::to_string(code) + " " + std::string(in.text());
}

bool ended_with(const TestClient& client, std::uint32_t code) {
  return client.end && !client.end->by_peer && client.end->code == code;
}

// ---- Version exchange. ----

TEST(VersionExchange, TheServerSpeaksFirst) {
  TestClient client;
  client.pump();
  EXPECT_EQ(client.server_ident, "SSH-2.0-AWS_SFTP_1.1");
  EXPECT_EQ(client.take_packet()[0], kMsgKexInit);
}

TEST(VersionExchange, TheServerWaitsWhereClientsTalkFirst) {
  ServerSettings settings = test_settings();
  settings.client_talks_first = true;
  TestClient client(settings);
  client.pump();
  EXPECT_EQ(client.server_ident, "");
  client.handshake();
  EXPECT_EQ(client.server_ident, "SSH-2.0-AWS_SFTP_1.1");
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(VersionExchange, ABareLineFeedIsEnough) {
  TestClient client;
  client.send_raw(as_bytes("SSH-2.0-x y\n"));
  EXPECT_FALSE(client.end);
  client.ident = "SSH-2.0-x y";
  client.key_exchange();
  EXPECT_EQ(client.engine().facts().client_ident, "SSH-2.0-x y");
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(VersionExchange, ByteByByteIsTheSame) {
  TestClient client;
  for (const char c : std::string("SSH-2.0-TestClient\r\n")) {
    client.send_raw(as_bytes(std::string_view(&c, 1)));
  }
  client.key_exchange();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(VersionExchange, AnythingElseIsRefusedWithALine) {
  for (const std::string& bad :
       {std::string("GET / HTTP/1.1\r\n"), std::string("SSH-1.5-x\r\n"), std::string("X"),
        "SSH-2.0-" + std::string(300, 'x'), std::string("SSH-2.0-\x01\r\n"),
        std::string("SSH-2.0-a\0b\r\n", 13)}) {
    TestClient client;
    client.send_raw(as_bytes(bad));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolVersionNotSupported)) << bad;
    EXPECT_TRUE(client.engine().closed());
    EXPECT_TRUE(client.engine().input_space().empty());
  }
}

// ---- Key exchange. ----

TEST(KeyExchange, LeadsToKeysThatBothSidesHave) {
  TestClient client;
  client.handshake();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
  EXPECT_TRUE(client.last<KeysChanged>()->first);
  const ConnectionFacts& facts = client.engine().facts();
  EXPECT_EQ(facts.kex, "curve25519-sha256");
  EXPECT_EQ(facts.host_key_algorithm, "ssh-ed25519");
  EXPECT_EQ(facts.cipher_in, "aes128-gcm@openssh.com");
  EXPECT_EQ(facts.mac_out, "<implicit>");
  EXPECT_TRUE(facts.strict_kex);
  EXPECT_EQ(client.engine().session_id().size(), 32u);
  client.request_service();
  EXPECT_EQ(client.take_packet(kMsgServiceAccept).size(), 17u);
  EXPECT_FALSE(client.damaged);
}

TEST(KeyExchange, ExtensionInformationIsTheFirstEncryptedPacket) {
  TestClient client;
  client.handshake();
  client.take_packet(kMsgNewKeys);
  const Bytes packet = client.take_packet();
  ByteReader in(packet);
  EXPECT_EQ(in.u8(), kMsgExtInfo);
  EXPECT_EQ(in.u32(), 1u);
  EXPECT_EQ(in.text(), "server-sig-algs");
  EXPECT_EQ(in.text(),
            "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
            "rsa-sha2-512,rsa-sha2-256");
  EXPECT_TRUE(in.done());
}

TEST(KeyExchange, NoExtensionInformationForAClientThatDoesNotAsk) {
  TestClient client;
  std::erase(client.kex_init.kex, "ext-info-c");
  client.handshake();
  EXPECT_TRUE(client.take_packet(kMsgExtInfo).empty());
}

TEST(KeyExchange, WithoutStrictKexSequenceNumbersRunOn) {
  TestClient client;
  client.kex_init = without_strict(client.kex_init);
  client.kex_init.ciphers_in = client.kex_init.ciphers_out = {"chacha20-poly1305@openssh.com"};
  client.log_in();
  EXPECT_TRUE(client.engine().authenticated());
  EXPECT_FALSE(client.engine().facts().strict_kex);
}

TEST(KeyExchange, NothingInCommonIsReportedAndEndsTheConnection) {
  TestClient client;
  client.kex_init.host_key_algorithms = {"ssh-dss", "ssh-rsa"};
  client.send_ident();
  client.send_kexinit();
  ASSERT_EQ(client.count<NegotiationFailed>(), 1u);
  EXPECT_EQ(client.last<NegotiationFailed>()->message, "no matching host key type found");
  EXPECT_EQ(client.last<NegotiationFailed>()->client_list, "ssh-dss,ssh-rsa");
  EXPECT_EQ(disconnect_sent(client), "3 no matching host key type found");
}

TEST(KeyExchange, AWrongGuessIsIgnored) {
  TestClient client;
  client.kex_init.kex.insert(client.kex_init.kex.begin(), "diffie-hellman-group14-sha256");
  client.kex_init.kex.insert(client.kex_init.kex.begin(), "no-such-method");
  client.kex_init.kex.erase(client.kex_init.kex.begin() + 1);
  client.kex_init.first_packet_follows = true;
  client.send_ident();
  client.send_kexinit();
  client.send(message(34).u32(1024).u32(2048).u32(8192));
  EXPECT_FALSE(client.end);
  client.send_kex_method();
  client.send_newkeys();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(KeyExchange, OnlyOneWrongGuessIsIgnored) {
  TestClient client;
  client.kex_init.kex.insert(client.kex_init.kex.begin(), "no-such-method");
  client.kex_init.first_packet_follows = true;
  client.send_ident();
  client.send_kexinit();
  client.send(std::uint8_t{31});
  client.send(std::uint8_t{31});
  EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
}

TEST(KeyExchange, APublicValueThatNoHonestClientSendsIsRefused) {
  TestClient client;
  client.send_ident();
  client.send_kexinit();
  client.send(message(kMsgKexMethodInit).string(Bytes(32, 0)));
  EXPECT_TRUE(ended_with(client, kDisconnectKeyExchangeFailed));
}

TEST(KeyExchange, PacketsWaitWhileTheDriverComputes) {
  TestClient client;
  client.defer_kex = true;
  client.send_ident();
  client.send_kexinit();
  client.send_kex_method();
  EXPECT_TRUE(std::holds_alternative<NeedAnswer>(client.waits_for));
  client.send(kMsgNewKeys);
  EXPECT_EQ(client.count<KeysChanged>(), 0u);
  client.finish_kex();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(KeyExchange, AFailedComputationEndsTheConnection) {
  TestClient client;
  client.defer_kex = true;
  client.send_ident();
  client.send_kexinit();
  client.send_kex_method();
  client.engine().kex_computed(Error(Errc::kInternal, "no more entropy"));
  client.pump();
  EXPECT_TRUE(ended_with(client, kDisconnectKeyExchangeFailed));
}

TEST(KeyExchange, AnswersNobodyAskedForAreIgnored) {
  TestClient client;
  client.engine().signature(Bytes{1, 2, 3});
  client.engine().kex_computed(Error(Errc::kInternal, "x"));
  client.engine().public_key_verdict(true);
  client.handshake();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
  EXPECT_FALSE(client.engine().authenticated());
}

// ---- Strict key exchange. ----

class StrictKex : public ::testing::TestWithParam<int> {};

// Terrapin (CVE-2023-48795): a packet slipped into the clear part shifts the sequence numbers.
TEST_P(StrictKex, APacketBeforeKexinitEndsTheConnection) {
  TestClient client;
  client.send_ident();
  client.send(message(static_cast<std::uint8_t>(GetParam())).string("x"));
  client.send_kexinit();
  EXPECT_TRUE(client.end);
  EXPECT_EQ(client.count<ComputeKex>(), 0u);
}

TEST_P(StrictKex, APacketAmongTheExchangeEndsTheConnection) {
  for (const int after : {1, 2}) {
    TestClient client;
    client.send_ident();
    client.send_kexinit();
    if (after == 2) client.send_kex_method();
    client.send(message(static_cast<std::uint8_t>(GetParam())).string("x"));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
  }
}

INSTANTIATE_TEST_SUITE_P(Slipped, StrictKex,
                         ::testing::Values(kMsgIgnore, kMsgUnimplemented, kMsgDebug, kMsgExtInfo,
                                           192));

TEST(StrictKexOff, NoiseAmongTheExchangeIsIgnored) {
  TestClient client;
  client.kex_init = without_strict(client.kex_init);
  client.send_ident();
  client.send(message(kMsgIgnore).string("x"));
  client.send_kexinit();
  client.send(message(kMsgDebug).boolean(false).string("x").string(""));
  client.send_kex_method();
  client.send(message(kMsgUnimplemented).u32(0));
  client.send_newkeys();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
  client.request_service();
  EXPECT_FALSE(client.take_packet(kMsgServiceAccept).empty());
}

// ---- Packets. ----

TEST(Packets, UnknownNumbersGetUnimplementedWithTheirSequenceNumber) {
  TestClient client;
  client.handshake();
  client.packets.clear();
  client.send(std::uint8_t{192});
  client.send(std::uint8_t{193});
  client.take_packet();
  const Bytes packet = client.take_packet();
  EXPECT_EQ(packet, (Bytes{kMsgUnimplemented, 0, 0, 0, 1}));
  EXPECT_FALSE(client.end);
}

TEST(Packets, BadLengthsAreRefusedInTheClear) {
  for (const std::uint32_t length : {0u, 1u, 5u, 11u, 13u, 35001u, 35004u, 0x7fffffffu, ~0u}) {
    TestClient client;
    client.send_ident();
    ByteWriter out;
    out.u32(length).raw(Bytes(40, 0));
    client.send_raw(out.bytes());
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError)) << length;
  }
}

TEST(Packets, BadPaddingIsRefused) {
  for (const std::uint8_t pad : {0, 3, 200, 255}) {
    TestClient client;
    client.send_ident();
    ByteWriter out;
    out.u32(12).u8(pad).raw(Bytes(11, 20));
    client.send_raw(out.bytes());
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError)) << int{pad};
  }
}

TEST(Packets, AnEmptyPayloadIsRefused) {
  TestClient client;
  client.handshake();
  client.send_raw(client.seal_frame({}, 15));
  EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
}

TEST(Packets, ADamagedPacketIsRefused) {
  for (const char* cipher : {"aes128-gcm@openssh.com", "aes128-ctr"}) {
    TestClient client;
    client.kex_init.ciphers_in = {cipher};
    client.handshake();
    Bytes packet = client.seal(message(kMsgServiceRequest).string("ssh-userauth").bytes());
    packet.back() ^= 1;
    client.send_raw(packet);
    EXPECT_EQ(disconnect_sent(client), "5 Corrupted MAC on input.");
    EXPECT_EQ(client.packets.size(), 0u);
  }
}

TEST(Packets, ATruncatedPacketIsWaitedFor) {
  TestClient client;
  client.handshake();
  client.packets.clear();
  const Bytes packet = client.seal(message(kMsgServiceRequest).string("ssh-userauth").bytes());
  for (std::size_t i = 0; i + 1 < packet.size(); ++i) {
    client.send_raw({packet.data() + i, 1});
    EXPECT_TRUE(client.packets.empty());
  }
  client.send_raw({packet.data() + packet.size() - 1, 1});
  EXPECT_EQ(client.take_packet()[0], kMsgServiceAccept);
}

TEST(Packets, ADisconnectOfThePeerIsReportedInOneLine) {
  TestClient client;
  client.handshake();
  client.send(message(kMsgDisconnect).u32(11).string("bye\r\nbye").string(""));
  ASSERT_TRUE(client.end);
  EXPECT_TRUE(client.end->by_peer);
  EXPECT_EQ(client.end->code, 11u);
  EXPECT_EQ(client.end->text, "bye??bye");
  EXPECT_TRUE(client.take_packet(kMsgDisconnect).empty());
}

TEST(Packets, MemoryBeforeAuthenticationIsCapped) {
  TestClient client;
  client.send_ident();
  EXPECT_LE(client.engine().input_space().size(), 64u * 1024);
}

TEST(Packets, APeerThatReadsNothingIsNotReadFrom) {
  TestClient client;
  client.handshake();
  client.deaf = true;
  for (int i = 0; i < 20000 && !std::holds_alternative<NeedOutput>(client.waits_for); ++i) {
    client.send(std::uint8_t{192});
  }
  EXPECT_TRUE(std::holds_alternative<NeedOutput>(client.waits_for));
  EXPECT_LT(client.engine().output_size(), 80u * 1024);
  client.deaf = false;
  client.pump();
  EXPECT_TRUE(std::holds_alternative<NeedInput>(client.waits_for));
}

// ---- Messages out of turn. ----

TEST(Turn, ChannelMessagesBeforeAuthenticationEndTheConnection) {
  TestClient client;
  client.handshake();
  client.request_service();
  client.send(client.open_message());
  EXPECT_EQ(disconnect_sent(client), "2 Unexpected CHANNEL_OPEN while authenticating.");
  EXPECT_EQ(client.count<ChannelOpened>(), 0u);
}

TEST(Turn, UserauthBeforeTheServiceEndsTheConnection) {
  TestClient client;
  client.handshake();
  client.send(client.userauth("none"));
  EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
}

TEST(Turn, NewkeysWithoutAnExchangeEndsTheConnection) {
  TestClient client;
  client.log_in();
  client.send(kMsgNewKeys);
  EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
}

TEST(Turn, MessagesOfAServerAreRefused) {
  for (const int number : {6, 31, 51, 52, 53, 60, 91, 92, 99, 100}) {
    TestClient client;
    client.log_in();
    client.send(static_cast<std::uint8_t>(number));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError)) << number;
  }
}

}  // namespace
}  // namespace sallyport::ssh
