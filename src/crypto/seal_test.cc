#include "crypto/seal.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <string>

#include "crypto/test_hex.h"

namespace sallyport::crypto {
namespace {

SecretString key_of(char c) {
  return SecretString(std::string(SecretBox::kKeySize, c));
}

std::string base64_encode(const Bytes& in) {
  std::string out(in.size() * 2 + 8, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      in.data(), static_cast<int>(in.size()))));
  return out;
}

// The bytes behind "v1:", of a seal whose length leaves no padding.
Bytes bytes_of(std::string_view sealed) {
  sealed.remove_prefix(3);
  Bytes out(sealed.size() / 4 * 3);
  EXPECT_EQ(EVP_DecodeBlock(out.data(), as_bytes(sealed).data(), static_cast<int>(sealed.size())),
            static_cast<int>(out.size()));
  return out;
}

TEST(SecretBox, OpensWhatItSealed) {
  const SecretBox box(key_of('k'));
  for (const std::string& text :
       {std::string(), std::string("s"), std::string("a\0b", 3), std::string(5000, 'x'),
        std::string(SecretBox::kMaxPlaintext, 'y')}) {
    const auto sealed = box.seal(SecretString(text), "hostkey:s-1");
    ASSERT_TRUE(sealed.ok());
    EXPECT_EQ(sealed->substr(0, 3), "v1:");
    const auto opened = box.open(*sealed, "hostkey:s-1");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(opened->reveal(), text);
  }
}

TEST(SecretBox, SealsTheSameSecretDifferentlyEachTimeAndHidesIt) {
  const SecretBox box(key_of('k'));
  const auto first = box.seal(SecretString("correct horse battery"), "a");
  const auto second = box.seal(SecretString("correct horse battery"), "a");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(*first, *second);
  EXPECT_EQ(as_text(bytes_of(*first)).find("correct"), std::string_view::npos);
}

// Test case 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega), AES-256 with 96-bit
// nonce.
TEST(SecretBox, OpensThePublishedGcmExample) {
  const SecretBox box(SecretString(std::string(
      as_text(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")))));
  const Bytes sealed = from_hex(
      "cafebabefacedbaddecaf888"
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
      "76fc6ece0f4e1768cddf8853bb2d551b");
  const Bytes aad = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto opened = box.open("v1:" + base64_encode(sealed), as_text(aad));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(to_hex(as_bytes(opened->reveal())),
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
            "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST(SecretBox, RefusesAnotherKeyOrAnotherPurpose) {
  const auto sealed = SecretBox(key_of('k')).seal(SecretString("secret"), "hostkey:s-1");
  ASSERT_TRUE(sealed.ok());
  EXPECT_EQ(SecretBox(key_of('l')).open(*sealed, "hostkey:s-1").error().code, Errc::kCorrupt);
  EXPECT_EQ(SecretBox(key_of('k')).open(*sealed, "hostkey:s-2").error().code, Errc::kCorrupt);
  EXPECT_EQ(SecretBox(key_of('k')).open(*sealed, "").error().code, Errc::kCorrupt);
}

TEST(SecretBox, RefusesEveryAlteredByte) {
  const SecretBox box(key_of('k'));
  const auto sealed = box.seal(SecretString("eight by"), "a");
  ASSERT_TRUE(sealed.ok());
  const Bytes raw = bytes_of(*sealed);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    Bytes altered = raw;
    altered[i] ^= 1;
    EXPECT_FALSE(box.open("v1:" + base64_encode(altered), "a").ok()) << i;
  }
}

TEST(SecretBox, RefusesWhatIsNoSealedText) {
  const SecretBox box(key_of('k'));
  for (const char* text : {"", "v", "v1", "v1:", "v1:!!!!", "v1:AAAA",
                           "v1:====", "v1:A===", "v0:AAAA", "plain secret"})
    EXPECT_EQ(box.open(text, "a").error().code, Errc::kCorrupt) << text;
}

TEST(SecretBox, SaysSoWhenSealedByANewerVersion) {
  EXPECT_EQ(SecretBox(key_of('k')).open("v2:AAAA", "a").error().code, Errc::kUnsupported);
}

TEST(SecretBox, RefusesAKeyOfTheWrongLength) {
  const SecretBox box(SecretString("short"));
  EXPECT_EQ(box.seal(SecretString("secret"), "a").error().code, Errc::kInvalidArgument);
  EXPECT_EQ(box.open("v1:AAAA", "a").error().code, Errc::kInvalidArgument);
}

TEST(SecretBox, RefusesToSealMoreThanItsLimit) {
  const SecretBox box(key_of('k'));
  const SecretString large(std::string(SecretBox::kMaxPlaintext + 1, 'x'));
  EXPECT_EQ(box.seal(large, "a").error().code, Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::crypto
