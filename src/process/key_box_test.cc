#include "process/key_box.h"

#include <gtest/gtest.h>

namespace sallyport::process {
namespace {

const SecretString kBoxMaster(std::string(32, 'm'));

class KeyBoxTest : public ::testing::Test {
 protected:
  Bytes body(const Bytes& message, KeyStatus status = KeyStatus::kDone) {
    const auto reply = read_reply(message);
    EXPECT_TRUE(reply.ok());
    EXPECT_EQ(reply->status, status);
    return to_bytes(reply->body);
  }
  Error refusal(const Bytes& request) {
    return read_error(body(box.answer(request), KeyStatus::kFailed));
  }
  NewKey make(const std::string& context = "here") {
    return read_new_key(body(box.answer(generate_request(ssh::HostKeyType::kEd25519, context))))
        .value();
  }

  KeyBox box{kBoxMaster};
};

TEST_F(KeyBoxTest, AKeyThatWasMadeOpensAndSigns) {
  const NewKey made = make();
  EXPECT_EQ(made.type, "ssh-ed25519");
  const SealedKey key(made.sealed, "here");
  const auto half = read_public_key(body(box.answer(open_request(key))));
  ASSERT_TRUE(half.ok());
  const auto public_key = ssh::PublicKey::from_blob(half->blob);
  ASSERT_TRUE(public_key.ok());
  EXPECT_EQ(public_key->fingerprint_sha256_padded(), made.fingerprint);
  const Bytes data{1, 2, 3};
  const auto signature =
      read_signature(body(box.answer(sign_request(key.id(), "ssh-ed25519", data))));
  ASSERT_TRUE(signature.ok());
  EXPECT_TRUE(public_key->verify("ssh-ed25519", data, *signature));
}

TEST_F(KeyBoxTest, AReplyCarriesTheNumberOfItsRequest) {
  Bytes request = generate_request(ssh::HostKeyType::kEd25519, "");
  set_number(request, 4711);
  EXPECT_EQ(read_reply(box.answer(request))->number, 4711u);
  EXPECT_EQ(read_reply(box.answer(Bytes{0, 0, 0, 9, 77}))->number, 9u);
}

TEST_F(KeyBoxTest, AnImportedKeyIsSealedUnderItsContext) {
  const auto mine = ssh::HostKey::generate(ssh::HostKeyType::kEcdsaP256);
  const auto stored = read_new_key(body(box.answer(import_request(mine->to_pem(), "here"))));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(stored->fingerprint, mine->public_key().fingerprint_sha256_padded());
  EXPECT_TRUE(crypto::SecretBox(kBoxMaster).open(stored->sealed, "here").ok());
  EXPECT_EQ(refusal(open_request(SealedKey(stored->sealed, "elsewhere"))).code, Errc::kCorrupt);
}

TEST_F(KeyBoxTest, AKeyThatIsNotOpenIsAskedFor) {
  const SealedKey key(make().sealed, "here");
  EXPECT_EQ(body(box.answer(sign_request(key.id(), "ssh-ed25519", {})), KeyStatus::kUnknownKey),
            Bytes());
}

TEST_F(KeyBoxTest, TheKeyNotUsedForLongestIsClosedFirst) {
  std::vector<SealedKey> keys;
  for (std::size_t i = 0; i < KeyBox::kMaxOpen; ++i) {
    keys.emplace_back(make().sealed, "here");
    body(box.answer(open_request(keys.back())));
  }
  body(box.answer(sign_request(keys.front().id(), "ssh-ed25519", {})));
  body(box.answer(open_request(SealedKey(make().sealed, "here"))));
  body(box.answer(sign_request(keys.front().id(), "ssh-ed25519", {})));
  body(box.answer(sign_request(keys[1].id(), "ssh-ed25519", {})), KeyStatus::kUnknownKey);
}

TEST_F(KeyBoxTest, RefusesAnotherKeysAlgorithm) {
  const SealedKey key(make().sealed, "here");
  body(box.answer(open_request(key)));
  EXPECT_EQ(refusal(sign_request(key.id(), "rsa-sha2-512", {})).code, Errc::kInvalidArgument);
}

TEST_F(KeyBoxTest, RefusesWhatIsNoKey) {
  const Error error = refusal(import_request(SecretString("nonsense"), "here"));
  EXPECT_EQ(error.code, Errc::kInvalidArgument);
  EXPECT_TRUE(error.message.starts_with("Invalid host key format"));
}

TEST_F(KeyBoxTest, RefusesWhatAnotherMasterKeySealed) {
  KeyBox other{SecretString(std::string(32, 'o'))};
  const auto foreign =
      read_new_key(body(other.answer(generate_request(ssh::HostKeyType::kEd25519, "here"))));
  EXPECT_EQ(refusal(open_request(SealedKey(foreign->sealed, "here"))).code, Errc::kCorrupt);
}

TEST_F(KeyBoxTest, RefusesWhatIsNoRequest) {
  Bytes cut = sign_request({}, "ssh-ed25519", Bytes(8));
  cut.pop_back();
  Bytes longer = generate_request(ssh::HostKeyType::kEd25519, "");
  longer.push_back(0);
  Bytes type = generate_request(ssh::HostKeyType::kEd25519, "");
  type[5] = 3;
  for (const Bytes& request : {Bytes(), Bytes{1}, Bytes{0, 0, 0, 1}, Bytes{0, 0, 0, 1, 0},
                               Bytes{0, 0, 0, 1, 5}, cut, longer, type})
    EXPECT_EQ(refusal(request).code, Errc::kInvalidArgument);
}

TEST(KeyMessages, AReplyThatDoesNotReadIsCorrupt) {
  EXPECT_EQ(read_reply(Bytes{0, 0, 0}).error().code, Errc::kCorrupt);
  EXPECT_EQ(read_reply(Bytes{0, 0, 0, 1, 4}).error().code, Errc::kCorrupt);
  EXPECT_EQ(read_error(Bytes{200, 0, 0, 0, 0}).code, Errc::kCorrupt);
  EXPECT_EQ(read_signature(Bytes{0, 0, 0, 2, 1}).error().code, Errc::kCorrupt);
  EXPECT_EQ(read_new_key({}).error().code, Errc::kCorrupt);
  EXPECT_EQ(read_public_key({}).error().code, Errc::kCorrupt);
}

}  // namespace
}  // namespace sallyport::process
