#include <gtest/gtest.h>

#include <string>

#include "ssh/certificate.h"
#include "ssh/server_engine.h"
#include "ssh/testing/test_client.h"

namespace sallyport::ssh {
namespace {

using testing::message;
using testing::test_settings;
using testing::test_user_key;
using testing::TestClient;

// A client for which the authentication service runs.
class UserauthTest : public ::testing::Test {
 protected:
  void start(ServerSettings settings = test_settings()) {
    client_ = std::make_unique<TestClient>(std::move(settings));
    client_->handshake();
    client_->request_service();
    client_->packets.clear();
  }
  void SetUp() override { start(); }

  TestClient& client() { return *client_; }
  ByteWriter query(std::string_view algorithm, ByteView blob) {
    return client().userauth("publickey").boolean(false).string(algorithm).string(blob);
  }
  ByteWriter good_query() {
    const PublicKey& key = test_user_key().public_key();
    return query(key.type(), key.blob());
  }
  void expect_failure_naming_publickey() {
    EXPECT_EQ(client().take_packet(),
              message(kMsgUserauthFailure).string("publickey").boolean(false).bytes());
  }
  bool ended_with(std::uint32_t code, std::string_view text) {
    const auto& end = client().end;
    return end && !end->by_peer && end->code == code && end->text == text;
  }

 private:
  std::unique_ptr<TestClient> client_;
};

TEST_F(UserauthTest, ASignedRequestLogsIn) {
  client().send(client().signed_request("ann"));
  EXPECT_EQ(client().take_packet(), Bytes{kMsgUserauthSuccess});
  ASSERT_EQ(client().count<CheckPublicKey>(), 1u);
  EXPECT_TRUE(client().last<CheckPublicKey>()->proven);
  EXPECT_EQ(client().last<Authenticated>()->user, "ann");
  EXPECT_EQ(client().last<Authenticated>()->key, test_user_key().public_key());
  EXPECT_TRUE(client().engine().authenticated());
  EXPECT_EQ(client().engine().facts().user, "ann");
}

TEST_F(UserauthTest, AQueryForAGoodKeyIsAnsweredWithTheKeyAndLogsNobodyIn) {
  client().send(good_query());
  const PublicKey& key = test_user_key().public_key();
  EXPECT_EQ(client().take_packet(),
            message(kMsgUserauthPkOk).string(key.type()).string(key.blob()).bytes());
  EXPECT_FALSE(client().last<CheckPublicKey>()->proven);
  EXPECT_FALSE(client().engine().authenticated());
}

TEST_F(UserauthTest, AKeyTheDriverRefusesIsAFailure) {
  client().verdict = [](const CheckPublicKey&) { return false; };
  client().send(good_query());
  expect_failure_naming_publickey();
  client().send(client().signed_request());
  expect_failure_naming_publickey();
  EXPECT_FALSE(client().engine().authenticated());
}

TEST_F(UserauthTest, ABadSignatureIsRefusedWithoutAskingTheDriver) {
  client().send(client().signed_request("ann", true));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().count<CheckPublicKey>(), 0u);
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kBadSignature);
  EXPECT_EQ(client().last<AuthRefused>()->key, test_user_key().public_key());
}

TEST_F(UserauthTest, ASignatureForAnotherUserIsRefused) {
  Bytes request = client().signed_request("ann");
  // "ann" stands behind the message number and the length.
  request[5] = 'b';
  client().send(request);
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->user, "bnn");
}

TEST_F(UserauthTest, OtherMethodsAreRefused) {
  client().send(client().userauth("none"));
  expect_failure_naming_publickey();
  client().send(client().userauth("password").boolean(false).string("hunter2"));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->method, "password");
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kMethodNotOffered);
}

TEST_F(UserauthTest, AnAlgorithmThatIsNotAcceptedIsRefused) {
  client().send(query("ssh-rsa", Bytes{0}));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kAlgorithmNotAccepted);
}

TEST_F(UserauthTest, AMalformedKeyOrOneOfAnotherTypeIsRefused) {
  client().send(query("ssh-ed25519", Bytes{1, 2, 3}));
  expect_failure_naming_publickey();
  client().send(query("ssh-ed25519", test_user_key().public_key().blob()));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kMalformedKey);
  EXPECT_EQ(client().count<CheckPublicKey>(), 0u);
}

TEST_F(UserauthTest, SixFailuresEndTheConnection) {
  client().verdict = [](const CheckPublicKey&) { return false; };
  for (int i = 0; i < 5; ++i) {
    client().send(good_query());
    expect_failure_naming_publickey();
  }
  EXPECT_FALSE(client().end);
  client().send(good_query());
  EXPECT_TRUE(ended_with(2, "Too many authentication failures"));
}

TEST_F(UserauthTest, TheFirstNoneIsNoAttemptLaterOnesAre) {
  ServerSettings settings = test_settings();
  settings.max_auth_attempts = 2;
  start(settings);
  client().send(client().userauth("none"));
  client().send(client().userauth("none"));
  EXPECT_FALSE(client().end);
  client().send(client().userauth("none"));
  EXPECT_TRUE(ended_with(2, "Too many authentication failures"));
}

TEST_F(UserauthTest, GoodQueriesAreBoundedToo) {
  int sent = 0;
  for (; sent < 1000 && !client().end; ++sent) client().send(good_query());
  EXPECT_TRUE(ended_with(2, "Too many authentication failures"));
  EXPECT_EQ(sent, 201);
}

TEST_F(UserauthTest, OnlyTheConnectionServiceMayFollow) {
  client().send(message(kMsgUserauthRequest).string("ann").string("ssh-other").string("none"));
  EXPECT_TRUE(ended_with(7, "Service not available."));
}

TEST_F(UserauthTest, AMalformedRequestEndsTheConnection) {
  client().send(message(kMsgUserauthRequest).string("ann"));
  EXPECT_TRUE(ended_with(2, "Malformed USERAUTH_REQUEST."));
}

TEST_F(UserauthTest, BytesBehindASignatureEndTheConnection) {
  Bytes request = client().signed_request();
  request.push_back(0);
  client().send(request);
  EXPECT_TRUE(ended_with(2, "Malformed USERAUTH_REQUEST."));
}

TEST_F(UserauthTest, TheBannerComesOnceBeforeTheFirstAnswer) {
  ServerSettings settings = test_settings();
  settings.banner = "Hello\n";
  start(settings);
  client().send(client().userauth("none"));
  EXPECT_EQ(client().take_packet(),
            message(kMsgUserauthBanner).string("Hello\n").string("").bytes());
  expect_failure_naming_publickey();
  client().send(client().signed_request());
  EXPECT_EQ(client().take_packet(), Bytes{kMsgUserauthSuccess});
}

TEST_F(UserauthTest, RequestsAfterSuccessAreIgnored) {
  client().send(client().signed_request());
  client().packets.clear();
  client().send(client().userauth("none", "root"));
  EXPECT_TRUE(client().packets.empty());
  EXPECT_FALSE(client().end);
  EXPECT_EQ(client().engine().facts().user, "ann");
}

TEST_F(UserauthTest, ARefusalOfTheEngineWaitsUntilItMayBeTold) {
  client().defer_refusals = true;
  client().send(client().signed_request("ann", true));
  ASSERT_EQ(client().count<AuthRefused>(), 1u);
  EXPECT_TRUE(client().packets.empty());
  // Whatever the answer is.
  client().engine().public_key_verdict(true);
  client().pump();
  expect_failure_naming_publickey();
  EXPECT_FALSE(client().engine().authenticated());
}

// ---- Certificates. ----

class CertifiedTest : public UserauthTest {
 protected:
  static constexpr std::string_view kAlgorithm = "ecdsa-sha2-nistp256-cert-v01@openssh.com";

  // Of test_user_key(), signed by the host key for want of another.
  static Bytes certificate() {
    ByteReader plain(test_user_key().public_key().blob());
    (void)plain.string();
    ByteWriter out;
    out.string(kAlgorithm).string("nonce").raw(plain.rest()).u64(7).u32(1).string("id");
    out.string(ByteWriter().string("ann").take()).u64(0).u64(~std::uint64_t{0});
    out.string("").string("").string("").string(testing::test_host_key().public_key().blob());
    out.string(testing::test_host_key().sign("ssh-ed25519", out.bytes()).value());
    return out.take();
  }
  Bytes signed_request(std::string_view signed_algorithm = kAlgorithm) {
    const auto body = [&](std::string_view algorithm) {
      ByteWriter out = client().userauth("publickey");
      out.boolean(true).string(algorithm).string(certificate());
      return out;
    };
    const Bytes data = ByteWriter()
                           .string(client().engine().session_id())
                           .raw(body(signed_algorithm).bytes())
                           .take();
    return body(kAlgorithm).string(*test_user_key().sign("ecdsa-sha2-nistp256", data)).take();
  }
};

TEST_F(CertifiedTest, AQueryIsAnsweredWithTheCertificateAndTellsTheDriverOfIt) {
  client().send(query(kAlgorithm, certificate()));
  EXPECT_EQ(client().take_packet(),
            message(kMsgUserauthPkOk).string(kAlgorithm).string(certificate()).bytes());
  const auto* asked = client().last<CheckPublicKey>();
  ASSERT_TRUE(asked != nullptr && asked->certificate);
  EXPECT_EQ(asked->key, test_user_key().public_key());
  EXPECT_EQ(asked->certificate->serial(), 7u);
}

TEST_F(CertifiedTest, ASignatureOfTheCertifiedKeyLogsIn) {
  client().send(signed_request());
  EXPECT_EQ(client().take_packet(), Bytes{kMsgUserauthSuccess});
  EXPECT_TRUE(client().last<CheckPublicKey>()->proven);
  EXPECT_EQ(client().last<Authenticated>()->key, test_user_key().public_key());
}

TEST_F(CertifiedTest, ASignatureOverThePlainAlgorithmIsRefused) {
  client().send(signed_request("ecdsa-sha2-nistp256"));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kBadSignature);
}

TEST_F(CertifiedTest, CertificatesAndKeysDoNotPassForOneAnother) {
  client().send(query("ecdsa-sha2-nistp256", certificate()));
  expect_failure_naming_publickey();
  client().send(query(kAlgorithm, test_user_key().public_key().blob()));
  expect_failure_naming_publickey();
  client().send(query("ecdsa-sha2-nistp384-cert-v01@openssh.com", certificate()));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().count<CheckPublicKey>(), 0u);
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kMalformedKey);
}

TEST_F(CertifiedTest, AnAlgorithmThatThePolicyDoesNotNameIsNotAcceptedForCertificatesEither) {
  ServerSettings settings = test_settings();
  settings.public_key_algorithms = {"ssh-ed25519", "ssh-rsa"};
  start(settings);
  client().send(query(kAlgorithm, certificate()));
  expect_failure_naming_publickey();
  client().send(query("ssh-rsa-cert-v01@openssh.com", certificate()));
  expect_failure_naming_publickey();
  EXPECT_EQ(client().last<AuthRefused>()->reason, AuthFailure::kAlgorithmNotAccepted);
}

TEST_F(UserauthTest, TheServiceMayBeAskedForAgainBeforeAnAttemptButNotForever) {
  client().send(client().signed_request("ann", true));
  expect_failure_naming_publickey();
  client().request_service();
  EXPECT_EQ(client().take_packet(), message(kMsgServiceAccept).string("ssh-userauth").bytes());
  for (int i = 0; i < 300 && !client().end; ++i) client().request_service();
  EXPECT_TRUE(ended_with(2, "Too many service requests."));
}

TEST_F(UserauthTest, TheServiceIsNotToBeAskedForOnceLoggedIn) {
  client().send(client().signed_request());
  client().request_service();
  EXPECT_TRUE(ended_with(2, "Unexpected SERVICE_REQUEST while connected."));
}

TEST(ServiceRequest, AnotherServiceEndsTheConnection) {
  TestClient client;
  client.handshake();
  client.send(message(kMsgServiceRequest).string("ssh-connection"));
  ASSERT_TRUE(client.end);
  EXPECT_EQ(client.end->code, 7u);
}

}  // namespace
}  // namespace sallyport::ssh
