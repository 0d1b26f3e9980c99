#include "ssh/negotiation.h"

#include <gtest/gtest.h>

namespace sallyport::ssh {
namespace {

ServerSettings settings() {
  ServerSettings s = default_server_settings();
  s.host_keys = {{"ssh-rsa", {1}}, {"ssh-ed25519", {2}}};
  return s;
}

KexInit client() {
  KexInit init;
  init.kex = {"sntrup761x25519-sha512@openssh.com", "ecdh-sha2-nistp384", "curve25519-sha256",
              "ext-info-c"};
  init.host_key_algorithms = {"ecdsa-sha2-nistp256", "rsa-sha2-512", "ssh-ed25519"};
  init.ciphers_in = {"3des-cbc", "aes256-ctr", "aes128-gcm@openssh.com"};
  init.ciphers_out = {"aes128-gcm@openssh.com"};
  init.macs_in = {"hmac-sha2-512", "hmac-sha2-256"};
  init.macs_out = {"umac-64@openssh.com"};
  init.compressions_in = init.compressions_out = {"zlib@openssh.com", "none"};
  return init;
}

std::string failure(const KexInit& from) {
  const auto outcome = negotiate(from, server_kex_init(settings(), true));
  const auto* bad = std::get_if<Disagreement>(&outcome);
  return bad == nullptr ? "agreed" : bad->message + ": " + bad->client_list;
}

TEST(Negotiation, TheClientsFirstKnownNameWins) {
  const auto outcome = negotiate(client(), server_kex_init(settings(), true));
  const Agreement& agreed = std::get<Agreement>(outcome);
  EXPECT_EQ(agreed.kex->name, "ecdh-sha2-nistp384");
  EXPECT_EQ(agreed.host_key_algorithm, "rsa-sha2-512");
  EXPECT_EQ(agreed.cipher_in->name, "aes256-ctr");
  EXPECT_EQ(agreed.mac_in->name, "hmac-sha2-512");
  EXPECT_EQ(agreed.cipher_out->name, "aes128-gcm@openssh.com");
  EXPECT_FALSE(agreed.ignore_guessed_packet);
}

TEST(Negotiation, AnAeadCipherNeedsNoCommonMac) {
  const auto outcome = negotiate(client(), server_kex_init(settings(), true));
  EXPECT_EQ(std::get<Agreement>(outcome).mac_out, nullptr);
}

TEST(Negotiation, NothingInCommonNamesTheKindAndTheClientsList) {
  KexInit c = client();
  c.kex = {"diffie-hellman-group1-sha1"};
  EXPECT_EQ(failure(c), "no matching key exchange method found: diffie-hellman-group1-sha1");
  c = client();
  c.host_key_algorithms = {"ssh-rsa", "ssh-dss"};
  EXPECT_EQ(failure(c), "no matching host key type found: ssh-rsa,ssh-dss");
  c = client();
  c.ciphers_in = {"3des-cbc"};
  EXPECT_EQ(failure(c), "no matching cipher found: 3des-cbc");
  c = client();
  c.macs_in = {"hmac-md5"};
  EXPECT_EQ(failure(c), "no matching MAC found: hmac-md5");
  c = client();
  c.compressions_out = {"zlib"};
  EXPECT_EQ(failure(c), "no matching compression found: zlib");
  c = client();
  c.kex = {};
  EXPECT_EQ(failure(c), "no matching key exchange method found: ");
}

TEST(Negotiation, AStrictMarkerIsNeverChosenAsAMethod) {
  KexInit c = client();
  c.kex = {"kex-strict-s-v00@openssh.com"};
  EXPECT_EQ(failure(c), "no matching key exchange method found: kex-strict-s-v00@openssh.com");
}

TEST(Negotiation, AWrongGuessIsMarkedForIgnoring) {
  KexInit c = client();
  c.first_packet_follows = true;
  EXPECT_TRUE(
      std::get<Agreement>(negotiate(c, server_kex_init(settings(), true))).ignore_guessed_packet);
  c.kex = {"curve25519-sha256"};
  ServerSettings s = settings();
  s.kex = c.kex;
  s.host_key_algorithms = {"rsa-sha2-512"};
  c.host_key_algorithms = {"rsa-sha2-512"};
  EXPECT_FALSE(std::get<Agreement>(negotiate(c, server_kex_init(s, true))).ignore_guessed_packet);
}

TEST(ServerKexInit, OffersOnlyWhatIsKnownAndBackedByAKey) {
  ServerSettings s = settings();
  s.kex = {"made-up", "curve25519-sha256"};
  s.host_key_algorithms.insert(s.host_key_algorithms.begin(), {"ssh-rsa", "ssh-dss"});
  s.ciphers = {"arcfour", "aes128-ctr"};
  s.macs = {"hmac-md5", "hmac-sha2-256"};
  const KexInit init = server_kex_init(s, true);
  EXPECT_EQ(init.kex, (NameList{"curve25519-sha256", "kex-strict-s-v00@openssh.com"}));
  EXPECT_EQ(init.ciphers_in, NameList{"aes128-ctr"});
  EXPECT_EQ(init.macs_out, NameList{"hmac-sha2-256"});
  // SHA-1 signatures are offered where they are named, and only there.
  EXPECT_EQ(init.host_key_algorithms,
            (NameList{"ssh-rsa", "ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"}));
  EXPECT_FALSE(contains_name(server_kex_init(settings(), true).host_key_algorithms, "ssh-rsa"));
  EXPECT_FALSE(contains_name(server_kex_init(s, false).kex, "kex-strict-s-v00@openssh.com"));
}

TEST(KexInit, SurvivesTheWire) {
  const auto parsed = KexInit::parse(client().payload());
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->kex, client().kex);
  EXPECT_EQ(parsed->macs_out, client().macs_out);
}

TEST(KexInit, TruncatedOrTooLongIsRefused) {
  Bytes payload = client().payload();
  for (std::size_t n = 1; n < payload.size(); ++n) {
    EXPECT_FALSE(KexInit::parse(ByteView(payload.data(), n)).ok()) << n;
  }
  payload.push_back(0);
  EXPECT_FALSE(KexInit::parse(payload).ok());
}

}  // namespace
}  // namespace sallyport::ssh
