#include "ssh/compression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/test_hex.h"
#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using crypto::from_hex;
using testing::message;
using testing::TestClient;

constexpr std::size_t kLargest = PacketReader::kMaxPacket - 5;

// The vectors are of Python's zlib: compressobj(6), compress() and flush(Z_PARTIAL_FLUSH) for each
// payload in turn.
struct Vector {
  Bytes plain, packed;
};
std::vector<Vector> vectors() {
  const Bytes hello = from_hex("020000000568656c6c6f");
  Bytes data = from_hex("5e00000007000003e8");
  data.resize(data.size() + 1000, 'a');
  return {{hello, from_hex("789c6262606060cd48cdc9c90708")},
          {hello, from_hex("2026380b20")},
          {data, from_hex("80e2802c760606e61789a360148c82610f0002")}};
}
const char* const kZerosOf34995 =
    "789cecc1010d000000c2a0f74f6d0e37a0000000000000000000000000000000000000000000000000000000000000"
    "00"
    "0000800313";
const char* const kZerosOf34996 =
    "789cecc1010d000000c2a0f74f6d0e37a0000000000000000000000000000000000000000000000000000000000000"
    "00"
    "0000800713";

Bytes pack(Deflater& deflater, ByteView head, ByteView body = {}) {
  Bytes out(Deflater::bound(head.size() + body.size()));
  out.resize(deflater.deflate(head, body, out.data()));
  return out;
}

TEST(Inflater, ReadsWhatPythonsZlibHasWritten) {
  Inflater inflater(BufferPool::create(), kLargest);
  for (const Vector& v : vectors()) {
    const auto plain = inflater.inflate(v.packed);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(to_bytes(*plain), v.plain);
  }
}

TEST(Inflater, TakesAsMuchAsAPacketMayHoldAndNotAByteMore) {
  const auto pool = BufferPool::create();
  Inflater exact(pool, kLargest);
  EXPECT_EQ(exact.inflate(from_hex(kZerosOf34995))->size(), kLargest);
  Inflater more(pool, kLargest);
  const auto refused = more.inflate(from_hex(kZerosOf34996));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kLimitExceeded);
  EXPECT_FALSE(more.inflate(from_hex(kZerosOf34995)).ok());
}

TEST(Inflater, RefusesDamageAnEmptyPayloadAndTheEndOfTheStream) {
  const auto pool = BufferPool::create();
  for (const char* packed : {"", "00", "789d0000", "ffffffffffffffff", "789c030000000001",
                             // A reference to before the beginning.
                             "789c02020000"}) {
    Inflater inflater(pool, kLargest);
    const auto refused = inflater.inflate(from_hex(packed));
    ASSERT_FALSE(refused.ok()) << packed;
    EXPECT_EQ(refused.error().code, Errc::kInvalidArgument) << packed;
  }
  // The second packet of a stream alone.
  Inflater inflater(pool, kLargest);
  EXPECT_FALSE(inflater.inflate(vectors()[1].packed).ok());
}

TEST(Inflater, HoldsNoBufferAtRest) {
  const auto pool = BufferPool::create();
  Inflater inflater(pool, kLargest);
  EXPECT_EQ(pool->lent_bytes(), 0u);
  ASSERT_TRUE(inflater.inflate(vectors()[0].packed).ok());
  EXPECT_LE(pool->lent_bytes(), 64u * 1024);
  inflater.rest();
  EXPECT_EQ(pool->lent_bytes(), 0u);
  EXPECT_EQ(to_bytes(*inflater.inflate(vectors()[1].packed)), vectors()[1].plain);
}

TEST(Deflater, WritesWhatPythonsZlibWrites) {
  Deflater deflater;
  for (const Vector& v : vectors()) EXPECT_EQ(pack(deflater, v.plain), v.packed);
}

TEST(Deflater, TwoPiecesAreOnePayload) {
  Deflater deflater;
  for (const Vector& v : vectors()) {
    const ByteView plain(v.plain);
    EXPECT_EQ(pack(deflater, plain.first(9), plain.subspan(9)), v.packed);
  }
}

TEST(Deflater, WhatCannotBeCompressedStaysWithinTheBound) {
  Deflater deflater;
  Inflater inflater(BufferPool::create(), kLargest);
  SystemRandom random;
  for (const std::size_t size : {1u, 2u, 100u, 16384u, 32777u}) {
    Bytes plain(size);
    random.fill(plain);
    for (int i = 0; i < 20; ++i) {
      const Bytes packed = pack(deflater, plain);
      ASSERT_NE(packed.size(), 0u);
      ASSERT_EQ(to_bytes(*inflater.inflate(packed)), plain);
    }
  }
}

// ---- In a session. ----

class CompressedSession : public ::testing::TestWithParam<const char*> {
 protected:
  CompressedSession() { use(client_); }
  static void use(TestClient& client) {
    client.kex_init.ciphers_in = client.kex_init.ciphers_out = {GetParam()};
    client.kex_init.compressions_in = {"zlib@openssh.com", "none"};
    client.kex_init.compressions_out = {"zlib@openssh.com", "none"};
  }
  // Uncompressed bytes of channel data that have come.
  static Bytes data_of(TestClient& client) {
    Bytes all;
    while (!client.packets.empty()) {
      const Bytes packet = client.take_packet();
      if (packet[0] == kMsgChannelData) all.insert(all.end(), packet.begin() + 9, packet.end());
    }
    return all;
  }
  // Commits `size` bytes of a pattern; returns them.
  static Bytes send_pattern(TestClient& client, ChannelId channel, std::size_t size) {
    Bytes pattern(size);
    for (std::size_t i = 0; i < size; ++i) pattern[i] = static_cast<std::uint8_t>(i / 7);
    for (std::size_t at = 0; at < size;) {
      Reservation space = client.engine().reserve(channel, size - at);
      const std::size_t n = space.size();
      if (n == 0) break;
      space.write(0, ByteView(pattern).subspan(at, n));
      client.engine().commit(std::move(space), n);
      at += n;
      client.pump();
    }
    return pattern;
  }

  TestClient client_;
};

TEST_P(CompressedSession, BeginsAfterAuthenticationInBothDirections) {
  client_.handshake();
  client_.request_service();
  EXPECT_TRUE(client_.engine().facts().compressed_in);
  // Not yet: the packets so far are read by a client that does not unpack.
  EXPECT_EQ(client_.take_packet(kMsgServiceAccept).size(), 17u);
  client_.send(client_.signed_request());
  EXPECT_EQ(client_.take_packet(kMsgUserauthSuccess).size(), 1u);
  const ChannelId channel = client_.open_channel(7, 1u << 20);
  client_.send(client_.data(channel, Bytes(30000, 'x')));
  client_.send(client_.data(channel, Bytes(100, 'y')));
  EXPECT_EQ(client_.received.size(), 30100u);
  EXPECT_EQ(client_.received.back(), 'y');
  const std::size_t size = 700'000;
  const Bytes sent = send_pattern(client_, channel, size);
  EXPECT_EQ(data_of(client_), sent);
  EXPECT_FALSE(client_.damaged);
}

TEST_P(CompressedSession, OneDirectionMayDoWithout) {
  for (const bool in : {true, false}) {
    TestClient client;
    use(client);
    (in ? client.kex_init.compressions_out : client.kex_init.compressions_in) = {"none"};
    client.log_in();
    EXPECT_EQ(client.engine().facts().compressed_in, in);
    EXPECT_EQ(client.engine().facts().compressed_out, !in);
    const ChannelId channel = client.open_channel(7, 1u << 20);
    client.send(client.data(channel, Bytes(30000, 'x')));
    EXPECT_EQ(client.received, Bytes(30000, 'x'));
    const Bytes sent = send_pattern(client, channel, 300'000);
    EXPECT_EQ(data_of(client), sent);
  }
}

TEST_P(CompressedSession, NewKeysComeWithNewContexts) {
  client_.log_in();
  const ChannelId channel = client_.open_channel(7, 1u << 20);
  for (int i = 0; i < 3; ++i) {
    client_.send(client_.data(channel, Bytes(20000, 'x')));
    Reservation held = client_.engine().reserve(channel, 50000);
    held.write(0, Bytes(50000, 'h'));
    client_.engine().request_rekey();
    client_.engine().commit(std::move(held), 50000);
    client_.key_exchange();
    EXPECT_EQ(data_of(client_), Bytes(50000, 'h'));
  }
  EXPECT_EQ(client_.rekeys, 4);
  EXPECT_EQ(client_.received.size(), 60000u);
  client_.kex_init.compressions_in = client_.kex_init.compressions_out = {"none"};
  client_.key_exchange();
  EXPECT_FALSE(client_.engine().facts().compressed_in);
  client_.send(client_.data(channel, Bytes(20000, 'x')));
  EXPECT_EQ(client_.received.size(), 80000u);
  EXPECT_FALSE(client_.damaged);
}

TEST_P(CompressedSession, ABombEndsTheConnection) {
  client_.log_in();
  client_.send(message(kMsgIgnore).string(Bytes(std::size_t{30} << 20)));
  ASSERT_TRUE(client_.end);
  EXPECT_EQ(client_.end->code, std::uint32_t{kDisconnectProtocolError});
  EXPECT_EQ(client_.end->text, "Bad packet length after decompression.");
  EXPECT_FALSE(client_.take_packet(kMsgDisconnect).empty());
  EXPECT_LT(client_.pool().lent_bytes(), 300u * 1024);
}

TEST_P(CompressedSession, WhatIsNotCompressedEndsTheConnection) {
  client_.log_in();
  client_.send_raw(client_.seal_unpacked(message(kMsgIgnore).string("x").bytes()));
  ASSERT_TRUE(client_.end);
  EXPECT_EQ(client_.end->text, "Bad compressed packet.");
}

TEST_P(CompressedSession, LittleIsReceivedAtOnceAndNothingHeldWhenIdle) {
  client_.log_in();
  EXPECT_LE(client_.engine().input_space().size(), 64u * 1024);
  const ChannelId channel = client_.open_channel(7, 1u << 20);
  client_.send(client_.data(channel, Bytes(30000, 'x')));
  EXPECT_EQ(client_.pool().lent_bytes(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Ciphers, CompressedSession,
                         ::testing::Values("aes128-gcm@openssh.com", "aes128-ctr",
                                           "chacha20-poly1305@openssh.com"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.ends_with("ctr") ? "ctr"
                                                        : name.substr(0, name.find_first_of('-'));
                         });

TEST(Compression, ThePlainNameIsNotOfferedSoThatNothingIsUnpackedBeforeAuthentication) {
  const KexInit offered = server_kex_init(testing::test_settings(), true);
  EXPECT_EQ(offered.compressions_in, (NameList{"none", "zlib@openssh.com"}));
  EXPECT_EQ(offered.compressions_out, offered.compressions_in);
}

}  // namespace
}  // namespace sallyport::ssh
