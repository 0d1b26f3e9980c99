// hostkeys-00@openssh.com and hostkeys-prove-00@openssh.com (OpenSSH PROTOCOL section 2.5).
#include <gtest/gtest.h>

#include <string>

#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_host_key;
using testing::test_settings;
using testing::TestClient;

constexpr const char* kAnnounce = "hostkeys-00@openssh.com";
constexpr const char* kProve = "hostkeys-prove-00@openssh.com";

const HostKey& rsa_key() {
  static const HostKey key = HostKey::generate(HostKeyType::kRsa3072).value();
  return key;
}

PublicHostKey public_half(const HostKey& key) {
  return {std::string(key.public_key().type()), to_bytes(key.public_key().blob())};
}

ByteWriter prove(std::initializer_list<ByteView> blobs, bool want_reply = true) {
  ByteWriter out = message(kMsgGlobalRequest);
  out.string(kProve).boolean(want_reply);
  for (const ByteView blob : blobs) out.string(blob);
  return out;
}

// A server with an Ed25519 key, which signs the key exchange, and an RSA key.
ServerSettings two_keys() {
  ServerSettings settings = test_settings();
  settings.host_keys.push_back(public_half(rsa_key()));
  return settings;
}

class HostKeyProofTest : public ::testing::Test {
 protected:
  // Up to the authentication, everything the server has sent being kept.
  static void log_in(TestClient& client) {
    client.handshake();
    client.request_service();
    client.send(client.signed_request());
  }
  const Bytes ours = to_bytes(test_host_key().public_key().blob());
  const Bytes rsa = to_bytes(rsa_key().public_key().blob());
  const Bytes failure{kMsgRequestFailure};
};

TEST_F(HostKeyProofTest, AllKeysAreAnnouncedRightAfterTheLogin) {
  TestClient client(two_keys());
  log_in(client);
  EXPECT_FALSE(client.take_packet(kMsgUserauthSuccess).empty());
  EXPECT_EQ(
      client.take_packet(),
      message(kMsgGlobalRequest).string(kAnnounce).boolean(false).string(ours).string(rsa).bytes());
  EXPECT_TRUE(client.packets.empty());
}

TEST_F(HostKeyProofTest, NothingIsAnnouncedToWhoIsRefused) {
  TestClient client(two_keys());
  client.verdict = [](const CheckPublicKey&) { return false; };
  log_in(client);
  EXPECT_TRUE(client.take_packet(kMsgGlobalRequest).empty());
}

TEST_F(HostKeyProofTest, TheAnnouncementIsNotRepeatedWithNewKeys) {
  TestClient client(two_keys());
  log_in(client);
  client.packets.clear();
  client.key_exchange();
  EXPECT_EQ(client.rekeys, 2);
  EXPECT_TRUE(client.take_packet(kMsgGlobalRequest).empty());
}

TEST_F(HostKeyProofTest, SettingsCanKeepTheAnnouncementBack) {
  ServerSettings settings = two_keys();
  settings.announce_host_keys = false;
  TestClient client(std::move(settings));
  log_in(client);
  EXPECT_TRUE(client.take_packet(kMsgGlobalRequest).empty());
}

TEST_F(HostKeyProofTest, KeysAreProvenInTheOrderAskedForAndBoundToTheSession) {
  TestClient client(two_keys());
  client.log_in();
  client.host_key = [](std::size_t index) { return index == 0 ? test_host_key() : rsa_key(); };
  client.send(prove({rsa, ours}));
  const Bytes reply = client.take_packet();
  ByteReader in(reply);
  EXPECT_EQ(in.u8(), kMsgRequestSuccess);
  const auto proven = [&](const HostKey& key, ByteView blob, std::string_view algorithm) {
    const Bytes data =
        ByteWriter().string(kProve).string(client.engine().session_id()).string(blob).take();
    return key.public_key().verify(algorithm, data, in.string());
  };
  EXPECT_TRUE(proven(rsa_key(), rsa, "rsa-sha2-512"));
  EXPECT_TRUE(proven(test_host_key(), ours, "ssh-ed25519"));
  EXPECT_TRUE(in.done());
}

TEST_F(HostKeyProofTest, AnRsaKeyIsProvenWithTheAlgorithmOfTheKeyExchange) {
  ServerSettings settings = test_settings();
  settings.host_keys = {public_half(rsa_key())};
  TestClient client(std::move(settings));
  client.host_key = [](std::size_t) { return rsa_key(); };
  client.kex_init.host_key_algorithms = {"rsa-sha2-256"};
  client.log_in();
  client.send(prove({rsa}));
  ASSERT_NE(client.last<ProveHostKeys>(), nullptr);
  EXPECT_EQ(client.last<ProveHostKeys>()->wanted.front().algorithm, "rsa-sha2-256");
  EXPECT_EQ(client.take_packet()[0], kMsgRequestSuccess);
}

TEST_F(HostKeyProofTest, AnUnknownKeyFailsTheWholeRequest) {
  TestClient client(two_keys());
  client.log_in();
  client.send(prove({ours, testing::test_user_key().public_key().blob()}));
  EXPECT_EQ(client.take_packet(), failure);
  EXPECT_EQ(client.count<ProveHostKeys>(), 0u);
}

TEST_F(HostKeyProofTest, MoreKeysThanThereAreFail) {
  TestClient client(two_keys());
  client.log_in();
  client.send(prove({ours, ours, ours}));
  EXPECT_EQ(client.take_packet(), failure);
  EXPECT_EQ(client.count<ProveHostKeys>(), 0u);
}

TEST_F(HostKeyProofTest, ARequestForNothingFails) {
  TestClient client(two_keys());
  client.log_in();
  client.send(prove({}));
  EXPECT_EQ(client.take_packet(), failure);
}

TEST_F(HostKeyProofTest, ALengthThatLiesFails) {
  TestClient client(two_keys());
  client.log_in();
  ByteWriter request = message(kMsgGlobalRequest);
  request.string(kProve).boolean(true).string(ours).u32(0xffffffff).raw(ours);
  client.send(request);
  EXPECT_EQ(client.take_packet(), failure);
  EXPECT_EQ(client.count<ProveHostKeys>(), 0u);
}

TEST_F(HostKeyProofTest, WithoutAWishForAReplyNothingIsDone) {
  TestClient client(two_keys());
  client.log_in();
  client.send(prove({ours}, false));
  EXPECT_TRUE(client.packets.empty());
  EXPECT_EQ(client.count<ProveHostKeys>(), 0u);
}

TEST_F(HostKeyProofTest, BeforeTheLoginItIsAProtocolError) {
  TestClient client(two_keys());
  client.handshake();
  client.request_service();
  client.send(prove({ours}));
  ASSERT_TRUE(client.end.has_value());
  EXPECT_EQ(client.end->code, kDisconnectProtocolError);
  EXPECT_EQ(client.count<ProveHostKeys>(), 0u);
}

TEST_F(HostKeyProofTest, ASignerThatFailsFailsTheRequestAndNotTheConnection) {
  TestClient client(two_keys());
  client.log_in();
  client.host_key = [](std::size_t) { return testing::test_user_key(); };
  client.send(prove({ours}));
  EXPECT_EQ(client.take_packet(), failure);
  EXPECT_FALSE(client.end.has_value());
  EXPECT_EQ(client.open_channel(), 0u);
  EXPECT_EQ(client.count<SubsystemStarted>(), 1u);
}

TEST_F(HostKeyProofTest, AnAnswerNobodyAskedForHasNoEffect) {
  TestClient client(two_keys());
  client.log_in();
  client.engine().host_key_proofs(std::vector<Bytes>{ours});
  client.pump();
  EXPECT_TRUE(client.packets.empty());
}

}  // namespace
}  // namespace sallyport::ssh
