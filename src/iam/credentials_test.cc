#include "iam/credentials.h"

#include <gtest/gtest.h>

#include <regex>

#include "crypto/seal.h"
#include "iam/authorizer.h"
#include "iam/testing/resources.h"

namespace sallyport::iam {
namespace {

using net::sync_wait;
using testing::kTransferTrust;
using testing::Resources;

constexpr std::string_view kRootKey = "AKIAROOTROOTROOTROOT";

class CredentialStoreTest : public ::testing::Test {
 protected:
  CredentialStoreTest() {
    resources_.put(Resources::role("demo", std::string(kTransferTrust), ""));
    resources_.put(Resources::user("alice", ""));
  }
  Result<KnownCredential> find(std::string key, std::string token = {}) {
    return sync_wait(store_.find(std::move(key), std::move(token)));
  }
  Errc refusal(std::string key, std::string token = {}) {
    const auto found = find(std::move(key), std::move(token));
    EXPECT_FALSE(found.ok());
    return found.ok() ? Errc::kInternal : found.error().code;
  }
  NewAccessKey add_key(std::string user = "alice") {
    NewAccessKey made = store_.new_access_key(std::move(user)).value();
    resources_.put(made.key);
    return made;
  }
  Identity session(std::string policy = {}) {
    AssumeRoleRequest request;
    request.role_arn = model::Place().role_arn("/", "demo");
    request.session_name = "tour";
    request.session_policy = std::move(policy);
    return sync_wait(authorizer_.assume_role(std::move(request))).value();
  }

  Resources resources_;
  ManualClock clock_{from_unix_ms(1'767'323'045'000)};
  SystemRandom random_;
  crypto::SecretBox box_{SecretString(std::string(32, 'm'))};
  Authorizer authorizer_{resources_.store(), {}, clock_};
  CredentialStore store_{resources_.store(),
                         authorizer_,
                         box_,
                         clock_,
                         random_,
                         "000000000000",
                         {std::string(kRootKey), SecretString("the root's")}};
};

TEST_F(CredentialStoreTest, KnowsTheRoot) {
  const auto found = find(std::string(kRootKey));
  ASSERT_TRUE(found.ok());
  EXPECT_TRUE(found->identity.is_root());
  EXPECT_EQ(found->secret.reveal(), "the root's");
  EXPECT_EQ(refusal(std::string(kRootKey), "a token"), Errc::kInvalidArgument);
}

TEST_F(CredentialStoreTest, RefusesKeysNobodyHas) {
  for (const std::string& key : {std::string(), std::string("AKIAUNKNOWN"), std::string("ASIAX"),
                                 std::string(1 << 16, 'A'), std::string("AKIA\0AKIA", 9)})
    EXPECT_EQ(refusal(key), Errc::kNotFound) << key.size();
}

TEST_F(CredentialStoreTest, MakesKeysOfAwsForm) {
  const NewAccessKey made = store_.new_access_key("alice").value();
  EXPECT_TRUE(std::regex_match(made.key.id, std::regex("AKIA[A-Z0-9]{16}"))) << made.key.id;
  EXPECT_EQ(made.secret.reveal().size(), 40u);
  EXPECT_EQ(made.key.sealed_secret.find(made.secret.reveal()), std::string::npos);
  EXPECT_EQ(made.key.created, clock_.wall());
  EXPECT_NE(made.key.id, store_.new_access_key("alice")->key.id);
}

TEST_F(CredentialStoreTest, KnowsAUsersKey) {
  const NewAccessKey made = add_key();
  for (int i = 0; i < 2; ++i) {
    const auto found = find(made.key.id);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->identity.kind(), Identity::Kind::kUser);
    EXPECT_EQ(found->identity.caller_arn(), "arn:aws:iam::000000000000:user/alice");
    EXPECT_EQ(found->secret.reveal(), made.secret.reveal());
  }
  EXPECT_EQ(refusal(made.key.id, "a token"), Errc::kInvalidArgument);
}

TEST_F(CredentialStoreTest, SeesAtOnceThatAKeyIsInactiveOrGone) {
  NewAccessKey made = add_key();
  ASSERT_TRUE(find(made.key.id).ok());
  made.key.active = false;
  resources_.put(made.key);
  EXPECT_EQ(refusal(made.key.id), Errc::kNotFound);
  made.key.active = true;
  resources_.put(made.key);
  EXPECT_TRUE(find(made.key.id).ok());
  resources_.remove(state::kind::kAccessKey, made.key.id);
  EXPECT_EQ(refusal(made.key.id), Errc::kNotFound);
}

TEST_F(CredentialStoreTest, RefusesTheKeyOfAUserWhoIsGone) {
  const NewAccessKey made = add_key();
  ASSERT_TRUE(find(made.key.id).ok());
  resources_.remove(state::kind::kIamUser, "alice");
  EXPECT_EQ(refusal(made.key.id), Errc::kNotFound);
}

TEST_F(CredentialStoreTest, RefusesASecretThatWasMovedToAnotherKey) {
  const NewAccessKey one = add_key();
  NewAccessKey other = add_key();
  other.key.sealed_secret = one.key.sealed_secret;
  resources_.put(other.key);
  EXPECT_EQ(refusal(other.key.id), Errc::kNotFound);
}

TEST_F(CredentialStoreTest, ResumesASessionFromItsToken) {
  const Identity identity = session(
      R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo/*"}})");
  const auto issued = store_.issue(identity);
  ASSERT_TRUE(issued.ok());
  EXPECT_TRUE(std::regex_match(issued->access_key, std::regex("ASIA[A-Z0-9]{16}")));
  EXPECT_EQ(issued->expires, identity.expires());
  EXPECT_LE(issued->session_token.size(), 2048u);
  for (int i = 0; i < 2; ++i) {
    const auto found = find(issued->access_key, issued->session_token);
    ASSERT_TRUE(found.ok()) << found.error().message;
    EXPECT_EQ(found->secret.reveal(), issued->secret.reveal());
    EXPECT_EQ(found->identity.kind(), Identity::Kind::kRole);
    EXPECT_EQ(found->identity.caller_arn(), identity.caller_arn());
    EXPECT_EQ(found->identity.user_id(), identity.user_id());
    EXPECT_EQ(found->identity.issued(), identity.issued());
    EXPECT_EQ(found->identity.expires(), identity.expires());
    EXPECT_EQ(found->identity.session_policy_text(), identity.session_policy_text());
    EXPECT_NE(found->identity.session_policy(), nullptr);
  }
}

TEST_F(CredentialStoreTest, TokensOfOneNodeAreGoodOnAnother) {
  const auto issued = store_.issue(session()).value();
  CredentialStore other(resources_.store(), authorizer_, box_, clock_, random_, "000000000000",
                        {"AKIAOTHER", SecretString("another")});
  EXPECT_TRUE(sync_wait(other.find(issued.access_key, issued.session_token)).ok());
  const crypto::SecretBox another_box{SecretString(std::string(32, 'n'))};
  CredentialStore stranger(resources_.store(), authorizer_, another_box, clock_, random_,
                           "000000000000", {"AKIAOTHER", SecretString("another")});
  const auto refused = sync_wait(stranger.find(issued.access_key, issued.session_token));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Errc::kInvalidArgument);
}

TEST_F(CredentialStoreTest, RefusesForgedTruncatedAndForeignTokens) {
  const auto issued = store_.issue(session()).value();
  const auto other = store_.issue(session()).value();
  ASSERT_TRUE(find(issued.access_key, issued.session_token).ok());
  EXPECT_EQ(refusal(issued.access_key), Errc::kNotFound);
  EXPECT_EQ(refusal(issued.access_key, other.session_token), Errc::kInvalidArgument);
  const std::string& token = issued.session_token;
  for (std::size_t size = 1; size < token.size(); size += 7)
    EXPECT_EQ(refusal(issued.access_key, token.substr(0, size)), Errc::kInvalidArgument) << size;
  for (std::size_t at = 0; at < token.size(); at += 5) {
    std::string forged = token;
    forged[at] = forged[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(issued.access_key, forged), Errc::kInvalidArgument) << at;
  }
  for (const std::string& junk :
       {std::string("x"), std::string(1 << 20, 'A'), std::string("v1:"), token + "A"})
    EXPECT_EQ(refusal(issued.access_key, junk), Errc::kInvalidArgument);
  // Sealed here, but for another purpose.
  const auto sealed = box_.seal(SecretString("{}"), "access-key:x").value();
  EXPECT_EQ(refusal(issued.access_key, sealed), Errc::kInvalidArgument);
}

TEST_F(CredentialStoreTest, TokensExpire) {
  const auto issued = store_.issue(session()).value();
  clock_.advance(kRoleSessionLife - std::chrono::seconds(1));
  EXPECT_TRUE(find(issued.access_key, issued.session_token).ok());
  clock_.advance(std::chrono::seconds(1));
  EXPECT_EQ(refusal(issued.access_key, issued.session_token), Errc::kTimeout);
}

TEST_F(CredentialStoreTest, SessionsEndWithTheirRole) {
  const auto issued = store_.issue(session()).value();
  ASSERT_TRUE(find(issued.access_key, issued.session_token).ok());
  resources_.remove_role("demo");
  EXPECT_EQ(refusal(issued.access_key, issued.session_token), Errc::kNotFound);
  model::Role next = Resources::role("demo", std::string(kTransferTrust), "");
  next.id = "AROAANOTHERANOTHER123";
  resources_.put(next);
  EXPECT_EQ(refusal(issued.access_key, issued.session_token), Errc::kNotFound);
}

TEST_F(CredentialStoreTest, TheLongestSessionPolicyFitsIntoAToken) {
  std::string policy =
      R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::demo/)";
  while (policy.size() < 4000) policy += "\u00e9";
  policy += "*\"}}";
  EXPECT_TRUE(store_.issue(session(policy)).ok());
  policy.insert(1, std::string(8000, ' '));
  EXPECT_EQ(store_.issue(session(policy)).error().code, Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::iam
