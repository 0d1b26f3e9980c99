#include "crypto/x509.h"

#include <gtest/gtest.h>

#include "crypto/test_certificates.h"

namespace sallyport::crypto {
namespace {

using testing::ec_key;
using testing::make_certificate;
using testing::NewCertificate;
using testing::pem_of;
using testing::rsa_key;

const WallTime kFrom = from_unix_ms(1'700'000'000'000);
const WallTime kTo = from_unix_ms(1'800'000'000'000);

NewCertificate wanted(const EvpPkeyPtr& key, bool ca = false) {
  NewCertificate out;
  out.key = key.get();
  out.ca = ca;
  out.not_before = kFrom;
  out.not_after = kTo;
  return out;
}

TEST(X509Certificate, TellsWhatItHolds) {
  const EvpPkeyPtr key = rsa_key(2048);
  const auto read = X509Certificate::from_pem(pem_of(make_certificate(wanted(key)).get()));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->serial(), "1234abcd");
  EXPECT_EQ(read->not_before(), kFrom);
  EXPECT_EQ(read->not_after(), kTo);
  EXPECT_EQ(read->key_kind(), X509Certificate::KeyKind::kRsa);
  EXPECT_EQ(read->key_bits(), 2048);
}

TEST(X509Certificate, AnEcKeyIsToldFromAnRsaKey) {
  const EvpPkeyPtr key = ec_key();
  const auto read = X509Certificate::from_pem(pem_of(make_certificate(wanted(key)).get()));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->key_kind(), X509Certificate::KeyKind::kEcdsa);
  EXPECT_EQ(read->key_bits(), 256);
}

TEST(X509Certificate, TextThatIsNotOneCertificateIsRefused) {
  const EvpPkeyPtr key = ec_key();
  const std::string one = pem_of(make_certificate(wanted(key)).get());
  for (const std::string& text :
       {std::string(), std::string("hello"), pem_of(key.get()), one + one,
        one.substr(0, one.size() / 2), std::string(one).replace(28, 4, "AAAA"),
        std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
        std::string("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
                    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n")})
    EXPECT_FALSE(X509Certificate::from_pem(text).ok()) << text;
}

TEST(X509Certificate, AChainIsBounded) {
  const EvpPkeyPtr key = ec_key();
  const std::string one = pem_of(make_certificate(wanted(key)).get());
  EXPECT_EQ(X509Certificate::chain_from_pem(one + one, 2)->size(), 2u);
  EXPECT_EQ(X509Certificate::chain_from_pem(one + one + one, 2).error().code, Errc::kLimitExceeded);
  EXPECT_EQ(X509Certificate::chain_from_pem(one + "-----BEGIN CERTIFICATE-----\nx", 2).error().code,
            Errc::kInvalidArgument);
}

TEST(X509Certificate, AcceptsItsOwnPrivateKeyOnly) {
  for (const bool rsa : {true, false}) {
    const EvpPkeyPtr key = rsa ? rsa_key(2048) : ec_key();
    const EvpPkeyPtr other = rsa ? rsa_key(2048) : ec_key();
    const auto read = X509Certificate::from_pem(pem_of(make_certificate(wanted(key)).get()));
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read->check_private_key(SecretString(pem_of(key.get()))).ok());
    EXPECT_EQ(read->check_private_key(SecretString(pem_of(other.get()))).error().code,
              Errc::kConflict);
  }
}

TEST(X509Certificate, KeysThatCannotBeReadAreRefused) {
  const EvpPkeyPtr key = ec_key();
  const X509Ptr certificate = make_certificate(wanted(key));
  const auto read = X509Certificate::from_pem(pem_of(certificate.get()));
  ASSERT_TRUE(read.ok());
  for (const std::string& text :
       {std::string(), std::string("key"), pem_of(certificate.get()), pem_of(key.get(), "pass")})
    EXPECT_EQ(read->check_private_key(SecretString(text)).error().code, Errc::kInvalidArgument);
}

class X509Chain : public ::testing::Test {
 protected:
  X509Ptr issued(const char* name, const EvpPkeyPtr& key, bool ca, const X509Ptr& by,
                 const EvpPkeyPtr& by_key) {
    NewCertificate out = wanted(key, ca);
    out.name = name;
    out.issuer = by.get();
    out.issuer_key = by_key.get();
    return make_certificate(out);
  }
  static X509Certificate read(const X509Ptr& certificate) {
    return X509Certificate::from_pem(pem_of(certificate.get())).value();
  }
  static std::vector<X509Certificate> chain(std::initializer_list<const X509Ptr*> certificates) {
    std::vector<X509Certificate> out;
    for (const X509Ptr* certificate : certificates) out.push_back(read(*certificate));
    return out;
  }

  EvpPkeyPtr root_key = ec_key(), middle_key = ec_key(), leaf_key = ec_key();
  X509Ptr root = [this] {
    NewCertificate out = wanted(root_key, true);
    out.name = "root";
    return make_certificate(out);
  }();
  X509Ptr middle = issued("middle", middle_key, true, root, root_key);
  X509Ptr leaf = issued("leaf", leaf_key, false, middle, middle_key);
};

TEST_F(X509Chain, LeadsToTheRootInAnyOrder) {
  EXPECT_EQ(issuers_of(read(leaf), chain({&middle, &root})), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(issuers_of(read(leaf), chain({&root, &middle})), (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(issuers_of(read(leaf), chain({&middle})), (std::vector<std::size_t>{0}));
}

TEST_F(X509Chain, NeedsTheLeafsIssuer) {
  EXPECT_TRUE(issuers_of(read(leaf), chain({&root})).empty());
  EXPECT_TRUE(issuers_of(read(leaf), {}).empty());
}

TEST_F(X509Chain, ANameWithoutTheSignatureDoesNotCount) {
  const EvpPkeyPtr thief_key = ec_key();
  const X509Ptr thief = issued("middle", thief_key, true, root, root_key);
  EXPECT_TRUE(issuers_of(read(leaf), chain({&thief})).empty());
}

TEST_F(X509Chain, WhoIsNoAuthorityCannotIssue) {
  const X509Ptr below = issued("below", root_key, false, leaf, leaf_key);
  EXPECT_TRUE(issuers_of(read(below), chain({&leaf})).empty());
}

}  // namespace
}  // namespace sallyport::crypto
