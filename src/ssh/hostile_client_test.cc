// Clients that lie about lengths, slip packets in or leave them out, ask for keys without end, or
// offer absurd things.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "ssh/packet_writer.h"
#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_settings;
using testing::TestClient;

constexpr const char* kCiphers[] = {"aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
                                    "chacha20-poly1305@openssh.com", "aes128-ctr"};
constexpr const char* kMacs[] = {"hmac-sha2-256", "hmac-sha2-256-etm@openssh.com",
                                 "umac-64@openssh.com"};

std::string name_of(const std::string& text) {
  std::string out = text.substr(0, text.find('@'));
  std::erase(out, '-');
  return out;
}

bool ended_with(const TestClient& client, std::uint32_t code) {
  return client.end && !client.end->by_peer && client.end->code == code;
}

// By the MAC, or before it by a length that decrypts to nonsense.
bool found_out(const TestClient& client) {
  return ended_with(client, kDisconnectMacError) ||
         (ended_with(client, kDisconnectProtocolError) &&
          client.end->text.starts_with("Bad packet length "));
}

class Protected : public ::testing::TestWithParam<std::tuple<const char*, const char*>> {
 protected:
  static void use(TestClient& client) {
    client.kex_init.ciphers_in = client.kex_init.ciphers_out = {std::get<0>(GetParam())};
    client.kex_init.macs_in = client.kex_init.macs_out = {std::get<1>(GetParam())};
  }
  static ByteWriter noise() { return message(kMsgIgnore).string(Bytes(200, 'n')); }
};

// ---- Lengths. ----

TEST_P(Protected, LengthsOutsideTheBoundsEndTheConnection) {
  for (const std::uint32_t length :
       {0u, 1u, 2u, 5u, 35001u, 35008u, 0x10000u, 0x7fffffffu, 0x80000000u, ~0u}) {
    TestClient client;
    use(client);
    client.log_in();
    client.send_raw(client.seal_with_length(noise().bytes(), length));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError)) << length;
    EXPECT_EQ(client.end->text, "Bad packet length " + std::to_string(length) + ".");
  }
}

TEST_P(Protected, ALengthThatLiesWithinTheBoundsIsFoundOut) {
  for (const int more : {-64, 64}) {
    TestClient client;
    use(client);
    client.log_in();
    const std::uint32_t length =
        client.length_for(noise().bytes()) + static_cast<std::uint32_t>(more);
    client.send_raw(client.seal_with_length(noise().bytes(), length));
    client.send_raw(Bytes(200, 0));
    EXPECT_TRUE(ended_with(client, kDisconnectMacError));
  }
}

TEST_P(Protected, PaddingThatLiesEndsTheConnection) {
  // What the padding length says; the packet is 240 bytes long.
  for (const std::uint8_t said : {0, 1, 3, 254, 255}) {
    TestClient client;
    use(client);
    client.log_in();
    client.send_raw(client.seal_with_padding(noise().bytes(), said));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError)) << int{said};
    EXPECT_EQ(client.end->text, "Bad packet padding.");
  }
}

// ---- Packets slipped in and left out (Terrapin, CVE-2023-48795). ----

TEST_P(Protected, AFirstPacketThatIsLeftOutEndsTheConnection) {
  TestClient client;
  use(client);
  client.handshake();
  const Bytes lost = client.seal(message(kMsgExtInfo).u32(0).bytes());
  EXPECT_FALSE(lost.empty());
  client.request_service();
  EXPECT_TRUE(found_out(client));
}

TEST_P(Protected, APacketThatComesTwiceEndsTheConnection) {
  TestClient client;
  use(client);
  client.log_in();
  const Bytes packet = client.seal(noise().bytes());
  client.send_raw(packet);
  EXPECT_FALSE(client.end);
  client.send_raw(packet);
  EXPECT_TRUE(found_out(client));
}

TEST_P(Protected, PacketsThatChangePlacesEndTheConnection) {
  TestClient client;
  use(client);
  client.log_in();
  const Bytes first = client.seal(noise().bytes());
  const Bytes second = client.seal(noise().bytes());
  client.send_raw(second);
  EXPECT_TRUE(found_out(client));
}

TEST_P(Protected, SequenceNumbersBeginAnewWithEveryStrictExchange) {
  TestClient client;
  use(client);
  client.log_in();
  for (int i = 0; i < 3; ++i) {
    client.key_exchange();
    client.packets.clear();
    // The first packet under the new keys, by its own number.
    client.send(std::uint8_t{192});
    EXPECT_EQ(client.take_packet(kMsgUnimplemented), (Bytes{kMsgUnimplemented, 0, 0, 0, 0}));
  }
}

INSTANTIATE_TEST_SUITE_P(Aead, Protected,
                         ::testing::Combine(::testing::Values(kCiphers[0], kCiphers[1],
                                                              kCiphers[2]),
                                            ::testing::Values(kMacs[0])),
                         [](const auto& info) { return name_of(std::get<0>(info.param)); });
INSTANTIATE_TEST_SUITE_P(Macs, Protected,
                         ::testing::Combine(::testing::Values(kCiphers[3]),
                                            ::testing::ValuesIn(kMacs)),
                         [](const auto& info) { return name_of(std::get<1>(info.param)); });

TEST(Slipped, APacketBeforeKexinitEndsAStrictConnectionEvenWhereItIsLegalInItself) {
  for (const std::uint8_t number : {kMsgIgnore, kMsgDebug, kMsgUnimplemented}) {
    TestClient client;
    client.send_ident();
    client.send(message(number).u32(0));
    EXPECT_FALSE(client.end);
    client.send_kexinit();
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
    EXPECT_EQ(client.end->text, "strict KEX violation: KEXINIT was not the first packet");
  }
}

// Nobody may turn the strict rules off, or on, in a later exchange.
TEST(Slipped, ALaterKexinitDoesNotChangeTheRules) {
  for (const bool strict : {true, false}) {
    TestClient client;
    if (!strict) std::erase(client.kex_init.kex, "kex-strict-c-v00@openssh.com");
    client.log_in();
    KexInit later = client.kex_init;
    if (strict) {
      std::erase(later.kex, "kex-strict-c-v00@openssh.com");
    } else {
      later.kex.emplace_back("kex-strict-c-v00@openssh.com");
    }
    client.send(later.payload());
    EXPECT_EQ(client.engine().facts().strict_kex, strict);
    EXPECT_FALSE(client.end);
  }
}

// ---- Channels. ----

TEST(WindowLies, DataBeyondTheWindowEndsTheConnectionWhateverThePackets) {
  for (const std::size_t step : {std::size_t{100}, std::size_t{32768}}) {
    ServerSettings settings = test_settings();
    settings.channel_window = 100'000;
    TestClient client(settings);
    client.keep_input = true;
    client.log_in();
    const ChannelId channel = client.open_channel();
    std::size_t sent = 0;
    while (!client.end && sent < 200'000) {
      client.send(client.data(channel, Bytes(step)));
      sent += step;
    }
    ASSERT_TRUE(ended_with(client, kDisconnectProtocolError));
    EXPECT_EQ(client.end->text, "Channel window exceeded.");
    EXPECT_LE(sent, settings.channel_window + step);
    EXPECT_LE(client.engine().channel_input(channel).size(), settings.channel_window);
  }
}

TEST(WindowLies, AnAdjustmentBeyondTheRangeEndsTheConnection) {
  for (const std::uint32_t more : {0xffffffffu, 0xfff00000u}) {
    TestClient client;
    client.log_in();
    const ChannelId channel = client.open_channel(7, 1u << 20);
    client.send(message(kMsgChannelWindowAdjust).u32(channel).u32(more));
    EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
  }
  TestClient client;
  client.log_in();
  const ChannelId channel = client.open_channel(7, 1u << 20);
  client.send(message(kMsgChannelWindowAdjust).u32(channel).u32(0xffffffffu - (1u << 20)));
  EXPECT_FALSE(client.end);
  client.send(message(kMsgChannelWindowAdjust).u32(channel).u32(1));
  EXPECT_TRUE(ended_with(client, kDisconnectProtocolError));
}

// A window and packets of one byte: output goes on, in packets of one byte.
TEST(WindowLies, APacketSizeOfOneByteIsServed) {
  TestClient client;
  client.log_in();
  const ChannelId channel = client.open_channel(7, 100, 1);
  EXPECT_EQ(client.engine().channel_write(channel, Bytes(50, 1)),
            std::min<std::size_t>(50, PacketWriter::kMaxSlots));
  client.pump();
  const Bytes packet = client.take_packet(kMsgChannelData);
  EXPECT_EQ(packet.size(), 10u);
}

// ---- Key exchanges. ----

KexInit with_many_names(KexInit init) {
  NameList many;
  for (int i = 0; i < 10'000; ++i) many.push_back("a");
  many.insert(many.end(), init.kex.begin(), init.kex.end());
  init.kex = std::move(many);
  return init;
}

TEST(Storms, AKexinitOfTenThousandNamesIsServed) {
  TestClient client;
  client.kex_init = with_many_names(client.kex_init);
  ASSERT_LT(client.kex_init.payload().size(), std::size_t{PacketReader::kMaxPacket});
  client.log_in();
  EXPECT_TRUE(client.engine().authenticated());
}

TEST(Storms, TenThousandNamesInCommonWithNobodyAreRefusedAsAny) {
  TestClient client;
  client.kex_init = with_many_names(client.kex_init);
  client.kex_init.ciphers_in = {"none"};
  client.handshake();
  ASSERT_EQ(client.count<NegotiationFailed>(), 1u);
  EXPECT_EQ(client.last<NegotiationFailed>()->client_list, "none");
  EXPECT_TRUE(ended_with(client, kDisconnectKeyExchangeFailed));
}

TEST(Storms, NewKeysAgainAndAgainAreServedOneExchangeAtATime) {
  TestClient client;
  client.log_in();
  client.defer_kex = true;
  for (int i = 0; i < 50; ++i) {
    client.events.clear();
    client.send_kexinit();
    client.send_kex_method();
    ASSERT_EQ(client.count<ComputeKex>(), 1u);
    // Until it is computed nothing more is looked at, however much has come.
    ASSERT_TRUE(std::holds_alternative<NeedAnswer>(client.waits_for));
    client.finish_kex();
    ASSERT_TRUE(client.send_newkeys());
    client.packets.clear();
  }
  EXPECT_EQ(client.rekeys, 51);
  EXPECT_FALSE(client.end);
}

TEST(Storms, AnExchangeSaysHowMuchWentUnderTheKeysBeforeIt) {
  TestClient client;
  client.log_in();
  const ChannelId channel = client.open_channel();
  client.send(client.data(channel, Bytes(30000)));
  client.key_exchange();
  EXPECT_GT(client.last<ComputeKex>()->bytes_before, 30000u);
  client.key_exchange();
  EXPECT_LT(client.last<ComputeKex>()->bytes_before, 5000u);
}

// ---- Groups (RFC 4419). ----

class GroupRequest : public ::testing::Test {
 protected:
  GroupRequest() {
    client_.kex_init.kex = {"diffie-hellman-group-exchange-sha256"};
    client_.send_ident();
    client_.send_kexinit();
    client_.packets.clear();
  }
  void ask(std::uint32_t min, std::uint32_t wanted, std::uint32_t max) {
    client_.send(message(kMsgKexGexRequest).u32(min).u32(wanted).u32(max));
  }
  TestClient client_;
};

TEST_F(GroupRequest, AbsurdSizesAreRefused) {
  struct Sizes {
    std::uint32_t min, wanted, max;
  };
  for (const Sizes s : {Sizes{0, 0, 0}, Sizes{1, 1, 1}, Sizes{512, 768, 1024},
                        Sizes{8193, 16384, ~0u}, Sizes{~0u, ~0u, ~0u}, Sizes{4096, 2048, 8192},
                        Sizes{2048, 8192, 4096}, Sizes{8192, 2048, 1024}}) {
    TestClient client;
    client.kex_init.kex = {"diffie-hellman-group-exchange-sha256"};
    client.send_ident();
    client.send_kexinit();
    client.send(message(kMsgKexGexRequest).u32(s.min).u32(s.wanted).u32(s.max));
    EXPECT_TRUE(client.end) << s.min << " " << s.wanted << " " << s.max;
    EXPECT_EQ(client.count<ComputeKex>(), 0u);
  }
}

TEST_F(GroupRequest, TheWidestBoundsAreServedWithTheGreatestGroup) {
  ask(0, ~0u, ~0u);
  const Bytes group = client_.take_packet(kMsgKexGexGroup);
  ASSERT_FALSE(group.empty());
  ByteReader in(group);
  in.u8();
  EXPECT_EQ(in.string().size(), 1025u);
  EXPECT_FALSE(client_.end);
}

TEST_F(GroupRequest, ASecondRequestEndsTheConnection) {
  ask(2048, 2048, 8192);
  ask(2048, 8192, 8192);
  EXPECT_TRUE(ended_with(client_, kDisconnectProtocolError));
}

TEST_F(GroupRequest, AValueBeforeAGroupEndsTheConnection) {
  client_.send(message(kMsgKexGexInit).string(Bytes{2}));
  EXPECT_TRUE(ended_with(client_, kDisconnectProtocolError));
  EXPECT_EQ(client_.count<ComputeKex>(), 0u);
}

TEST_F(GroupRequest, ValuesOutsideTheGroupAreRefused) {
  for (const Bytes& value : {Bytes{}, Bytes{0}, Bytes{1}, Bytes(257, 0xff), Bytes(256, 0xff)}) {
    TestClient client;
    client.kex_init.kex = {"diffie-hellman-group-exchange-sha256"};
    client.send_ident();
    client.send_kexinit();
    client.send(message(kMsgKexGexRequest).u32(2048).u32(2048).u32(2048));
    client.send(message(kMsgKexGexInit).string(value));
    EXPECT_TRUE(ended_with(client, kDisconnectKeyExchangeFailed)) << value.size();
  }
}

// ---- A guessed first packet (RFC 4253 section 7). ----

TEST(Guess, ARightOneIsUsed) {
  ServerSettings settings = test_settings();
  settings.kex = {"curve25519-sha256"};
  TestClient client(settings);
  client.kex_init.first_packet_follows = true;
  client.kex_init.host_key_algorithms = {"ssh-ed25519"};
  client.handshake();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
  EXPECT_EQ(client.count<ComputeKex>(), 1u);
}

TEST(Guess, AWrongOneIsDroppedByItsHostKeyToo) {
  ServerSettings settings = test_settings();
  settings.kex = {"curve25519-sha256"};
  TestClient client(settings);
  client.kex_init.first_packet_follows = true;
  client.kex_init.host_key_algorithms = {"rsa-sha2-512", "ssh-ed25519"};
  client.send_ident();
  client.send_kexinit();
  client.send_kex_method();
  EXPECT_EQ(client.count<ComputeKex>(), 0u);
  client.send_kex_method();
  client.send_newkeys();
  EXPECT_EQ(client.count<KeysChanged>(), 1u);
}

TEST(Guess, NoneIsDroppedThatWasNotAnnounced) {
  TestClient client;
  client.kex_init.kex.insert(client.kex_init.kex.begin(), "no-such-method");
  client.send_ident();
  client.send_kexinit();
  client.send_kex_method();
  EXPECT_EQ(client.count<ComputeKex>(), 1u);
}

TEST(Guess, TheServersOwnKexinitAnnouncesNone) {
  TestClient client;
  client.pump();
  const auto init = KexInit::parse(client.take_packet(kMsgKexInit));
  ASSERT_TRUE(init.ok());
  EXPECT_FALSE(init->first_packet_follows);
}

}  // namespace
}  // namespace sallyport::ssh
