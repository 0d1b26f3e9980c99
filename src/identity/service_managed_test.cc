#include <gtest/gtest.h>

#include <atomic>

#include "codec/base64.h"
#include "iam/testing/resources.h"
#include "identity/principal.h"

namespace sallyport::identity {
namespace {

using iam::testing::Resources;
using model::HomeDirectoryType;

const model::ServerId kServer("s-0123456789abcdef0");

// Public keys of RFC 8032 section 7.1, tests 1 and 2, in SSH's form.
constexpr std::string_view kFirst =
    "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
constexpr std::string_view kSecond =
    "AAAAC3NzaC1lZDI1NTE5AAAAID1AF8Poh0OVQ/aJWpwWyjT0RorMlgXSvJIskssEZgDM";

Bytes blob(std::string_view base64) {
  auto decoded = codec::base64_decode(base64);
  EXPECT_TRUE(decoded.ok());
  return decoded.ok() ? *decoded : Bytes();
}

class ServiceManagedTest : public ::testing::Test {
 protected:
  static model::User user(std::string name) {
    model::User user;
    user.server_id = kServer;
    user.user_name = std::move(name);
    user.role = "arn:aws:iam::000000000000:role/demo";
    user.home_directory = "/demo/ann";
    user.ssh_public_keys.push_back(
        {model::SshPublicKeyId("key-1"), "ssh-ed25519 " + std::string(kFirst) + " ann@laptop", {}});
    return user;
  }
  KeyDecision check(std::string name, Bytes key, model::ServerId server = kServer) {
    auto decision = net::sync_wait(
        provider_.check_public_key(std::move(server), std::move(name), std::move(key)));
    EXPECT_TRUE(decision.ok());
    return decision.ok() ? *decision : KeyDecision{};
  }
  void expect_refusal(std::string name, Refusal why, std::string_view key = kFirst) {
    const KeyDecision decision = check(name, blob(key));
    EXPECT_FALSE(decision.principal.has_value()) << name;
    EXPECT_EQ(decision.refusal, why) << name;
  }

  Resources resources_;
  ServiceManaged provider_{resources_.store()};
};

TEST_F(ServiceManagedTest, AcceptsAnyOfTheUsersKeys) {
  model::User ann = user("ann");
  ann.policy = "{}";
  ann.ssh_public_keys.push_back(
      {model::SshPublicKeyId("key-2"), "  ssh-ed25519\t" + std::string(kSecond) + "\n", {}});
  resources_.put(ann);

  const KeyDecision first = check("ann", blob(kFirst));
  ASSERT_TRUE(first.principal.has_value());
  EXPECT_EQ(first.principal->key_id.str(), "key-1");
  EXPECT_EQ(first.principal->user_name, "ann");
  EXPECT_EQ(first.principal->server_id, kServer);
  EXPECT_EQ(first.principal->role, ann.role);
  EXPECT_EQ(first.principal->home_directory, "/demo/ann");
  EXPECT_EQ(first.principal->policy, "{}");

  const KeyDecision second = check("ann", blob(kSecond));
  ASSERT_TRUE(second.principal.has_value());
  EXPECT_EQ(second.principal->key_id.str(), "key-2");
}

TEST_F(ServiceManagedTest, RefusesUnknownUsersAndUsersOfOtherServers) {
  resources_.put(user("ann"));
  expect_refusal("nobody", Refusal::kUnknownUser);
  expect_refusal("", Refusal::kUnknownUser);
  expect_refusal("dummy", Refusal::kUnknownUser);
  const KeyDecision other = check("ann", blob(kFirst), model::ServerId("s-0123456789abcdef1"));
  EXPECT_FALSE(other.principal.has_value());
  EXPECT_EQ(other.refusal, Refusal::kUnknownUser);
}

TEST_F(ServiceManagedTest, RefusesRootWhateverIsStored) {
  resources_.put(user("root"));
  expect_refusal("root", Refusal::kUnknownUser);
}

TEST_F(ServiceManagedTest, RefusesWrongAndEmptyKeys) {
  resources_.put(user("ann"));
  expect_refusal("ann", Refusal::kWrongKey, kSecond);
  EXPECT_EQ(check("ann", {}).refusal, Refusal::kWrongKey);
  Bytes longer = blob(kFirst);
  longer.push_back(0);
  EXPECT_EQ(check("ann", longer).refusal, Refusal::kWrongKey);
  model::User keyless = user("keyless");
  keyless.ssh_public_keys.clear();
  resources_.put(keyless);
  expect_refusal("keyless", Refusal::kWrongKey);
}

TEST_F(ServiceManagedTest, SkipsStoredKeysThatAreMalformed) {
  model::User ann = user("ann");
  const model::SshPublicKey good = ann.ssh_public_keys.front();
  ann.ssh_public_keys.clear();
  for (const char* body : {"ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 %%%% x", "   "})
    ann.ssh_public_keys.push_back({model::SshPublicKeyId("key-bad"), body, {}});
  resources_.put(ann);
  expect_refusal("ann", Refusal::kWrongKey);
  EXPECT_EQ(check("ann", {}).refusal, Refusal::kWrongKey);
  ann.ssh_public_keys.push_back(good);
  resources_.put(ann);
  const KeyDecision decision = check("ann", blob(kFirst));
  ASSERT_TRUE(decision.principal.has_value());
  EXPECT_EQ(decision.principal->key_id.str(), "key-1");
}

TEST_F(ServiceManagedTest, RefusesLogicalTargetsOfTheWrongShape) {
  model::User ann = user("ann");
  ann.home_directory_type = HomeDirectoryType::kLogical;
  resources_.put(ann);
  expect_refusal("ann", Refusal::kBadUserRecord);  // no mappings
  for (const char* target : {"demo/images", "/demo/images/", "/"}) {
    ann.home_directory_mappings = {{"/ok", "/demo/ok", "DIRECTORY", false},
                                   {"/in", target, "DIRECTORY", false}};
    resources_.put(ann);
    expect_refusal("ann", Refusal::kBadUserRecord);
  }
  expect_refusal("ann", Refusal::kWrongKey, kSecond);
  ann.home_directory_mappings = {{"/in", "/demo/images", "DIRECTORY", false}};
  resources_.put(ann);
  const KeyDecision decision = check("ann", blob(kFirst));
  ASSERT_TRUE(decision.principal.has_value());
  EXPECT_EQ(decision.principal->home_directory_mappings.size(), 1u);
}

TEST_F(ServiceManagedTest, KnowsAUserWithoutAskingForAKey) {
  model::User keyless = user("keyless");
  keyless.ssh_public_keys.clear();
  resources_.put(keyless);
  const auto decision = net::sync_wait(provider_.check_user(kServer, "keyless"));
  ASSERT_TRUE(decision.ok() && decision->principal);
  EXPECT_EQ(decision->principal->user_name, "keyless");
  EXPECT_EQ(decision->principal->key_id.str(), "");
  EXPECT_EQ(decision->principal->home_directory, "/demo/ann");
}

TEST_F(ServiceManagedTest, KnowsNobodyWhoIsNotThereOrWhoseRecordIsBad) {
  resources_.put(user("root"));
  model::User logical = user("logical");
  logical.home_directory_type = HomeDirectoryType::kLogical;
  resources_.put(logical);
  resources_.put(state::kind::kUser, kServer.str(), "broken", "{");
  const auto refusal = [&](const char* name) {
    const auto decision = net::sync_wait(provider_.check_user(kServer, name));
    EXPECT_TRUE(decision.ok() && !decision->principal) << name;
    return decision->refusal;
  };
  EXPECT_EQ(refusal("nobody"), Refusal::kUnknownUser);
  EXPECT_EQ(refusal("dummy"), Refusal::kUnknownUser);
  EXPECT_EQ(refusal("root"), Refusal::kUnknownUser);
  EXPECT_EQ(refusal("logical"), Refusal::kBadUserRecord);
  EXPECT_EQ(refusal("broken"), Refusal::kBadUserRecord);
}

// ---- The same work for everyone who is refused. ----

// Counts what passes through to the database behind it.
class CountingDatabase final : public state::Database {
 public:
  explicit CountingDatabase(state::Database& behind) : behind_(behind) {}
  std::shared_ptr<void> listen(std::string channel, Listener listener) override {
    return behind_.listen(std::move(channel), std::move(listener));
  }
  Result<void> shrink() override { return behind_.shrink(); }

  std::atomic<int> reads = 0;
  std::atomic<int> writes = 0;

 protected:
  void submit(Kind kind, Job& job) override {
    ++(kind == Kind::kRead ? reads : writes);
    (behind_.*Access::kSubmit)(kind, job);
  }

 private:
  struct Access : Database {
    static constexpr auto kSubmit = &Access::submit;
  };
  state::Database& behind_;
};

TEST_F(ServiceManagedTest, ReadsTheStoreOnceWhoeverAsksAndWhyeverHeIsRefused) {
  resources_.put(user("ann"));
  resources_.put(user("root"));
  model::User logical = user("logical");
  logical.home_directory_type = HomeDirectoryType::kLogical;
  resources_.put(logical);
  CountingDatabase counting(resources_.database());
  state::ResourceStore store(counting);
  ServiceManaged provider(store);
  for (const char* name : {"ann", "nobody", "root", "logical", "", "dummy", "ann\xff"}) {
    for (const std::string_view key : {kFirst, kSecond}) {
      counting.reads = 0;
      (void)net::sync_wait(provider.check_public_key(kServer, name, blob(key)));
      EXPECT_EQ(counting.reads, 1) << name;
    }
    counting.reads = 0;
    (void)net::sync_wait(provider.check_user(kServer, name));
    EXPECT_EQ(counting.reads, 1) << name;
  }
  EXPECT_EQ(counting.writes, 0);
}

TEST_F(ServiceManagedTest, RefusesARecordThatCannotBeRead) {
  resources_.put(state::kind::kUser, kServer.str(), "ann", "{");
  expect_refusal("ann", Refusal::kBadUserRecord);
}

}  // namespace
}  // namespace sallyport::identity
