#include "process/signing_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>

#include <set>

#include "net/loop.h"
#include "process/hardening.h"
#include "process/socket_channel.h"
#include "process/testing/forked.h"

namespace sallyport::process {
namespace {

using testing::children_of;
using testing::status_line;

const SecretString kSignerMaster(std::string(32, 'm'));

class SigningProcessTest : public ::testing::Test {
 protected:
  // Before anything has a thread.
  void SetUp() override {
    processes = SigningProcess::start(kSignerMaster, SigningOptions{}).value();
    vault = std::make_unique<MessageVault>(processes->take_channels());
  }
  std::shared_ptr<const SealedKey> make(ssh::HostKeyType type = ssh::HostKeyType::kEd25519) {
    auto made = net::sync_wait(vault->generate(type, "here"));
    EXPECT_TRUE(made.ok()) << made.error().message;
    return std::make_shared<const SealedKey>(made->sealed, "here");
  }
  static Task<void> sign_one(KeyVault& vault, std::shared_ptr<const SealedKey> key, int& good) {
    std::string algorithm = "ssh-ed25519";
    Bytes data(64);
    const auto signature =
        co_await vault.sign(std::move(key), std::move(algorithm), std::move(data));
    if (signature.ok()) ++good;
  }
  // Many at once; how many of them were signed.
  static Task<int> sign_many(KeyVault& vault, std::shared_ptr<const SealedKey> key, int count,
                             std::function<void(int)> between) {
    int good = 0;
    net::TaskScope scope;
    for (int i = 0; i < count; ++i) {
      scope.spawn(sign_one(vault, key, good));
      between(i);
    }
    co_await scope.join();
    co_return good;
  }
  std::vector<pid_t> signers() const { return children_of(processes->watcher()); }

  std::unique_ptr<SigningProcess> processes;
  std::unique_ptr<MessageVault> vault;
};

TEST_F(SigningProcessTest, SignsForWhoNamesTheSealedKey) {
  for (const auto type :
       {ssh::HostKeyType::kEd25519, ssh::HostKeyType::kEcdsaP256, ssh::HostKeyType::kRsa3072}) {
    const auto key = make(type);
    const auto half = net::sync_wait(vault->open(key));
    ASSERT_TRUE(half.ok());
    const auto public_key = ssh::PublicKey::from_blob(half->blob);
    ASSERT_TRUE(public_key.ok());
    const std::string algorithm = type == ssh::HostKeyType::kRsa3072 ? "rsa-sha2-256" : half->type;
    const Bytes data{1, 2, 3};
    VaultSigner signer({key}, *vault);
    const auto signature = net::sync_wait(signer.sign(0, algorithm, data));
    ASSERT_TRUE(signature.ok()) << signature.error().message;
    EXPECT_TRUE(public_key->verify(algorithm, data, *signature));
    EXPECT_EQ(net::sync_wait(signer.sign(1, algorithm, data)).error().code, Errc::kInvalidArgument);
  }
}

TEST_F(SigningProcessTest, EachHoldsNothingButItsRightToSign) {
  make();  // it has begun
  const auto all = signers();
  ASSERT_EQ(all.size(), 2u);
  net::sync_wait(sign_many(*vault, make(), 20, [](int) {}));
  for (const pid_t signer : all) {
    EXPECT_EQ(status_line(signer, "NoNewPrivs"), "1");
    EXPECT_EQ(status_line(signer, "Seccomp"), "2");
    EXPECT_EQ(status_line(signer, "CapEff"), "0000000000000000");
    if (!hardening_is_lenient()) EXPECT_EQ(status_line(signer, "Threads"), "1");
  }
}

TEST_F(SigningProcessTest, NoSignatureIsLostWithAProcess) {
  const auto key = make();
  std::set<pid_t> killed;
  const auto kill_some = [&](int i) {
    // Twice: what dies of a third death counts as deadly.
    if (i != 10 && i != 60) return;
    for (const pid_t signer : signers()) {
      ::kill(signer, SIGKILL);
      killed.insert(signer);
    }
  };
  EXPECT_EQ(net::sync_wait(sign_many(*vault, key, 100, kill_some)), 100);
  EXPECT_GE(killed.size(), 2u);
  EXPECT_TRUE(processes->alive());
  EXPECT_TRUE(net::sync_wait(vault->open(key)).ok());
}

TEST_F(SigningProcessTest, OneThatDiedInAnIdleMomentIsNotMissed) {
  const auto key = make();
  for (int i = 0; i < 5; ++i) {
    for (const pid_t signer : signers()) ::kill(signer, SIGKILL);
    EXPECT_EQ(net::sync_wait(sign_many(*vault, key, 1, [](int) {})), 1);
  }
}

TEST_F(SigningProcessTest, WithoutItsWatcherEveryRequestFails) {
  const auto key = make();
  ::kill(processes->watcher(), SIGKILL);
  while (processes->alive()) {
  }
  // Its children die with it, if not in the same instant.
  auto last = net::sync_wait(vault->open(key));
  while (last.ok()) last = net::sync_wait(vault->open(key));
  EXPECT_EQ(last.error().code, Errc::kUnavailable);
  EXPECT_EQ(net::sync_wait(vault->sign(key, "ssh-ed25519", {})).error().code, Errc::kUnavailable);
}

TEST_F(SigningProcessTest, ErrorsComeThrough) {
  const auto bad = net::sync_wait(vault->import(SecretString("nonsense"), "here"));
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Errc::kInvalidArgument);
  EXPECT_TRUE(bad.error().message.starts_with("Invalid host key format"));
  const auto elsewhere = std::make_shared<const SealedKey>(make()->sealed(), "elsewhere");
  EXPECT_EQ(net::sync_wait(vault->open(elsewhere)).error().code, Errc::kCorrupt);
  EXPECT_EQ(net::sync_wait(vault->sign(elsewhere, "ssh-ed25519", {})).error().code, Errc::kCorrupt);
  const SecretString huge(std::string(ssh::HostKey::kMaxTextSize + 1, 'x'));
  EXPECT_EQ(net::sync_wait(vault->import(huge, "here")).error().code, Errc::kInvalidArgument);
}

// The other end of a pair that a test plays.
class SocketChannelTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int pair[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    channel = std::make_unique<SocketChannel>(pair[0]);
    other = pair[1];
  }
  void TearDown() override { ::close(other); }
  // Reads one request and answers it with these, each a number and a status.
  void answer(std::vector<std::pair<int, KeyStatus>> replies) {
    std::uint8_t request[64];
    ASSERT_GT(::recv(other, request, sizeof request, 0), 4);
    const std::uint32_t number = load_be32(request);
    for (const auto& [offset, status] : replies) {
      const Bytes message = ByteWriter()
                                .u32(number + static_cast<std::uint32_t>(offset))
                                .u8(static_cast<std::uint8_t>(status))
                                .u8(static_cast<std::uint8_t>(offset + 1))
                                .take();
      ASSERT_GT(::send(other, message.data(), message.size(), 0), 0);
    }
  }
  Result<Bytes> call() {
    Bytes request = generate_request(ssh::HostKeyType::kEd25519, "");
    return channel->call(request);
  }

  std::unique_ptr<SocketChannel> channel;
  int other = -1;
};

TEST_F(SocketChannelTest, ARequestIsSentAgainAfterARestart) {
  std::thread peer([this] {
    answer({{0, KeyStatus::kRestarted}});
    answer({{0, KeyStatus::kDone}});
  });
  EXPECT_TRUE(call().ok());
  peer.join();
}

TEST_F(SocketChannelTest, RepliesToOthersAreDropped) {
  std::thread peer([this] { answer({{-1, KeyStatus::kDone}, {0, KeyStatus::kDone}}); });
  const auto reply = call();
  peer.join();
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->back(), 1);
}

TEST_F(SocketChannelTest, ARequestThatKillsIsGivenUp) {
  std::thread peer([this] {
    for (int i = 0; i < 3; ++i) answer({{0, KeyStatus::kRestarted}});
  });
  const auto reply = call();
  peer.join();
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code, Errc::kUnavailable);
}

TEST_F(SocketChannelTest, AnEndFails) {
  ::shutdown(other, SHUT_RDWR);
  EXPECT_EQ(call().error().code, Errc::kUnavailable);
}

TEST_F(SocketChannelTest, WhatDoesNotReadFails) {
  std::thread peer([this] { answer({{0, static_cast<KeyStatus>(9)}}); });
  EXPECT_EQ(call().error().code, Errc::kCorrupt);
  peer.join();
}

TEST_F(SocketChannelTest, AMessageThatIsTooLongIsNotSent) {
  Bytes request(kMaxMessage + 1);
  EXPECT_EQ(channel->call(request).error().code, Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::process
