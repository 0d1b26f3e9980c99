// New keys while channels are busy (RFC 4253 section 9).
#include <gtest/gtest.h>

#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_settings;
using testing::TestClient;

class RekeyTest : public ::testing::TestWithParam<const char*> {
 protected:
  RekeyTest() : client_(settings()) {
    client_.kex_init.ciphers_in = client_.kex_init.ciphers_out = {GetParam()};
    client_.log_in();
    channel_ = client_.open_channel(7, 100000);
  }
  static ServerSettings settings() {
    ServerSettings s = test_settings();
    s.rekey_bytes = 1 << 20;
    return s;
  }
  ServerEngine& engine() { return client_.engine(); }
  bool sent(std::uint8_t number) {
    for (const Bytes& packet : client_.packets) {
      if (packet[0] == number) return true;
    }
    return false;
  }

  TestClient client_;
  ChannelId channel_ = 0;
};

TEST_P(RekeyTest, TheClientMayStartOne) {
  const Bytes id = to_bytes(engine().session_id());
  client_.key_exchange();
  EXPECT_EQ(client_.rekeys, 2);
  EXPECT_EQ(client_.count<KeysChanged>(), 2u);
  EXPECT_FALSE(client_.last<KeysChanged>()->first);
  EXPECT_EQ(to_bytes(engine().session_id()), id);
  EXPECT_FALSE(sent(kMsgExtInfo));
  client_.send(client_.data(channel_, Bytes(1000, 5)));
  EXPECT_EQ(client_.received, Bytes(1000, 5));
  EXPECT_FALSE(client_.damaged);
}

TEST_P(RekeyTest, TheServerMayStartOneAndTheClientsDataStillCounts) {
  engine().request_rekey();
  client_.pump();
  EXPECT_TRUE(sent(kMsgKexInit));
  // The client has not seen it yet.
  client_.send(client_.data(channel_, Bytes(2000, 1)));
  EXPECT_EQ(client_.received.size(), 2000u);
  client_.key_exchange();
  EXPECT_EQ(client_.rekeys, 2);
  client_.send(client_.data(channel_, Bytes(3000, 1)));
  EXPECT_EQ(client_.received.size(), 5000u);
}

TEST_P(RekeyTest, ItComesByItselfAfterTheAgreedBytes) {
  for (int i = 0; i < 31; ++i) client_.send(client_.data(channel_, Bytes(32768)));
  EXPECT_FALSE(sent(kMsgKexInit));
  for (int i = 0; i < 2; ++i) client_.send(client_.data(channel_, Bytes(32768)));
  EXPECT_TRUE(sent(kMsgKexInit));
  client_.packets.clear();
  client_.key_exchange();
  EXPECT_EQ(client_.rekeys, 2);
}

TEST_P(RekeyTest, NothingButTheExchangeIsSentWhileItRuns) {
  Reservation space = engine().reserve(channel_, 50000);
  space.write(0, Bytes(50000, 9));
  engine().request_rekey();
  EXPECT_EQ(engine().channel_writable(channel_), 0u);
  EXPECT_EQ(engine().channel_write(channel_, Bytes(10)), 0u);
  engine().commit(std::move(space), 50000);
  engine().send_keepalive();
  client_.send(message(kMsgGlobalRequest).string("x").boolean(true));
  client_.packets.pop_front();
  EXPECT_TRUE(client_.packets.empty());

  client_.send_kexinit();
  client_.send_kex_method();
  // Reply and NEWKEYS first, then what was kept, in order and under the new keys.
  EXPECT_EQ(client_.take_packet()[0], kMsgKexMethodReply);
  EXPECT_EQ(client_.take_packet()[0], kMsgNewKeys);
  std::size_t data = 0;
  while (!client_.packets.empty() && client_.packets.front()[0] == kMsgChannelData) {
    data += client_.take_packet().size() - 9;
  }
  EXPECT_EQ(data, 50000u);
  EXPECT_EQ(client_.take_packet()[0], kMsgGlobalRequest);
  EXPECT_EQ(client_.take_packet()[0], kMsgRequestFailure);
  EXPECT_EQ(client_.count<WindowAvailable>(), 1u);
  EXPECT_FALSE(client_.damaged);
  client_.send_newkeys();
  client_.send(client_.data(channel_, Bytes(3000, 1)));
  EXPECT_EQ(client_.received.size(), 3000u);
}

TEST_P(RekeyTest, TheClientsDataInTheMiddleEndsTheConnection) {
  client_.send_kexinit();
  client_.send(client_.data(channel_, Bytes(3000, 1)));
  ASSERT_TRUE(client_.end);
  EXPECT_EQ(client_.end->code, std::uint32_t{kDisconnectProtocolError});
  EXPECT_TRUE(client_.received.empty());
}

TEST_P(RekeyTest, ASecondKexinitEndsTheConnection) {
  client_.send_kexinit();
  client_.send_kexinit();
  ASSERT_TRUE(client_.end);
  EXPECT_EQ(client_.end->code, std::uint32_t{kDisconnectProtocolError});
}

TEST_P(RekeyTest, OtherKeysMayComeWithAnotherCipher) {
  client_.kex_init.ciphers_in = client_.kex_init.ciphers_out = {"aes256-ctr"};
  Reservation space = engine().reserve(channel_, 40000);
  client_.key_exchange();
  engine().commit(std::move(space), 40000);
  client_.pump();
  EXPECT_FALSE(client_.damaged);
  EXPECT_EQ(engine().facts().cipher_out, "aes256-ctr");
  EXPECT_EQ(engine().facts().mac_out, "hmac-sha2-256");
}

TEST_P(RekeyTest, AClientThatNeverAnswersIsNotServedForEver) {
  client_.keep_input = true;
  engine().request_rekey();
  for (int i = 0; i < 10'000'000 && !client_.end; ++i) {
    client_.send(message(kMsgChannelRequest).u32(channel_).string("x").boolean(true));
  }
  ASSERT_TRUE(client_.end);
  EXPECT_EQ(client_.end->text, "No answer to the key exchange.");
}

INSTANTIATE_TEST_SUITE_P(Ciphers, RekeyTest,
                         ::testing::Values("aes128-gcm@openssh.com",
                                           "chacha20-poly1305@openssh.com", "aes128-ctr"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find_first_of('-')) +
                                  (name.ends_with("ctr") ? "ctr" : "aead");
                         });

}  // namespace
}  // namespace sallyport::ssh
