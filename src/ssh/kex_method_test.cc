#include "ssh/kex_method.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "crypto/digest.h"

namespace sallyport::ssh {
namespace {

using crypto::AgreementKey;
using crypto::DigestKind;

// The content of the string or the mpint that the client would send.
Bytes as_sent(const KexMethod& method, const AgreementKey& client) {
  if (method.kind == KexKind::kEcdh) return client.public_value();
  return to_bytes(ByteView(ByteWriter().mpint(client.public_value()).take()).subspan(4));
}

TEST(KexMethod, AllNamesAreFoundAndNoOthers) {
  std::set<std::string_view> names;
  for (const KexMethod& method : kex_methods()) {
    EXPECT_EQ(find_kex_method(method.name), &method);
    names.insert(method.name);
  }
  for (const char* hybrid :
       {"mlkem768x25519-sha256", "mlkem768nistp256-sha256", "mlkem1024nistp384-sha384"}) {
    EXPECT_EQ(names.erase(hybrid) == 1, crypto::has_ml_kem(crypto::MlKemSet::kMlKem768));
  }
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256",
                       "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group14-sha256",
                       "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
                       "diffie-hellman-group-exchange-sha256", "diffie-hellman-group14-sha1"}));
  for (const char* name : {"", "diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1",
                           "curve25519-sha25", "CURVE25519-SHA256", "curve25519-sha256,"})
    EXPECT_EQ(find_kex_method(name), nullptr) << name;
}

// RFC 8731 section 3, RFC 5656 section 6.2.1, RFC 8268 section 3.
TEST(KexMethod, HashesAreThoseOfTheirRfcs) {
  EXPECT_EQ(find_kex_method("curve25519-sha256")->hash, DigestKind::kSha256);
  EXPECT_EQ(find_kex_method("ecdh-sha2-nistp256")->hash, DigestKind::kSha256);
  EXPECT_EQ(find_kex_method("ecdh-sha2-nistp384")->hash, DigestKind::kSha384);
  EXPECT_EQ(find_kex_method("ecdh-sha2-nistp521")->hash, DigestKind::kSha512);
  EXPECT_EQ(find_kex_method("diffie-hellman-group14-sha256")->hash, DigestKind::kSha256);
  EXPECT_EQ(find_kex_method("diffie-hellman-group16-sha512")->hash, DigestKind::kSha512);
  EXPECT_EQ(find_kex_method("diffie-hellman-group18-sha512")->hash, DigestKind::kSha512);
}

TEST(KexMethod, ClientAndServerReachTheSameSecret) {
  for (const KexMethod& method : kex_methods()) {
    if (method.kind == KexKind::kHybrid) continue;
    const auto client = AgreementKey::generate(method.group);
    ASSERT_TRUE(client.ok());
    const auto server = method.compute(as_sent(method, *client));
    ASSERT_TRUE(server.ok()) << method.name;
    const auto secret = client->agree(server->server_public);
    ASSERT_TRUE(secret.ok()) << method.name;
    EXPECT_EQ(server->shared_secret, ByteWriter().mpint(*secret).take()) << method.name;
  }
}

// RFC 4419 section 3.
TEST(KexMethod, GroupExchangeTakesTheLeastGroupThatIsEnough) {
  using crypto::AgreementGroup;
  EXPECT_EQ(choose_gex_group(1024, 2048, 8192), AgreementGroup::kModp2048);
  EXPECT_EQ(choose_gex_group(2048, 2049, 8192), AgreementGroup::kModp3072);
  EXPECT_EQ(choose_gex_group(2048, 3072, 8192), AgreementGroup::kModp3072);
  EXPECT_EQ(choose_gex_group(2048, 8192, 8192), AgreementGroup::kModp8192);
  EXPECT_EQ(choose_gex_group(1024, 7000, 7000), AgreementGroup::kModp6144);
  EXPECT_EQ(choose_gex_group(1024, 1024, 2048), AgreementGroup::kModp2048);
  EXPECT_EQ(choose_gex_group(4096, 4096, 4096), AgreementGroup::kModp4096);
}

TEST(KexMethod, GroupExchangeHasNothingBelow2048BitsAndBetweenTheSizes) {
  EXPECT_FALSE(choose_gex_group(1024, 1024, 2047).has_value());
  EXPECT_FALSE(choose_gex_group(2049, 2500, 3071).has_value());
  EXPECT_FALSE(choose_gex_group(8193, 9000, 16384).has_value());
}

// A magnitude whose top bit is set is a negative number without the sign byte in front.
TEST(KexMethod, DhRefusesANegativeMpint) {
  const KexMethod& method = *find_kex_method("diffie-hellman-group14-sha256");
  Bytes value(256, 0x80);
  EXPECT_FALSE(method.compute(value).ok());
  value.insert(value.begin(), 0);
  EXPECT_TRUE(method.compute(value).ok());
}

TEST(KexMethod, UsesAFreshKeyEachTime) {
  const KexMethod& method = *find_kex_method("curve25519-sha256");
  const auto client = AgreementKey::generate(method.group);
  ASSERT_TRUE(client.ok());
  EXPECT_NE(method.compute(client->public_value())->server_public,
            method.compute(client->public_value())->server_public);
}

TEST(KexMethod, RefusesWhatNoHonestClientSends) {
  for (const KexMethod& method : kex_methods()) {
    Bytes off_the_curve(crypto::AgreementKey::generate(method.group)->public_value().size(), 0x55);
    off_the_curve[0] = 0x04;
    std::vector<Bytes> values = {
        {}, {0}, {1}, Bytes(32, 0), Bytes(1024, 0xff), Bytes(40'000, 0x41)};
    if (method.kind == KexKind::kEcdh && method.group != crypto::AgreementGroup::kX25519)
      values.push_back(off_the_curve);
    for (const Bytes& value : values) {
      const auto result = method.compute(value);
      ASSERT_FALSE(result.ok()) << method.name << " " << value.size();
      EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
    }
  }
}

}  // namespace
}  // namespace sallyport::ssh
