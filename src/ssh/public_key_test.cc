#include "ssh/public_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/base64.h"
#include "crypto/digest.h"
#include "crypto/test_hex.h"
#include "ssh/test_keygen.h"

namespace sallyport::ssh {
namespace {

using crypto::from_hex;

struct KeygenType {
  const char* arguments;
  const char* type;
  const char* short_type;
  int bits;
};

constexpr KeygenType kTypes[] = {
    {"-t rsa -b 2048", "ssh-rsa", "RSA", 2048},
    {"-t rsa -b 3072", "ssh-rsa", "RSA", 3072},
    {"-t ecdsa -b 256", "ecdsa-sha2-nistp256", "ECDSA", 256},
    {"-t ecdsa -b 384", "ecdsa-sha2-nistp384", "ECDSA", 384},
    {"-t ecdsa -b 521", "ecdsa-sha2-nistp521", "ECDSA", 521},
    {"-t ed25519", "ssh-ed25519", "ED25519", 256},
};

std::string make_public_line(const TestFolder& folder, const std::string& arguments) {
  EXPECT_EQ(
      keygen("-q -N '' -C 'ann at home' -f " + folder.path("key") + " " + arguments).exit_code, 0);
  return folder.read("key.pub");
}

Bytes ed25519_blob(ByteView raw) {
  return ByteWriter().string("ssh-ed25519").string(raw).take();
}

Bytes signature_blob(std::string_view algorithm, ByteView raw) {
  return ByteWriter().string(algorithm).string(raw).take();
}

void expect_refused(const Result<PublicKey>& result, const std::string& what) {
  ASSERT_FALSE(result.ok()) << what;
  EXPECT_EQ(result.error().code, Errc::kInvalidArgument) << what;
  EXPECT_EQ(result.error().message, "Unsupported or invalid SSH public key format") << what;
}

TEST(PublicKey, ReadsEveryTypeThatSshKeygenMakes) {
  for (const KeygenType& t : kTypes) {
    const TestFolder folder;
    const std::string line = make_public_line(folder, t.arguments);
    const auto key = PublicKey::from_authorized_key(line);
    ASSERT_TRUE(key.ok()) << t.arguments;
    EXPECT_EQ(key->type(), t.type);
    EXPECT_EQ(key->short_type(), t.short_type);
    EXPECT_EQ(key->bits(), t.bits);
    EXPECT_EQ(key->fingerprint_sha256(), keygen_fingerprint(folder.path("key.pub")));
    EXPECT_EQ(std::string(key->type()) + " " + key->base64_blob(), without_comment(line));
    const auto again = PublicKey::from_blob(key->blob());
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(*again == *key);
  }
}

TEST(PublicKey, FingerprintForTheApiIsPadded) {
  const TestFolder folder;
  const auto key = PublicKey::from_authorized_key(make_public_line(folder, "-t ed25519"));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->fingerprint_sha256_padded(), key->fingerprint_sha256() + "=");
}

TEST(PublicKey, DiffersFromAnotherKey) {
  const TestFolder one, other;
  const auto a = PublicKey::from_authorized_key(make_public_line(one, "-t ed25519"));
  const auto b = PublicKey::from_authorized_key(make_public_line(other, "-t ed25519"));
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_FALSE(*a == *b);
}

// RFC 8032 section 7.1, tests 1 and 2.
TEST(PublicKey, VerifiesTheEd25519SignaturesOfRfc8032) {
  const auto first = PublicKey::from_blob(
      ed25519_blob(from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")));
  ASSERT_TRUE(first.ok());
  EXPECT_TRUE(first->verify(
      "ssh-ed25519", {},
      signature_blob(
          "ssh-ed25519",
          from_hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                   "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"))));
  const auto second = PublicKey::from_blob(
      ed25519_blob(from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")));
  ASSERT_TRUE(second.ok());
  const Bytes good = from_hex(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const Bytes message = from_hex("72");
  EXPECT_TRUE(second->verify("ssh-ed25519", message, signature_blob("ssh-ed25519", good)));
  EXPECT_FALSE(second->verify("ssh-ed25519", from_hex("73"), signature_blob("ssh-ed25519", good)));
  EXPECT_FALSE(first->verify("ssh-ed25519", message, signature_blob("ssh-ed25519", good)));
  for (std::size_t i = 0; i < good.size(); ++i) {
    Bytes altered = good;
    altered[i] ^= 1;
    EXPECT_FALSE(second->verify("ssh-ed25519", message, signature_blob("ssh-ed25519", altered)));
  }
}

// A signature made by `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig): the signature blob is the
// last string, over a structure that holds the digest of the file.
TEST(PublicKey, VerifiesSignaturesMadeBySshKeygen) {
  for (const KeygenType& t : kTypes) {
    const TestFolder folder;
    const auto key = PublicKey::from_authorized_key(make_public_line(folder, t.arguments));
    ASSERT_TRUE(key.ok());
    const std::string file = folder.write("message", "to be signed\n");
    ASSERT_EQ(keygen("-Y sign -n test -f " + folder.path("key") + " " + file).exit_code, 0);
    std::string armoured = folder.read("message.sig");
    armoured = armoured.substr(armoured.find('\n') + 1);
    armoured = armoured.substr(0, armoured.find("-----END"));
    std::erase(armoured, '\n');
    const auto raw = codec::base64_decode(armoured);
    ASSERT_TRUE(raw.ok());

    ByteReader reader(*raw);
    ASSERT_EQ(as_text(reader.raw(6)), "SSHSIG");
    EXPECT_EQ(reader.u32(), 1u);
    EXPECT_EQ(to_bytes(reader.string()), to_bytes(key->blob()));
    EXPECT_EQ(reader.text(), "test");
    const ByteView reserved = reader.string();
    const std::string_view hash = reader.text();
    ASSERT_EQ(hash, "sha512");
    const Bytes signature = to_bytes(reader.string());
    ASSERT_TRUE(reader.done());

    Bytes data = to_bytes(as_bytes("SSHSIG"));
    const Bytes rest = ByteWriter()
                           .string("test")
                           .string(reserved)
                           .string(hash)
                           .string(ByteView(crypto::sha512(as_bytes("to be signed\n"))))
                           .take();
    data.insert(data.end(), rest.begin(), rest.end());
    const std::string algorithm(ByteReader(signature).text());
    EXPECT_EQ(key_type_of_signature_algorithm(algorithm), t.type);
    EXPECT_TRUE(key->verify(algorithm, data, signature)) << algorithm;
    data[0] ^= 1;
    EXPECT_FALSE(key->verify(algorithm, data, signature)) << algorithm;
  }
}

TEST(PublicKey, RefusesLinesThatAreNoKey) {
  const TestFolder folder;
  const std::string good = without_comment(make_public_line(folder, "-t ed25519"));
  const std::string body = good.substr(good.find(' ') + 1);
  for (const std::string& line : std::vector<std::string>{
           "",
           " ",
           "ssh-ed25519",
           "ssh-ed25519 ",
           body,
           "ssh-rsa " + body,
           "SSH-ED25519 " + body,
           "ssh-ed25519 " + body.substr(1),
           "ssh-ed25519 " + body.substr(0, body.size() - 4),
           "ssh-ed25519 " + body + "AAAA",
           "ssh-ed25519 !" + body.substr(1),
           "command=\"x\" " + good,
           good + "\n" + good,
           std::string("ssh-ed25519 \0", 13) + body,
           good + " comment\x01",
           good + " " + std::string(20'000, 'c'),
       })
    expect_refused(PublicKey::from_authorized_key(line), line.substr(0, 60));
}

TEST(PublicKey, AcceptsWhiteSpaceAroundTheLine) {
  const TestFolder folder;
  const std::string good = make_public_line(folder, "-t ed25519");
  EXPECT_TRUE(PublicKey::from_authorized_key("  " + good + "\r\n").ok());
  EXPECT_TRUE(PublicKey::from_authorized_key(without_comment(good)).ok());
}

TEST(PublicKey, RefusesRfc4716AndPemText) {
  const TestFolder folder;
  make_public_line(folder, "-t rsa -b 2048");
  for (const char* format : {"RFC4716", "PKCS8", "PEM"}) {
    const CommandResult exported =
        keygen("-e -m " + std::string(format) + " -f " + folder.path("key.pub"));
    ASSERT_EQ(exported.exit_code, 0);
    expect_refused(PublicKey::from_authorized_key(exported.output), format);
  }
}

TEST(PublicKey, RefusesRsaKeysThatAreTooSmall) {
  const TestFolder folder;
  expect_refused(PublicKey::from_authorized_key(make_public_line(folder, "-t rsa -b 1024")),
                 "1024 bits");
}

TEST(PublicKey, RefusesTypesNotOffered) {
  for (const char* type : {"ssh-dss", "sk-ssh-ed25519@openssh.com", "ssh-ed448", "rsa-sha2-256",
                           "ssh-ed25519-cert-v01@openssh.com", "ecdsa-sha2-nistp224", ""})
    expect_refused(PublicKey::from_blob(ByteWriter().string(type).string(Bytes(32, 9)).take()),
                   type);
}

TEST(PublicKey, RefusesEveryTruncationAndAnythingBehind) {
  for (const KeygenType& t : kTypes) {
    const TestFolder folder;
    const auto key = PublicKey::from_authorized_key(make_public_line(folder, t.arguments));
    ASSERT_TRUE(key.ok());
    for (std::size_t n = 0; n < key->blob().size(); ++n)
      ASSERT_FALSE(PublicKey::from_blob(key->blob().first(n)).ok()) << t.type << " " << n;
    Bytes longer = to_bytes(key->blob());
    longer.push_back(0);
    expect_refused(PublicKey::from_blob(longer), t.type);
  }
}

TEST(PublicKey, RefusesACurveThatDoesNotFitTheType) {
  const TestFolder folder;
  const auto key = PublicKey::from_authorized_key(make_public_line(folder, "-t ecdsa -b 256"));
  ASSERT_TRUE(key.ok());
  ByteReader reader(key->blob());
  reader.string();
  reader.string();
  const Bytes point = to_bytes(reader.string());
  const auto with = [](std::string_view type, std::string_view curve, ByteView q) {
    return PublicKey::from_blob(ByteWriter().string(type).string(curve).string(q).take());
  };
  EXPECT_TRUE(with("ecdsa-sha2-nistp256", "nistp256", point).ok());
  expect_refused(with("ecdsa-sha2-nistp256", "nistp384", point), "curve");
  expect_refused(with("ecdsa-sha2-nistp384", "nistp256", point), "type");
  expect_refused(with("ecdsa-sha2-nistp384", "nistp384", point), "both");
  Bytes off = point;
  off.back() ^= 1;
  expect_refused(with("ecdsa-sha2-nistp256", "nistp256", off), "off the curve");
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = 0x02;
  expect_refused(with("ecdsa-sha2-nistp256", "nistp256", compressed), "compressed");
  expect_refused(with("ecdsa-sha2-nistp256", "nistp256", Bytes{0}), "infinity");
}

TEST(PublicKey, RefusesOddRsaNumbers) {
  Bytes n(256, 0xab);
  n.back() = 0x01;
  const auto with = [](ByteView e, ByteView modulus) {
    return PublicKey::from_blob(ByteWriter().string("ssh-rsa").mpint(e).mpint(modulus).take());
  };
  const Bytes e = from_hex("010001");
  EXPECT_TRUE(with(e, n).ok());
  expect_refused(with(Bytes{1}, n), "exponent 1");
  expect_refused(with(Bytes{2}, n), "even exponent");
  expect_refused(with({}, n), "exponent 0");
  expect_refused(with(Bytes(9, 0x01), n), "exponent of more than 64 bits");
  Bytes even = n;
  even.back() = 0x02;
  expect_refused(with(e, even), "even modulus");
  expect_refused(with(e, Bytes(2049, 0x7f)), "more than 16384 bits");
  expect_refused(PublicKey::from_blob(
                     ByteWriter().string("ssh-rsa").string(from_hex("00010001")).mpint(n).take()),
                 "an mpint with a needless zero");
  expect_refused(
      PublicKey::from_blob(ByteWriter().string("ssh-rsa").mpint(e).string(ByteView(n)).take()),
      "a negative modulus");
}

TEST(PublicKey, TellsWhichAlgorithmsGoWithWhichKeys) {
  EXPECT_EQ(key_type_of_signature_algorithm("rsa-sha2-512"), "ssh-rsa");
  EXPECT_EQ(key_type_of_signature_algorithm("ssh-rsa"), "ssh-rsa");
  EXPECT_EQ(key_type_of_signature_algorithm("ecdsa-sha2-nistp521"), "ecdsa-sha2-nistp521");
  EXPECT_EQ(key_type_of_signature_algorithm("ssh-dss"), "");
  EXPECT_EQ(signature_algorithms_of_key_type("ssh-rsa"),
            (std::vector<std::string>{"rsa-sha2-512", "rsa-sha2-256"}));
  EXPECT_EQ(signature_algorithms_of_key_type("ssh-ed25519"),
            std::vector<std::string>{"ssh-ed25519"});
  EXPECT_TRUE(signature_algorithms_of_key_type("ssh-dss").empty());
}

}  // namespace
}  // namespace sallyport::ssh
