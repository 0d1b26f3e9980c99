#include "process/message_vault.h"

#include <gtest/gtest.h>

#include "net/loop.h"
#include "process/testing/local_vault.h"

namespace sallyport::process {
namespace {

const SecretString kVaultMaster(std::string(32, 'm'));

// A keeper that dies of nothing, and begins anew, right after each of the first times it was told a
// key.
class DyingKeeper final : public KeyChannel {
 public:
  explicit DyingKeeper(int deaths) : deaths_(deaths) {}

  Result<Bytes> call(Bytes& request) override {
    auto reply = box_->call(request);
    if (static_cast<KeyOperation>(request.at(4)) == KeyOperation::kOpen && deaths_ > 0) {
      --deaths_;
      box_ = std::make_unique<testing::BoxChannel>(kVaultMaster);
    }
    return reply;
  }

 private:
  int deaths_;
  std::unique_ptr<testing::BoxChannel> box_ = std::make_unique<testing::BoxChannel>(kVaultMaster);
};

class MessageVaultTest : public ::testing::Test {
 protected:
  Result<Bytes> sign_with_keeper_that_dies(int times) {
    auto made = net::sync_wait(
        testing::local_vault(kVaultMaster)->generate(ssh::HostKeyType::kEd25519, "here"));
    const auto key = std::make_shared<const SealedKey>(made.value().sealed, "here");
    std::vector<std::unique_ptr<KeyChannel>> channels;
    channels.push_back(std::make_unique<DyingKeeper>(times));
    MessageVault vault(std::move(channels));
    return net::sync_wait(vault.sign(key, "ssh-ed25519", Bytes(64)));
  }
};

TEST_F(MessageVaultTest, TellsAKeyAgainToAKeeperThatDiedBeforeItSigned) {
  EXPECT_TRUE(sign_with_keeper_that_dies(0).ok());
  EXPECT_TRUE(sign_with_keeper_that_dies(1).ok());
  EXPECT_TRUE(sign_with_keeper_that_dies(2).ok());
}

TEST_F(MessageVaultTest, GivesUpAKeeperThatForgetsAgainAndAgain) {
  EXPECT_EQ(sign_with_keeper_that_dies(100).error().code, Errc::kInternal);
}

}  // namespace
}  // namespace sallyport::process
