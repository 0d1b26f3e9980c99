// Certificates made by OpenSSH's ssh-keygen, and such as it would never make.
#include "ssh/certificate.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <optional>

#include "ssh/authorized_key.h"
#include "ssh/host_key.h"
#include "ssh/test_keygen.h"

namespace sallyport::ssh {
namespace {

using namespace std::chrono_literals;

// 2026-06-15 12:00 UTC.
constexpr WallTime kNow = WallTime(std::chrono::seconds(1'781'524'800));
constexpr std::uint64_t kNowSeconds = 1'781'524'800;
const net::IpAddress kSource = *net::IpAddress::parse("192.0.2.7");

TEST(CertificateNames, StandForTheirSignatureAlgorithm) {
  EXPECT_EQ(signature_algorithm_of_certificate("ssh-ed25519-cert-v01@openssh.com"), "ssh-ed25519");
  EXPECT_EQ(signature_algorithm_of_certificate("rsa-sha2-512-cert-v01@openssh.com"),
            "rsa-sha2-512");
  EXPECT_EQ(signature_algorithm_of_certificate("ecdsa-sha2-nistp521-cert-v01@openssh.com"),
            "ecdsa-sha2-nistp521");
}

TEST(CertificateNames, OfSha1OrOfNoCertificateAreNone) {
  for (const char* name : {"ssh-rsa-cert-v01@openssh.com", "ssh-ed25519",
                           "ssh-dss-cert-v01@openssh.com", "ssh-ed25519-cert-v00@openssh.com",
                           "-cert-v01@openssh.com", "", "sk-ssh-ed25519-cert-v01@openssh.com"})
    EXPECT_EQ(signature_algorithm_of_certificate(name), "") << name;
}

// ---- By ssh-keygen. ----

class MadeByKeygen : public ::testing::Test {
 protected:
  void make_key(const std::string& name, const std::string& type) {
    ASSERT_EQ(keygen("-q -N '' -t " + type + " -f " + folder_.path(name)).exit_code, 0);
  }
  // The certificate's blob; `options` as ssh-keygen takes them.
  Bytes sign(const std::string& ca, const std::string& key, const std::string& options) {
    const int code =
        keygen("-q -s " + folder_.path(ca) + " " + options + " " + folder_.path(key + ".pub"))
            .exit_code;
    EXPECT_EQ(code, 0) << options;
    const auto line = parse_authorized_key(folder_.read(key + "-cert.pub"));
    EXPECT_TRUE(line.ok());
    return line.ok() ? line->blob : Bytes();
  }
  PublicKey public_key(const std::string& name) {
    return PublicKey::from_authorized_key(folder_.read(name + ".pub")).value();
  }

  TestFolder folder_;
};

TEST_F(MadeByKeygen, EveryKindOfKeyAndAuthorityIsRead) {
  const std::vector<std::string> types = {"ed25519", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521",
                                          "rsa -b 2048"};
  for (std::size_t i = 0; i < types.size(); ++i) {
    make_key("ca" + std::to_string(i), types[i]);
    make_key("key" + std::to_string(i), types[i]);
  }
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string ca = "ca" + std::to_string((i + 1) % types.size());
    const std::string key = "key" + std::to_string(i);
    const Bytes blob = sign(ca, key, "-I some-id -z 4711 -n ann,bob -V always:forever");
    const auto certificate = Certificate::parse(blob);
    ASSERT_TRUE(certificate.ok()) << types[i];
    EXPECT_EQ(certificate->key(), public_key(key));
    EXPECT_EQ(certificate->authority(), public_key(ca));
    EXPECT_EQ(certificate->serial(), 4711u);
    const PublicKey trusted[] = {public_key("ca0"), public_key(ca)};
    EXPECT_TRUE(certificate->is_signed_by_one_of(trusted)) << types[i];
    EXPECT_TRUE(certificate->check("ann", kSource, kNow).ok());
    EXPECT_TRUE(certificate->check("bob", kSource, kNow).ok());

    // One bit anywhere else: unreadable, another key's, or not signed any more.
    for (std::size_t at = 0; at < blob.size(); at += 7) {
      Bytes spoiled = blob;
      spoiled[at] ^= 0x10;
      const auto other = Certificate::parse(spoiled);
      EXPECT_FALSE(other.ok() && other->is_signed_by_one_of(trusted)) << types[i] << " " << at;
    }
  }
}

TEST_F(MadeByKeygen, OnlyTrustedAuthoritiesCount) {
  for (const char* name : {"ca", "other", "key"}) make_key(name, "ed25519");
  const auto certificate = Certificate::parse(sign("ca", "key", "-I x -n ann"));
  ASSERT_TRUE(certificate.ok());
  const PublicKey other[] = {public_key("other"), public_key("key")};
  EXPECT_FALSE(certificate->is_signed_by_one_of(other));
  EXPECT_FALSE(certificate->is_signed_by_one_of({}));
}

TEST_F(MadeByKeygen, SignaturesWithSha1DoNotCount) {
  make_key("ca", "rsa -b 2048");
  make_key("key", "ed25519");
  const PublicKey trusted[] = {public_key("ca")};
  const auto sha2 = Certificate::parse(sign("ca", "key", "-I x -n ann -t rsa-sha2-256"));
  ASSERT_TRUE(sha2.ok());
  EXPECT_TRUE(sha2->is_signed_by_one_of(trusted));
  const auto sha1 = Certificate::parse(sign("ca", "key", "-I x -n ann -t ssh-rsa"));
  ASSERT_TRUE(sha1.ok());
  EXPECT_FALSE(sha1->is_signed_by_one_of(trusted));
}

TEST_F(MadeByKeygen, HostCertificatesAndThoseWithoutPrincipalsLetNobodyIn) {
  make_key("ca", "ed25519");
  make_key("key", "ed25519");
  const auto host = Certificate::parse(sign("ca", "key", "-h -I x -n ann"));
  ASSERT_TRUE(host.ok());
  EXPECT_FALSE(host->check("ann", kSource, kNow).ok());
  const auto nobody = Certificate::parse(sign("ca", "key", "-I x"));
  ASSERT_TRUE(nobody.ok());
  EXPECT_FALSE(nobody->check("ann", kSource, kNow).ok());
  EXPECT_FALSE(nobody->check("", kSource, kNow).ok());
}

TEST_F(MadeByKeygen, OptionsAreObeyedOrRefused) {
  make_key("ca", "ed25519");
  make_key("key", "ed25519");
  const auto lets_in = [&](const std::string& options, std::string_view source) {
    const auto certificate = Certificate::parse(sign("ca", "key", "-I x -n ann " + options));
    EXPECT_TRUE(certificate.ok()) << options;
    return certificate.ok() && certificate->check("ann", *net::IpAddress::parse(source), kNow).ok();
  };
  const std::string networks = "-O source-address=198.51.100.0/24,2001:db8::/32,192.0.2.7";
  EXPECT_TRUE(lets_in(networks, "198.51.100.9"));
  EXPECT_TRUE(lets_in(networks, "2001:db8::1"));
  EXPECT_TRUE(lets_in(networks, "192.0.2.7"));
  EXPECT_TRUE(lets_in(networks, "::ffff:192.0.2.7"));
  EXPECT_FALSE(lets_in(networks, "192.0.2.8"));
  EXPECT_FALSE(lets_in(networks, "2001:db9::1"));
  EXPECT_FALSE(lets_in("-O force-command=/bin/true", "192.0.2.7"));
  EXPECT_FALSE(lets_in("-O verify-required", "192.0.2.7"));
  EXPECT_FALSE(lets_in("-O critical:new@example.com=x", "192.0.2.7"));
  EXPECT_TRUE(lets_in("-O clear -O extension:new@example.com=x -O permit-pty", "192.0.2.7"));
}

// ---- By hand. ----

struct Parts {
  std::string type = "ssh-ed25519-cert-v01@openssh.com";
  std::uint32_t use = 1;
  Bytes principals = ByteWriter().string("ann").take();
  std::uint64_t after = 0;
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  Bytes options;
  Bytes extensions;
  std::optional<Bytes> authority;
};

class MadeByHand : public ::testing::Test {
 protected:
  Bytes blob(const Parts& parts) const {
    ByteReader plain(key_.public_key().blob());
    (void)plain.string();
    ByteWriter out;
    out.string(parts.type).string("nonce").raw(plain.rest());
    out.u64(1).u32(parts.use).string("id").string(parts.principals);
    out.u64(parts.after).u64(parts.before).string(parts.options).string(parts.extensions);
    out.string("");
    out.string(parts.authority ? ByteView(*parts.authority) : ca_.public_key().blob());
    out.string(ca_.sign("ssh-ed25519", out.bytes()).value());
    return out.take();
  }
  // Whether it can be read; what can, is signed.
  bool readable(const Parts& parts) const {
    const auto certificate = Certificate::parse(blob(parts));
    const PublicKey trusted[] = {ca_.public_key()};
    if (certificate.ok() && !parts.authority)
      EXPECT_TRUE(certificate->is_signed_by_one_of(trusted));
    return certificate.ok();
  }
  bool lets_in(const Parts& parts, WallTime now = kNow) const {
    const auto certificate = Certificate::parse(blob(parts));
    return certificate.ok() && certificate->check("ann", kSource, now).ok();
  }
  static Bytes option(std::string_view name, std::string_view value) {
    const Bytes data = ByteWriter().string(value).take();
    return ByteWriter().string(name).string(data).take();
  }
  static Bytes join(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }

  const HostKey key_ = HostKey::generate(HostKeyType::kEd25519).value();
  const HostKey ca_ = HostKey::generate(HostKeyType::kEd25519).value();
};

TEST_F(MadeByHand, CountsFromItsFirstSecondToBeforeItsLast) {
  Parts parts;
  EXPECT_TRUE(lets_in(parts));
  parts.after = kNowSeconds;
  parts.before = kNowSeconds + 1;
  EXPECT_TRUE(lets_in(parts));
  EXPECT_TRUE(lets_in(parts, kNow + 999ms));
  EXPECT_FALSE(lets_in(parts, kNow + 1s));
  EXPECT_FALSE(lets_in(parts, kNow - 1ms));
  parts.after = kNowSeconds + 1;
  EXPECT_FALSE(lets_in(parts));
  parts.before = kNowSeconds - 1;
  EXPECT_FALSE(lets_in(parts, kNow - 1s));
}

TEST_F(MadeByHand, PrincipalsMatchWholeAndExactly) {
  Parts parts;
  for (const char* name : {"Ann", "ann ", "an", "anne", "*", ""}) {
    parts.principals = ByteWriter().string(name).take();
    EXPECT_FALSE(lets_in(parts)) << name;
  }
  parts.principals = ByteWriter().string("bob").string("ann").take();
  EXPECT_TRUE(lets_in(parts));
  parts.use = 2;
  EXPECT_FALSE(lets_in(parts));
}

TEST_F(MadeByHand, ListsThatAreMalformedOrTooLongAreRefused) {
  Parts parts;
  parts.principals = {0, 0, 0, 9, 'a'};
  EXPECT_FALSE(readable(parts));
  ByteWriter many;
  for (int i = 0; i < 256; ++i) many.string("ann");
  parts.principals = many.bytes();
  EXPECT_TRUE(readable(parts));
  parts.principals = many.string("ann").take();
  EXPECT_FALSE(readable(parts));
  parts = {};
  parts.extensions = {0, 0, 0, 1, 'a'};
  EXPECT_FALSE(readable(parts));
  parts = {};
  parts.options = ByteWriter().string("source-address").take();
  EXPECT_FALSE(readable(parts));
}

TEST_F(MadeByHand, CriticalOptionsOutOfOrderOrTwiceAreRefused) {
  const Bytes source = option("source-address", "192.0.2.0/24");
  const Bytes other = option("another", "x");
  Parts parts;
  parts.options = join(other, source);
  EXPECT_TRUE(readable(parts));
  EXPECT_FALSE(lets_in(parts));
  parts.options = join(source, other);
  EXPECT_FALSE(readable(parts));
  parts.options = join(source, source);
  EXPECT_FALSE(readable(parts));
}

TEST_F(MadeByHand, AMalformedSourceAddressLetsNobodyIn) {
  Parts parts;
  for (const char* list : {"192.0.2.0/24", "10.0.0.0/8,192.0.2.7"}) {
    parts.options = option("source-address", list);
    EXPECT_TRUE(lets_in(parts)) << list;
  }
  for (const char* list : {"", ",", "192.0.2.7,", "192.0.2.7/24", "192.0.2.7/33", "!192.0.2.7",
                           "192.0.2.*", "192.0.2.7,nonsense"}) {
    parts.options = option("source-address", list);
    EXPECT_FALSE(lets_in(parts)) << list;
  }
  // The text without a string around it.
  parts.options = ByteWriter().string("source-address").string("192.0.2.0/24").take();
  EXPECT_FALSE(lets_in(parts));
}

TEST_F(MadeByHand, ACertificateIsNoAuthority) {
  Parts parts;
  parts.authority = blob({});
  EXPECT_FALSE(readable(parts));
  parts.authority = Bytes();
  EXPECT_FALSE(readable(parts));
}

TEST_F(MadeByHand, OtherTypesTruncationsAndBytesBehindAreRefused) {
  Parts parts;
  for (const char* type :
       {"ssh-ed25519", "rsa-sha2-512-cert-v01@openssh.com", "ssh-rsa-cert-v01@openssh.com",
        "ecdsa-sha2-nistp256-cert-v01@openssh.com", "ssh-ed25519-cert-v00@openssh.com"}) {
    parts.type = type;
    EXPECT_FALSE(readable(parts)) << type;
  }
  Bytes whole = blob({});
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_FALSE(Certificate::parse(ByteView(whole).first(size)).ok()) << size;
  whole.push_back(0);
  EXPECT_FALSE(Certificate::parse(whole).ok());
}

}  // namespace
}  // namespace sallyport::ssh
