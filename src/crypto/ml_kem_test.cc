#include "crypto/ml_kem.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "crypto/test_ml_kem.h"

namespace sallyport::crypto {
namespace {

class MlKem : public ::testing::TestWithParam<MlKemSet> {};

TEST_P(MlKem, IsThereExactlyWhenOpensslMakesItsKeys) {
  EXPECT_EQ(has_ml_kem(GetParam()), TestMlKemKey(GetParam()).made());
}

TEST_P(MlKem, TheHolderOfTheKeyGetsTheSameSecret) {
  if (!has_ml_kem(GetParam())) GTEST_SKIP() << "no ML-KEM in this OpenSSL";
  const TestMlKemKey key(GetParam());
  const auto one = ml_kem_encapsulate(GetParam(), key.public_half());
  const auto other = ml_kem_encapsulate(GetParam(), key.public_half());
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->ciphertext.size(), ml_kem_ciphertext_size(GetParam()));
  EXPECT_EQ(key.decapsulate(one->ciphertext), one->shared_secret);
  EXPECT_NE(one->shared_secret, other->shared_secret);
}

// FIPS 203 section 7.2: twelve-bit coefficients are below 3329.
TEST_P(MlKem, AKeyThatIsNotReducedIsRefused) {
  if (!has_ml_kem(GetParam())) GTEST_SKIP() << "no ML-KEM in this OpenSSL";
  const Bytes good = TestMlKemKey(GetParam()).public_half();
  ASSERT_EQ(good.size(), ml_kem_key_size(GetParam()));
  for (const int coefficient : {3328, 3329, 4095}) {
    for (const std::size_t at : {std::size_t{0}, good.size() - 32 - 3}) {
      const auto result = ml_kem_encapsulate(GetParam(), with_coefficient(good, at, coefficient));
      EXPECT_EQ(result.ok(), coefficient < 3329) << coefficient << " at " << at;
      if (!result.ok()) EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
      EXPECT_EQ(ERR_peek_error(), 0u);
    }
  }
}

TEST_P(MlKem, AKeyOfAnotherLengthIsRefused) {
  const std::size_t size = ml_kem_key_size(GetParam());
  for (const std::size_t other : {std::size_t{0}, std::size_t{32}, size - 1, size + 1, 2 * size}) {
    const auto result = ml_kem_encapsulate(GetParam(), Bytes(other));
    ASSERT_FALSE(result.ok());
    if (has_ml_kem(GetParam())) EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, MlKem, ::testing::Values(MlKemSet::kMlKem768, MlKemSet::kMlKem1024),
                         [](const auto& info) {
                           return info.param == MlKemSet::kMlKem768 ? "MlKem768" : "MlKem1024";
                         });

}  // namespace
}  // namespace sallyport::crypto
