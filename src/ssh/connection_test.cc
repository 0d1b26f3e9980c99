#include <gtest/gtest.h>

#include <numeric>
#include <string>

#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_settings;
using testing::TestClient;

Bytes pattern(std::size_t n, std::uint32_t seed = 1) {
  Bytes out(n);
  for (std::uint8_t& byte : out) {
    seed = seed * 1664525 + 1013904223;
    byte = static_cast<std::uint8_t>(seed >> 24);
  }
  return out;
}

class ConnectionTest : public ::testing::Test {
 protected:
  void start(ServerSettings settings = test_settings()) {
    client_ = std::make_unique<TestClient>(std::move(settings));
    client_->log_in();
  }
  void SetUp() override { start(); }

  TestClient& client() { return *client_; }
  ServerEngine& engine() { return client_->engine(); }

  bool protocol_error(std::string_view text) {
    const auto& end = client().end;
    return end && !end->by_peer && end->code == kDisconnectProtocolError && end->text == text;
  }
  // The data of all CHANNEL_DATA packets received, checked against the most one may carry.
  Bytes channel_data(std::size_t max_packet, std::uint32_t peer_id = 7) {
    Bytes all;
    for (const Bytes& packet : client().packets) {
      if (packet[0] != kMsgChannelData) continue;
      ByteReader in(packet);
      in.u8();
      EXPECT_EQ(in.u32(), peer_id);
      const ByteView data = in.string();
      EXPECT_TRUE(in.done());
      EXPECT_LE(data.size(), max_packet);
      all.insert(all.end(), data.begin(), data.end());
    }
    client().packets.clear();
    return all;
  }
  void send_window(ChannelId id, std::uint32_t n) {
    client().send(message(kMsgChannelWindowAdjust).u32(id).u32(n));
  }

  std::unique_ptr<TestClient> client_;
};

// ---- Opening. ----

TEST_F(ConnectionTest, AChannelOpensWithAnEmptyWindowThatIsAdjustedAtOnce) {
  client().send(client().open_message(42));
  EXPECT_EQ(client().take_packet(),
            message(kMsgChannelOpenConfirmation).u32(42).u32(0).u32(0).u32(0x8000).bytes());
  EXPECT_EQ(client().take_packet(), message(kMsgChannelWindowAdjust).u32(42).u32(0x200000).bytes());
  EXPECT_EQ(client().last<ChannelOpened>()->channel, 0u);
}

TEST_F(ConnectionTest, TenChannelsAreTheMost) {
  for (std::uint32_t i = 0; i < 10; ++i) client().send(client().open_message(i));
  EXPECT_EQ(client().count<ChannelOpened>(), 10u);
  client().packets.clear();
  client().send(client().open_message(10));
  ByteReader in(client().packets.front());
  EXPECT_EQ(in.u8(), kMsgChannelOpenFailure);
  EXPECT_EQ(in.u32(), 10u);
  EXPECT_EQ(in.u32(), 4u);
  client().packets.clear();
  client().send(message(kMsgChannelClose).u32(3));
  client().send(client().open_message(10));
  EXPECT_EQ(client().last<ChannelOpened>()->channel, 10u);
}

TEST_F(ConnectionTest, OtherChannelTypesAreRefusedWithTheirReason) {
  for (const auto& [type, reason] :
       {std::pair{"direct-tcpip", 1u}, std::pair{"x11", 1u}, std::pair{"teleport", 3u}}) {
    client().send(client().open_message(5, 1, 1, type));
    const Bytes packet = client().take_packet();
    ByteReader in(packet);
    EXPECT_EQ(in.u8(), kMsgChannelOpenFailure);
    EXPECT_EQ(in.u32(), 5u);
    EXPECT_EQ(in.u32(), reason);
  }
  EXPECT_FALSE(client().end);
}

// ---- Requests. ----

TEST_F(ConnectionTest, OnlyTheSftpSubsystemStartsAndOnlyOnce) {
  client().send(client().open_message());
  client().packets.clear();
  client().send(client().subsystem(0, "netconf"));
  EXPECT_EQ(client().take_packet(), message(kMsgChannelFailure).u32(7).bytes());
  client().send(client().subsystem(0));
  EXPECT_EQ(client().take_packet(), message(kMsgChannelSuccess).u32(7).bytes());
  EXPECT_EQ(client().last<SubsystemStarted>()->name, "sftp");
  client().send(client().subsystem(0));
  EXPECT_EQ(client().take_packet(), message(kMsgChannelFailure).u32(7).bytes());
  EXPECT_EQ(client().count<SubsystemStarted>(), 1u);
}

TEST_F(ConnectionTest, OtherChannelRequestsFail) {
  client().send(client().open_message());
  client().packets.clear();
  for (const char* name : {"shell", "exec", "pty-req", "env", "x11-req", "eow@openssh.com"}) {
    client().send(message(kMsgChannelRequest).u32(0).string(name).boolean(true).string("x"));
    EXPECT_EQ(client().take_packet(), message(kMsgChannelFailure).u32(7).bytes()) << name;
    client().send(message(kMsgChannelRequest).u32(0).string(name).boolean(false).string("x"));
    EXPECT_TRUE(client().packets.empty());
  }
}

TEST_F(ConnectionTest, GlobalRequestsFailWhenAnAnswerIsWanted) {
  for (const char* name : {"keepalive@openssh.com", "tcpip-forward", "?"}) {
    client().send(message(kMsgGlobalRequest).string(name).boolean(true).string("x"));
    EXPECT_EQ(client().take_packet(), Bytes{kMsgRequestFailure});
  }
  client().send(message(kMsgGlobalRequest).string("no-more-sessions@openssh.com").boolean(false));
  EXPECT_TRUE(client().packets.empty());
}

TEST_F(ConnectionTest, AKeepaliveTakesOneReplyAndNotTwo) {
  engine().send_keepalive();
  client().pump();
  EXPECT_EQ(client().take_packet(),
            message(kMsgGlobalRequest).string("keepalive@openssh.com").boolean(true).bytes());
  client().send(kMsgRequestFailure);
  EXPECT_FALSE(client().end);
  client().send(kMsgRequestFailure);
  EXPECT_TRUE(protocol_error("Reply without a request."));
}

// ---- Input. ----

TEST_F(ConnectionTest, InputArrivesAsOneStreamWhateverThePackets) {
  const ChannelId id = client().open_channel();
  const Bytes sent = pattern(300000);
  Bytes wire;
  std::size_t at = 0;
  // Small and large packets, mixed with others, many to one receive.
  for (std::size_t i = 0; at < sent.size(); ++i) {
    constexpr std::size_t kSizes[] = {7, 5000, 32768};
    const std::size_t n = std::min(sent.size() - at, kSizes[i % 3]);
    const Bytes packet = client().seal(client().data(id, {sent.data() + at, n}).bytes());
    wire.insert(wire.end(), packet.begin(), packet.end());
    const Bytes noise = client().seal(message(kMsgIgnore).string(Bytes(i * 100 % 900)).bytes());
    wire.insert(wire.end(), noise.begin(), noise.end());
    at += n;
  }
  client().send_raw(wire);
  EXPECT_EQ(client().received, sent);
  EXPECT_LT(client().count<ChannelInput>(), 3u);
}

TEST_F(ConnectionTest, InputIsKeptUntilConsumedAndThenTheWindowOpens) {
  client().keep_input = true;
  const ChannelId id = client().open_channel();
  const Bytes sent = pattern(600000);
  for (std::size_t at = 0; at < sent.size(); at += 30000) {
    client().send(client().data(id, {sent.data() + at, 30000}));
  }
  EXPECT_EQ(to_bytes(engine().channel_input(id)), sent);
  EXPECT_TRUE(client().packets.empty());
  engine().channel_consume(id, 100000);
  client().pump();
  EXPECT_TRUE(client().packets.empty());
  EXPECT_EQ(to_bytes(engine().channel_input(id)), Bytes(sent.begin() + 100000, sent.end()));
  engine().channel_consume(id, 200000);
  client().pump();
  EXPECT_EQ(client().take_packet(), message(kMsgChannelWindowAdjust).u32(7).u32(300000).bytes());
}

TEST_F(ConnectionTest, ALeaseKeepsItsBytesWhileMoreArrive) {
  client().keep_input = true;
  const ChannelId id = client().open_channel();
  const Bytes first = pattern(20000, 1);
  const Bytes second = pattern(30000, 2);
  client().send(client().data(id, first));
  const InputLease lease = engine().lend_channel_input(id);
  const ByteView lent = engine().channel_input(id);
  engine().channel_advance(id, 15000);
  client().send(client().data(id, second));
  EXPECT_EQ(to_bytes(lent), first);
  Bytes rest(first.begin() + 15000, first.end());
  rest.insert(rest.end(), second.begin(), second.end());
  EXPECT_EQ(to_bytes(engine().channel_input(id)), rest);
  client().destroy_engine();
  EXPECT_EQ(to_bytes(lent), first);
}

TEST_F(ConnectionTest, LentBytesGiveNoWindowBackUntilGranted) {
  client().keep_input = true;
  const ChannelId id = client().open_channel();
  for (int i = 0; i < 10; ++i) client().send(client().data(id, Bytes(32768)));
  engine().channel_advance(id, 327680);
  client().pump();
  EXPECT_TRUE(client().packets.empty());
  engine().channel_grant(id, 327680);
  client().pump();
  EXPECT_EQ(client().take_packet()[0], kMsgChannelWindowAdjust);
}

TEST_F(ConnectionTest, AnIdleConnectionHoldsNoBuffer) {
  const ChannelId id = client().open_channel();
  for (int i = 0; i < 20; ++i) client().send(client().data(id, Bytes(32768)));
  engine().channel_write(id, pattern(100000));
  client().send(message(kMsgIgnore).string(Bytes(1000)));
  EXPECT_EQ(client().pool().lent_bytes(), 0u);
  EXPECT_GT(client().pool().free_bytes(), 0u);
}

TEST_F(ConnectionTest, InputBeforeTheSubsystemIsReportedOnceItHasStarted) {
  client().send(client().open_message());
  client().send(client().data(0, pattern(100)));
  EXPECT_EQ(client().count<ChannelInput>(), 0u);
  client().send(client().subsystem(0));
  EXPECT_EQ(client().received, pattern(100));
}

TEST_F(ConnectionTest, ExtendedDataIsDroppedAndItsWindowGivenBack) {
  const ChannelId id = client().open_channel();
  for (int i = 0; i < 100; ++i) {
    client().send(message(kMsgChannelExtendedData).u32(id).u32(1).string(Bytes(32768)));
  }
  EXPECT_FALSE(client().end);
  EXPECT_TRUE(client().received.empty());
}

TEST_F(ConnectionTest, OverrunningTheWindowEndsTheConnection) {
  for (const std::size_t last : {32768u, 1u}) {
    start();
    client().keep_input = true;
    const ChannelId id = client().open_channel();
    for (int i = 0; i < 64; ++i) client().send(client().data(id, Bytes(32768)));
    EXPECT_FALSE(client().end);
    EXPECT_EQ(engine().channel_input(id).size(), 2u << 20);
    client().send(client().data(id, Bytes(last)));
    EXPECT_TRUE(protocol_error("Channel window exceeded."));
    // What came before is still there.
    EXPECT_EQ(engine().channel_input(id).size(), 2u << 20);
  }
}

TEST_F(ConnectionTest, DataLengthsThatLieEndTheConnection) {
  for (const std::uint32_t claimed : {0u, 499u, 501u, 0xffffffffu}) {
    start();
    const ChannelId id = client().open_channel();
    client().send(client().data(id, pattern(500)));
    client().send(message(kMsgChannelData).u32(id).u32(claimed).raw(Bytes(500)));
    EXPECT_TRUE(protocol_error("Malformed connection message.")) << claimed;
    EXPECT_EQ(client().received, pattern(500));
  }
}

TEST_F(ConnectionTest, MessagesForUnknownChannelsEndTheConnection) {
  for (const int number : {93, 94, 95, 96, 97, 98}) {
    start();
    client().open_channel();
    client().send(message(static_cast<std::uint8_t>(number)).u32(99).raw(Bytes(8)));
    EXPECT_TRUE(protocol_error("Message for a channel that is not open.")) << number;
  }
}

TEST_F(ConnectionTest, TwoChannelsDoNotMix) {
  client().keep_input = true;
  const ChannelId a = client().open_channel(1);
  const ChannelId b = client().open_channel(2);
  Bytes to_a, to_b;
  for (std::uint32_t i = 0; i < 40; ++i) {
    const Bytes data = pattern(400 + i * 13, i);
    const bool first = i % 3 != 0;
    client().send(client().data(first ? a : b, data));
    Bytes& all = first ? to_a : to_b;
    all.insert(all.end(), data.begin(), data.end());
  }
  EXPECT_EQ(to_bytes(engine().channel_input(a)), to_a);
  EXPECT_EQ(to_bytes(engine().channel_input(b)), to_b);
}

// ---- Output. ----

TEST_F(ConnectionTest, AReservationIsCutIntoThePeersPackets) {
  const ChannelId id = client().open_channel(7, 1u << 20, 1000);
  Reservation space = engine().reserve(id, 2500);
  ASSERT_EQ(space.size(), 2500u);
  ASSERT_EQ(space.segments().size(), 3u);
  EXPECT_EQ(space.segments()[0].size(), 1000u);
  EXPECT_EQ(space.segments()[2].size(), 500u);
  const Bytes data = pattern(2500);
  space.write(0, {data.data(), 1700});
  space.write(1700, {data.data() + 1700, 800});
  engine().commit(std::move(space), 2500);
  client().pump();
  EXPECT_EQ(channel_data(1000), data);
  EXPECT_FALSE(client().damaged);
}

TEST_F(ConnectionTest, PartOfAReservationMayBeCommitted) {
  const ChannelId id = client().open_channel(7, 100000);
  for (const std::size_t m : {1u, 40000u, 32768u, 0u}) {
    Reservation space = engine().reserve(id, 50000);
    const Bytes data = pattern(m);
    space.write(0, data);
    engine().commit(std::move(space), m);
    client().pump();
    EXPECT_EQ(channel_data(32768), data);
  }
  // What was not used went back.
  EXPECT_EQ(engine().channel_writable(id), 100000u - 1 - 40000 - 32768);
}

TEST_F(ConnectionTest, TheWindowIsKeptToTheByte) {
  const ChannelId id = client().open_channel(7, 1000);
  EXPECT_EQ(engine().channel_writable(id), 1000u);
  Reservation space = engine().reserve(id, 5000);
  EXPECT_EQ(space.size(), 1000u);
  EXPECT_EQ(engine().channel_writable(id), 0u);
  EXPECT_EQ(engine().channel_write(id, pattern(1)), 0u);
  engine().commit(std::move(space), 1000);
  client().pump();
  EXPECT_EQ(channel_data(32768).size(), 1000u);
  EXPECT_EQ(client().count<WindowAvailable>(), 0u);
  send_window(id, 10);
  EXPECT_EQ(client().count<WindowAvailable>(), 1u);
  EXPECT_EQ(engine().channel_write(id, pattern(100)), 10u);
}

TEST_F(ConnectionTest, ADroppedReservationGivesItsPromiseBack) {
  const ChannelId id = client().open_channel(7, 1000);
  { const Reservation space = engine().reserve(id, 1000); }
  EXPECT_EQ(engine().channel_writable(id), 1000u);
}

TEST_F(ConnectionTest, SeveralReservationsAreSentInTheOrderOfTheirCommits) {
  const ChannelId id = client().open_channel();
  Reservation first = engine().reserve(id, 40000);
  Reservation second = engine().reserve(id, 40000);
  const Bytes a = pattern(40000, 1);
  const Bytes b = pattern(40000, 2);
  first.write(0, a);
  second.write(0, b);
  engine().commit(std::move(second), 40000);
  engine().channel_write(id, pattern(10));
  engine().commit(std::move(first), 40000);
  client().pump();
  Bytes expected = b;
  const Bytes between = pattern(10);
  expected.insert(expected.end(), between.begin(), between.end());
  expected.insert(expected.end(), a.begin(), a.end());
  EXPECT_EQ(channel_data(32768), expected);
}

TEST_F(ConnectionTest, OutputIsBoundedWhenThePeerDoesNotRead) {
  const ChannelId id = client().open_channel(7, 0xffffffff);
  client().deaf = true;
  std::size_t total = 0;
  for (int i = 0; i < 100; ++i) {
    Reservation space = engine().reserve(id, 1u << 18);
    const std::size_t n = space.size();
    total += n;
    engine().commit(std::move(space), n);
  }
  EXPECT_LE(total, 1u << 20);
  EXPECT_EQ(engine().channel_writable(id), 0u);
  client().deaf = false;
  client().pump();
  client().pump();
  EXPECT_EQ(client().count<WindowAvailable>(), 1u);
  EXPECT_EQ(channel_data(32768).size(), total);
}

TEST_F(ConnectionTest, AWindowBeyondItsRangeEndsTheConnection) {
  const ChannelId id = client().open_channel(7, 0xfffffff0);
  send_window(id, 15);
  EXPECT_FALSE(client().end);
  send_window(id, 1);
  EXPECT_TRUE(protocol_error("Channel window overflow."));
}

TEST_F(ConnectionTest, AReservationOutlivesTheEngine) {
  const ChannelId id = client().open_channel();
  Reservation space = engine().reserve(id, 100000);
  client().destroy_engine();
  space.write(0, pattern(100000));
}

TEST_F(ConnectionTest, ACommitForAChannelThatIsGoneIsDropped) {
  const ChannelId id = client().open_channel();
  Reservation space = engine().reserve(id, 100);
  client().send(message(kMsgChannelClose).u32(id));
  EXPECT_EQ(client().count<ChannelClosed>(), 1u);
  client().packets.clear();
  engine().commit(std::move(space), 100);
  EXPECT_EQ(engine().channel_writable(id), 0u);
  EXPECT_TRUE(engine().reserve(id, 10).empty());
  client().pump();
  EXPECT_TRUE(client().packets.empty());
}

// ---- The end of a channel. ----

TEST_F(ConnectionTest, InputComesBeforeEofAndEofBeforeClose) {
  const ChannelId id = client().open_channel();
  Bytes wire;
  for (const Bytes& payload :
       {client().data(id, pattern(5000)).take(), client().data(id, pattern(5000)).take(),
        message(kMsgChannelEof).u32(id).take(), message(kMsgChannelClose).u32(id).take()}) {
    const Bytes packet = client().seal(payload);
    wire.insert(wire.end(), packet.begin(), packet.end());
  }
  client().send_raw(wire);
  EXPECT_EQ(client().received.size(), 10000u);
  const std::size_t n = client().events.size();
  EXPECT_TRUE(std::holds_alternative<ChannelInput>(client().events[n - 3]));
  EXPECT_TRUE(std::holds_alternative<ChannelEof>(client().events[n - 2]));
  EXPECT_TRUE(std::holds_alternative<ChannelClosed>(client().events[n - 1]));
  EXPECT_EQ(client().take_packet(), message(kMsgChannelClose).u32(7).bytes());
}

TEST_F(ConnectionTest, ClosingSendsStatusEofAndClose) {
  const ChannelId id = client().open_channel();
  engine().channel_write(id, pattern(3));
  engine().send_exit_status(id, 1);
  engine().channel_close(id);
  engine().channel_close(id);
  client().pump();
  EXPECT_EQ(client().take_packet()[0], kMsgChannelData);
  EXPECT_EQ(client().take_packet(),
            message(kMsgChannelRequest).u32(7).string("exit-status").boolean(false).u32(1).bytes());
  EXPECT_EQ(client().take_packet(), message(kMsgChannelEof).u32(7).bytes());
  EXPECT_EQ(client().take_packet(), message(kMsgChannelClose).u32(7).bytes());
  // The client may go on for a while, not having seen it.
  client().send(client().data(id, pattern(1000)));
  client().send(message(kMsgChannelRequest).u32(id).string("x").boolean(true));
  EXPECT_TRUE(client().packets.empty());
  client().send(message(kMsgChannelClose).u32(id));
  EXPECT_EQ(client().last<ChannelClosed>()->channel, id);
  EXPECT_TRUE(client().packets.empty());
  EXPECT_FALSE(client().end);
}

TEST_F(ConnectionTest, ASecondEofIsPassedOverAndOtherChannelsLiveOn) {
  const ChannelId id = client().open_channel();
  const ChannelId other = client().open_channel();
  client().send(message(kMsgChannelEof).u32(id));
  client().send(message(kMsgChannelEof).u32(id));
  EXPECT_EQ(client().count<ChannelEof>(), 1u);
  client().send(client().data(other, pattern(1000)));
  EXPECT_EQ(client().received, pattern(1000));
  EXPECT_FALSE(client().end);
}

TEST_F(ConnectionTest, DataAfterEofEndsTheConnection) {
  for (const std::size_t size : {10u, 1000u}) {
    start();
    const ChannelId id = client().open_channel();
    client().send(client().data(id, pattern(size)));
    client().send(message(kMsgChannelEof).u32(id));
    client().send(client().data(id, pattern(size)));
    EXPECT_TRUE(protocol_error("Channel data after EOF."));
  }
}

TEST_F(ConnectionTest, IdsAreNotUsedAgain) {
  const ChannelId first = client().open_channel();
  client().send(message(kMsgChannelClose).u32(first));
  EXPECT_NE(client().open_channel(), first);
}

TEST_F(ConnectionTest, ADisconnectOfOursIsSentAndReportedOnce) {
  engine().disconnect(11, "Server is stopping.");
  engine().disconnect(11, "again");
  client().pump();
  EXPECT_EQ(client().take_packet(),
            message(kMsgDisconnect).u32(11).string("Server is stopping.").string("").bytes());
  EXPECT_EQ(client().count<Disconnected>(), 1u);
  EXPECT_TRUE(engine().closed());
  client().send(client().open_message());
  EXPECT_TRUE(client().packets.empty());
}

}  // namespace
}  // namespace sallyport::ssh
