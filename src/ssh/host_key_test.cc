#include "ssh/host_key.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "codec/base64.h"
#include "crypto/test_hex.h"
#include "ssh/test_keygen.h"

namespace sallyport::ssh {
namespace {

using crypto::from_hex;

constexpr const char* kKeygenTypes[] = {"-t rsa -b 2048",  "-t rsa -b 3072",  "-t ecdsa -b 256",
                                        "-t ecdsa -b 384", "-t ecdsa -b 521", "-t ed25519"};
constexpr HostKeyType kGenerated[] = {HostKeyType::kRsa3072, HostKeyType::kEcdsaP256,
                                      HostKeyType::kEd25519};

Result<HostKey> parse(std::string_view text) {
  return HostKey::parse(SecretString(std::string(text)));
}

std::string make_key(const TestFolder& folder, const std::string& arguments) {
  EXPECT_EQ(keygen("-q -N '' -C 'a host' -f " + folder.path("key") + " " + arguments).exit_code, 0);
  return folder.read("key");
}

void expect_refused(const Result<HostKey>& result, const std::string& what) {
  ASSERT_FALSE(result.ok()) << what;
  EXPECT_EQ(result.error().code, Errc::kInvalidArgument) << what;
  EXPECT_EQ(result.error().message.rfind("Invalid host key format", 0), 0u)
      << what << ": " << result.error().message;
}

// Every algorithm of the key signs what its public half then verifies.
void expect_signs(const HostKey& key) {
  const ByteView data = as_bytes("exchange hash");
  for (const std::string& algorithm : key.signature_algorithms()) {
    const auto signature = key.sign(algorithm, data);
    ASSERT_TRUE(signature.ok()) << algorithm;
    EXPECT_TRUE(key.public_key().verify(algorithm, data, *signature)) << algorithm;
    EXPECT_FALSE(key.public_key().verify(algorithm, as_bytes("another"), *signature));
  }
}

std::string openssh_text(ByteView file) {
  return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + codec::base64_encode(file) +
         "\n-----END OPENSSH PRIVATE KEY-----\n";
}

Bytes openssh_file(std::string_view text) {
  std::string body(text.substr(text.find('\n') + 1));
  body.resize(body.find("-----END"));
  std::erase(body, '\n');
  return codec::base64_decode(body).value();
}

TEST(HostKey, GeneratedKeysAreReadBySshKeygen) {
  for (const HostKeyType type : kGenerated) {
    const TestFolder folder;
    const auto key = HostKey::generate(type);
    ASSERT_TRUE(key.ok());
    expect_signs(*key);
    const std::string file = folder.write("host", key->to_pem().reveal());
    const CommandResult shown = keygen("-yf " + file);
    ASSERT_EQ(shown.exit_code, 0);
    EXPECT_EQ(without_comment(shown.output),
              std::string(key->public_key().type()) + " " + key->public_key().base64_blob());
    EXPECT_EQ(keygen_fingerprint(file), key->public_key().fingerprint_sha256());
  }
}

TEST(HostKey, GeneratedTypesAreTheNamedOnes) {
  EXPECT_EQ(HostKey::generate(HostKeyType::kRsa3072)->public_key().bits(), 3072);
  EXPECT_EQ(HostKey::generate(HostKeyType::kEcdsaP256)->public_key().type(), "ecdsa-sha2-nistp256");
  EXPECT_EQ(HostKey::generate(HostKeyType::kEd25519)->public_key().type(), "ssh-ed25519");
}

TEST(HostKey, ReadsEveryTypeThatSshKeygenMakesInEveryForm) {
  for (const char* type : kKeygenTypes) {
    for (const char* form : {"", "-m PEM", "-m PKCS8"}) {
      const TestFolder folder;
      const std::string text = make_key(folder, std::string(type) + " " + form);
      const auto key = parse(text);
      ASSERT_TRUE(key.ok()) << type << form << ": " << key.error().message;
      EXPECT_EQ(key->public_key().fingerprint_sha256(), keygen_fingerprint(folder.path("key.pub")));
      expect_signs(*key);
      const std::string written = folder.write("again", key->to_pem().reveal());
      EXPECT_EQ(without_comment(keygen("-yf " + written).output),
                without_comment(folder.read("key.pub")))
          << type << form;
      const auto again = parse(key->to_pem().reveal());
      ASSERT_TRUE(again.ok());
      EXPECT_TRUE(again->public_key() == key->public_key());
    }
  }
}

TEST(HostKey, ReadsWhatOpensslMakes) {
  for (const char* command :
       {"openssl genpkey -quiet -algorithm ed25519",
        "openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048",
        "openssl genpkey -quiet -algorithm ec -pkeyopt ec_paramgen_curve:P-384",
        "openssl ecparam -name prime256v1 -genkey -noout"}) {
    const CommandResult made = run(command);
    ASSERT_EQ(made.exit_code, 0) << command;
    const auto key = parse(made.output);
    ASSERT_TRUE(key.ok()) << command << ": " << key.error().message;
    expect_signs(*key);
  }
}

TEST(HostKey, ToleratesWindowsLineEndsAndSpaceAround) {
  const TestFolder folder;
  std::string text = make_key(folder, "-t ed25519");
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.insert(at, "\r");
  EXPECT_TRUE(parse("\r\n " + text + "\r\n\r\n").ok());
}

// RFC 8032 section 7.1, test 2, with the seed in the PKCS#8 form of RFC 8410.
TEST(HostKey, SignsAsRfc8032Says) {
  Bytes der = from_hex("302e020100300506032b657004220420");
  const Bytes seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  der.insert(der.end(), seed.begin(), seed.end());
  const auto key = parse("-----BEGIN PRIVATE KEY-----\n" + codec::base64_encode(der) +
                         "\n-----END PRIVATE KEY-----\n");
  ASSERT_TRUE(key.ok());
  const auto signature = key->sign("ssh-ed25519", from_hex("72"));
  ASSERT_TRUE(signature.ok());
  ByteReader reader(*signature);
  EXPECT_EQ(reader.text(), "ssh-ed25519");
  EXPECT_EQ(to_hex(reader.string()),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(reader.done());
}

TEST(HostKey, OffersRsaSha2AndSignsWithSha1OnlyWhenAskedByName) {
  const auto key = HostKey::generate(HostKeyType::kRsa3072);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->signature_algorithms(),
            (std::vector<std::string>{"rsa-sha2-512", "rsa-sha2-256"}));
  const Bytes old = key->sign("ssh-rsa", as_bytes("x")).value();
  EXPECT_TRUE(key->public_key().verify("ssh-rsa", as_bytes("x"), old, RsaSha1::kAllowed));
  EXPECT_FALSE(key->public_key().verify("ssh-rsa", as_bytes("x"), old));
  const auto other = HostKey::generate(HostKeyType::kEd25519);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->sign("ssh-rsa", as_bytes("x")).error().code, Errc::kInvalidArgument);
  EXPECT_EQ(key->sign("ssh-ed25519", as_bytes("x")).error().code, Errc::kInvalidArgument);
  EXPECT_FALSE(key->sign("", as_bytes("x")).ok());
}

TEST(HostKey, SignaturesHoldOnlyForTheirOwnAlgorithm) {
  const auto key = HostKey::generate(HostKeyType::kRsa3072);
  ASSERT_TRUE(key.ok());
  const ByteView data = as_bytes("exchange hash");
  const Bytes signature = key->sign("rsa-sha2-256", data).value();
  EXPECT_TRUE(key->public_key().verify("rsa-sha2-256", data, signature));
  EXPECT_FALSE(key->public_key().verify("rsa-sha2-512", data, signature));
  EXPECT_FALSE(key->public_key().verify("ssh-rsa", data, signature));
  EXPECT_FALSE(key->public_key().verify("ssh-ed25519", data, signature));

  ByteReader reader(signature);
  reader.string();
  const Bytes renamed = ByteWriter().string("rsa-sha2-512").string(reader.string()).take();
  EXPECT_FALSE(key->public_key().verify("rsa-sha2-512", data, renamed));
}

TEST(HostKey, MalformedSignatureBlobsAreJustWrong) {
  for (const HostKeyType type : kGenerated) {
    const auto key = HostKey::generate(type);
    ASSERT_TRUE(key.ok());
    const std::string algorithm = key->signature_algorithms().front();
    const ByteView data = as_bytes("exchange hash");
    const Bytes good = key->sign(algorithm, data).value();
    for (std::size_t n = 0; n < good.size(); ++n)
      ASSERT_FALSE(key->public_key().verify(algorithm, data, ByteView(good).first(n))) << n;
    Bytes longer = good;
    longer.push_back(0);
    EXPECT_FALSE(key->public_key().verify(algorithm, data, longer));
    const Bytes empty = ByteWriter().string(algorithm).string(ByteView()).take();
    EXPECT_FALSE(key->public_key().verify(algorithm, data, empty));
    const Bytes zeros = ByteWriter().string(algorithm).string(Bytes(384, 0)).take();
    EXPECT_FALSE(key->public_key().verify(algorithm, data, zeros));
  }
}

TEST(HostKey, SignsOnManyThreadsAtOnce) {
  for (const HostKeyType type : kGenerated) {
    const auto key = HostKey::generate(type);
    ASSERT_TRUE(key.ok());
    const std::string algorithm = key->signature_algorithms().front();
    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 5; ++i) {
          const auto signature = key->sign(algorithm, as_bytes("x"));
          if (!signature.ok() || !key->public_key().verify(algorithm, as_bytes("x"), *signature))
            ++wrong[t];
        }
      });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, std::vector<int>(4, 0));
  }
}

TEST(HostKey, RefusesKeysUnderAPassphraseAndSaysWhy) {
  for (const char* form : {"", "-m PEM", "-m PKCS8"}) {
    const TestFolder folder;
    ASSERT_EQ(keygen("-q -N 'a passphrase' -t rsa -b 2048 -f " + folder.path("key") + " " + form)
                  .exit_code,
              0);
    const auto key = parse(folder.read("key"));
    expect_refused(key, form);
    EXPECT_NE(key.error().message.find("passphrase"), std::string::npos) << form;
  }
}

TEST(HostKey, RefusesTextThatIsNoPrivateKey) {
  const TestFolder folder;
  const std::string good = make_key(folder, "-t ed25519");
  for (const std::string& text : std::vector<std::string>{
           "", "\n", "key", folder.read("key.pub"), good.substr(1), "leading text\n" + good,
           good + good, good + "trailing text\n", "-----BEGIN OPENSSH PRIVATE KEY-----",
           "-----BEGIN OPENSSH PRIVATE KEY----------END OPENSSH PRIVATE KEY-----",
           "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
           "-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n",
           std::string(100'000, 'A')})
    expect_refused(parse(text), text.substr(0, 70));
}

TEST(HostKey, RefusesKeysOfOtherKinds) {
  for (const char* command :
       {"openssl genpkey -quiet -algorithm x25519", "openssl genpkey -quiet -algorithm ed448",
        "openssl genpkey -quiet -algorithm ec -pkeyopt ec_paramgen_curve:secp256k1",
        "openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:1024",
        "openssl genpkey -quiet -algorithm rsa -pkeyopt rsa_keygen_bits:2048 "
        "-pkeyopt rsa_keygen_primes:3",
        "openssl genpkey -quiet -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048"}) {
    const CommandResult made = run(command);
    ASSERT_EQ(made.exit_code, 0) << command;
    expect_refused(parse(made.output), command);
  }
}

TEST(HostKey, RefusesEveryTruncationOfTheContainer) {
  for (const char* type : {"-t rsa -b 2048", "-t ecdsa -b 256", "-t ed25519"}) {
    const TestFolder folder;
    const Bytes file = openssh_file(make_key(folder, type));
    ASSERT_TRUE(parse(openssh_text(file)).ok());
    for (std::size_t n = 0; n < file.size(); ++n)
      ASSERT_FALSE(parse(openssh_text(ByteView(file).first(n))).ok()) << type << " " << n;
    Bytes longer = file;
    longer.push_back(0);
    expect_refused(parse(openssh_text(longer)), type);
  }
}

// Apart from the comment and its length (which may rightly swallow the padding), every byte is
// either checked or makes a key that does not fit its other half.
TEST(HostKey, RefusesEveryAlteredByteOutsideTheComment) {
  for (const char* type : {"-t ecdsa -b 256", "-t ed25519"}) {
    const TestFolder folder;
    const Bytes file = openssh_file(make_key(folder, std::string(type)));
    const std::size_t comment = as_text(file).find("a host");
    ASSERT_NE(comment, std::string_view::npos);
    for (std::size_t i = 0; i < file.size(); ++i) {
      if (i >= comment - 4 && i < comment + 6) continue;
      Bytes altered = file;
      altered[i] ^= 1;
      EXPECT_FALSE(parse(openssh_text(altered)).ok()) << type << " " << i;
    }
  }
}

TEST(HostKey, RefusesHalvesOfTwoKeys) {
  const TestFolder one, other;
  const Bytes a = openssh_file(make_key(one, "-t ed25519"));
  const Bytes b = openssh_file(make_key(other, "-t ed25519"));
  // The first public half of an ed25519 file lies at the same place in each.
  const std::size_t at = as_text(a).find("ssh-ed25519") + 11 + 4;
  Bytes mixed = a;
  std::copy(b.begin() + long(at), b.begin() + long(at) + 32, mixed.begin() + long(at));
  expect_refused(parse(openssh_text(mixed)), "mixed");
}

TEST(HostKey, NoErrorTextHoldsThePrivateKey) {
  const TestFolder folder;
  std::string text = make_key(folder, "-t ed25519");
  text.replace(text.find("-----END"), 8, "*****END");
  const auto result = parse(text);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().message, "Invalid host key format");
}

}  // namespace
}  // namespace sallyport::ssh
