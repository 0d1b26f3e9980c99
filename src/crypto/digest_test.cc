#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "crypto/test_hex.h"

namespace sallyport::crypto {
namespace {

constexpr DigestKind kAllDigests[] = {DigestKind::kSha1, DigestKind::kSha256, DigestKind::kSha384,
                                      DigestKind::kSha512};

// FIPS 180-4 examples (NIST "Cryptographic Standards and Guidelines, example values").
TEST(Digest, GivesThePublishedExamples) {
  const ByteView abc = as_bytes("abc");
  EXPECT_EQ(to_hex(sha1(abc)), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha256(abc)),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha384(abc)),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
            "8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(to_hex(sha512(abc)),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
  const std::string two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  EXPECT_EQ(to_hex(sha1(as_bytes(two_blocks))), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(to_hex(sha256(two_blocks)),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// RFC 1321, appendix A.5.
TEST(Digest, GivesTheExamplesOfMd5) {
  if (!digest_available(DigestKind::kMd5)) GTEST_SKIP() << "this OpenSSL has no MD5";
  EXPECT_EQ(to_hex(digest(DigestKind::kMd5, {})), "d41d8cd98f00b204e9800998ecf8427e");
  Digest md5(DigestKind::kMd5);
  md5.update("message ").update("digest");
  EXPECT_EQ(to_hex(md5.finish()), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Digest, OfNothingIsTheKnownValue) {
  EXPECT_EQ(to_hex(sha1({})), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(to_hex(sha256(ByteView())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(Digest(DigestKind::kSha256).finish()), to_hex(sha256(ByteView())));
}

TEST(Digest, TakesAMillionBytesInUnevenPieces) {
  const std::string piece(997, 'a');
  Digest digest(DigestKind::kSha256);
  std::size_t left = 1'000'000;
  while (left != 0) {
    const std::size_t n = std::min(left, piece.size());
    digest.update(std::string_view(piece).substr(0, n));
    left -= n;
  }
  EXPECT_EQ(to_hex(digest.finish()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, StreamingAgreesWithOneShotForEveryKind) {
  for (const DigestKind kind : kAllDigests) {
    Digest streaming(kind);
    streaming.update("first ").update("second");
    EXPECT_EQ(streaming.finish(), digest(kind, as_bytes("first second")));
    EXPECT_EQ(streaming.size(), digest_size(kind));
  }
}

TEST(Digest, IsReadyForTheNextMessageAfterFinishAndReset) {
  Digest digest(DigestKind::kSha256);
  (void)digest.update("left behind").finish();
  digest.update("forgotten");
  digest.reset();
  Digest moved = std::move(digest.update("abc"));
  EXPECT_EQ(moved.finish(), to_bytes(sha256("abc")));
}

// RFC 4231 sections 4.2, 4.3 and 4.7; RFC 2202 section 3 for SHA-1.
TEST(Hmac, GivesTheResultsOfRfc4231) {
  const Bytes key1(20, 0x0b);
  const ByteView hi = as_bytes("Hi There");
  EXPECT_EQ(to_hex(hmac_sha256(key1, hi)),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac(DigestKind::kSha384, key1, hi)),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
            "faea9ea9076ede7f4af152e8b2fa9cb6");
  EXPECT_EQ(to_hex(hmac(DigestKind::kSha512, key1, hi)),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854");
  EXPECT_EQ(to_hex(hmac(DigestKind::kSha1, key1, hi)), "b617318655057264e28bc0b6fb378c8ef146be00");
  EXPECT_EQ(to_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(Bytes(131, 0xaa),
                               as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AnEmptyKeyIsAKeyAndNotTheOneBefore) {
  (void)hmac_sha256(as_bytes("some other key"), as_bytes("x"));
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, DependsOnKeyAndData) {
  const auto right = hmac_sha256(as_bytes("key"), as_bytes("data"));
  EXPECT_NE(right, hmac_sha256(as_bytes("kez"), as_bytes("data")));
  EXPECT_NE(right, hmac_sha256(as_bytes("key"), as_bytes("datb")));
}

TEST(Digest, WorksOnManyThreadsAtOnce) {
  const Sha256Sum expected = sha256("abc");
  const Sha256Sum expected_mac = hmac_sha256(as_bytes("k"), as_bytes("abc"));
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t t = 0; t < wrong.size(); ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i)
        if (sha256("abc") != expected ||
            hmac_sha256(as_bytes("k"), as_bytes("abc")) != expected_mac)
          ++wrong[t];
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace sallyport::crypto
