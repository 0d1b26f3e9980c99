#include "api/page_token.h"

#include <gtest/gtest.h>

namespace sallyport::api {
namespace {

const PageTokens& tokens() {
  static const PageTokens one{SecretString(std::string(32, 'k'))};
  return one;
}

TEST(PageTokens, GiveBackThePosition) {
  for (const char* position : {"", "ann", "s-0123456789abcdef0", "\xf0\x9f\x93\xa6"}) {
    const auto opened = tokens().open(tokens().make("ListUsers|s-1", position), "ListUsers|s-1");
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*opened, position);
  }
}

TEST(PageTokens, AreRefusedForAnotherListing) {
  const std::string token = tokens().make("ListUsers|s-1", "ann");
  for (const char* listing : {"ListUsers|s-2", "ListServers", "", "ListUsers|s-1ann"})
    EXPECT_FALSE(tokens().open(token, listing).ok()) << listing;
}

TEST(PageTokens, AreRefusedWhenAnythingOfThemChanged) {
  const std::string token = tokens().make("ListServers", "s-0123456789abcdef0");
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string altered = token;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tokens().open(altered, "ListServers").ok()) << i;
  }
  for (const std::string& bad : {std::string("x"), token + "AAAA", token.substr(4), std::string(),
                                 std::string("!!!!"), std::string(10'000, 'A')}) {
    const auto opened = tokens().open(bad, "ListServers");
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().reason, "InvalidNextTokenException");
  }
}

TEST(PageTokens, AreRefusedUnderAnotherKey) {
  const PageTokens other{SecretString(std::string(32, 'x'))};
  EXPECT_FALSE(tokens().open(other.make("ListServers", "s-1"), "ListServers").ok());
}

}  // namespace
}  // namespace sallyport::api
