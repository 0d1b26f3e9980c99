#include "base/secret.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace sallyport {
namespace {

TEST(SecretString, ComparesAndMovesWithoutLeavingTheValueBehind) {
  SecretString a(std::string("hush, a secret that does not fit into the object itself"));
  EXPECT_TRUE(a.equals(SecretString(std::string(a.reveal()))));
  EXPECT_FALSE(a.equals(SecretString("other")));
  const SecretString b = std::move(a);
  EXPECT_TRUE(a.empty());
  EXPECT_FALSE(b.empty());
}

TEST(EqualConstantTime, TellsDifferencesOfContentAndLength) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "abcd"));
}

TEST(SystemRandom, GivesHexOfTheLengthAskedForAndNeverTheSame) {
  SystemRandom random;
  const std::string a = random.hex(17), b = random.hex(17);
  EXPECT_EQ(a.size(), 17u);
  EXPECT_NE(a, b);
  EXPECT_EQ(a.find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace sallyport
