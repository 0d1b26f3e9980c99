// Every message number in every phase, against a running engine: what is legal is taken, what is
// not ends the connection, and what nobody knows is answered.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ssh/message_table.h"
#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::TestClient;

struct State {
  Phase phase;
  bool strict;
};

void bring_to(TestClient& client, State state) {
  if (!state.strict) std::erase(client.kex_init.kex, "kex-strict-c-v00@openssh.com");
  if (state.phase == Phase::kInitialKexInit) return client.send_ident();
  if (state.phase == Phase::kInitialMethod || state.phase == Phase::kInitialNewKeys) {
    client.send_ident();
    client.send_kexinit();
    if (state.phase == Phase::kInitialNewKeys) client.send_kex_method();
    return;
  }
  if (state.phase == Phase::kService) return client.handshake();
  if (state.phase == Phase::kUserauth) {
    client.handshake();
    return client.request_service();
  }
  client.log_in();
  if (state.phase == Phase::kConnection) return;
  client.send_kexinit();
  if (state.phase == Phase::kRekeyNewKeys) client.send_kex_method();
}

// The text of the last DISCONNECT with its code; empty when none was sent.
std::string disconnect_of(TestClient& client) {
  const Bytes packet = client.take_packet(kMsgDisconnect);
  if (packet.empty()) return "";
  ByteReader in(packet);
  in.u8();
  const std::uint32_t code = in.u32();
  return std::to_string(code) + " " + std::string(in.text());
}

class MessageMatrix : public ::testing::TestWithParam<State> {
 protected:
  // Whether the strict rules hold already: they are agreed on with the client's KEXINIT.
  bool strict() const { return GetParam().strict && GetParam().phase != Phase::kInitialKexInit; }
};

TEST_P(MessageMatrix, WhatIsNotLegalEndsTheConnectionAndChangesNothing) {
  const Phase phase = GetParam().phase;
  int tried = 0;
  for (int n = 0; n < 256; ++n) {
    const auto number = static_cast<std::uint8_t>(n);
    if (legality(phase, number, strict()) != Legality::kIllegal) continue;
    ++tried;
    // Bare, and with a body that could be one.
    for (const bool body : {false, true}) {
      TestClient client;
      bring_to(client, GetParam());
      ASSERT_FALSE(client.end);
      client.packets.clear();
      client.events.clear();
      ByteWriter text = message(number);
      if (body) text.u32(0).string("sftp").boolean(true).u32(0);
      client.send(text);
      EXPECT_EQ(disconnect_of(client), "2 Unexpected " + std::string(message_name(number)) +
                                           " while " + std::string(phase_name(phase)) + ".");
      EXPECT_TRUE(client.engine().closed());
      // The end is all that came of it, and nothing is taken any more.
      EXPECT_EQ(client.events.size(), 1u) << n;
      EXPECT_EQ(client.count<Disconnected>(), 1u) << n;
      EXPECT_TRUE(client.packets.empty()) << n;
      EXPECT_TRUE(client.engine().input_space().empty());
    }
  }
  // Messages of a server at least are illegal at all times.
  EXPECT_GE(tried, 12);
}

TEST_P(MessageMatrix, WhatNobodyKnowsIsUnimplementedOrInAStrictExchangeTheEnd) {
  const Phase phase = GetParam().phase;
  const bool ends = strict() && (phase == Phase::kInitialMethod || phase == Phase::kInitialNewKeys);
  for (int n = 0; n < 256; ++n) {
    const auto number = static_cast<std::uint8_t>(n);
    if (legality(phase, number, strict()) != Legality::kUnknown) continue;
    TestClient client;
    bring_to(client, GetParam());
    client.packets.clear();
    client.send(message(number).u32(0).string("x"));
    if (ends) {
      EXPECT_EQ(disconnect_of(client), "2 Unexpected packet during the strict key exchange.");
    } else {
      EXPECT_FALSE(client.end) << n;
      EXPECT_EQ(client.take_packet(kMsgUnimplemented).size(), 5u) << n;
    }
  }
}

TEST_P(MessageMatrix, WhatIsLegalIsNotRefusedForItsNumber) {
  const Phase phase = GetParam().phase;
  for (int n = 0; n < 256; ++n) {
    const auto number = static_cast<std::uint8_t>(n);
    if (legality(phase, number, strict()) != Legality::kLegal) continue;
    TestClient client;
    bring_to(client, GetParam());
    client.packets.clear();
    client.send(message(number));
    EXPECT_EQ(disconnect_of(client).find("Unexpected"), std::string::npos) << n;
  }
}

// A wrong guess of the client is forgiven once, and only a message of the key exchange can be one.
TEST(GuessedPacket, OnlyAKeyExchangeMessageIsForgiven) {
  for (int n = 0; n < 256; ++n) {
    if (n >= 30 && n <= 49) continue;
    TestClient client;
    client.kex_init.kex.insert(client.kex_init.kex.begin(), "no-such-method");
    client.kex_init.first_packet_follows = true;
    client.send_ident();
    client.send_kexinit();
    client.send(message(static_cast<std::uint8_t>(n)).u32(0));
    EXPECT_TRUE(client.end) << n;
  }
}

std::vector<State> all_states() {
  std::vector<State> all;
  for (int p = 0; p < kPhaseCount; ++p)
    for (const bool strict : {false, true}) all.push_back({static_cast<Phase>(p), strict});
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, MessageMatrix, ::testing::ValuesIn(all_states()),
                         [](const auto& info) {
                           std::string name(phase_name(info.param.phase));
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name + (info.param.strict ? "_strict" : "");
                         });

}  // namespace
}  // namespace sallyport::ssh
