#include "api/pattern.h"

#include <gtest/gtest.h>

namespace sallyport::api {
namespace {

bool pattern_matches(std::string_view pattern, std::string_view text) {
  const auto compiled = Pattern::compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern;
  return compiled.ok() && compiled->matches(text);
}

TEST(Pattern, MatchesTheWholeText) {
  EXPECT_TRUE(pattern_matches("s-([0-9a-f]{17})", "s-0123456789abcdef0"));
  EXPECT_FALSE(pattern_matches("s-([0-9a-f]{17})", "s-0123456789abcdef01"));
  EXPECT_FALSE(pattern_matches("s-([0-9a-f]{17})", "xs-0123456789abcdef0"));
  EXPECT_FALSE(pattern_matches("s-([0-9a-f]{17})", "s-0123456789abcdef0\n"));
}

TEST(Pattern, KnowsPosixPrintAsJavaDoes) {
  EXPECT_TRUE(pattern_matches("[\\p{Print}]*", "a b~!"));
  EXPECT_FALSE(pattern_matches("[\\p{Print}]*", "a\tb"));
  EXPECT_FALSE(pattern_matches("[\\p{Print}]*", "\xc3\xa9"));
  EXPECT_TRUE(pattern_matches("\\p{Print}+", "a b"));
  EXPECT_FALSE(pattern_matches("[\\p{Graph}]+", "a b"));
}

TEST(Pattern, KnowsUnicodeEscapes) {
  EXPECT_TRUE(pattern_matches("[\\u0021-\\u007E]+", "a!~"));
  EXPECT_FALSE(pattern_matches("[\\u0021-\\u007E]+", "a b"));
  EXPECT_TRUE(pattern_matches("[\\t\\n\\r\\u0020-\\u00FF]+", "\xc3\xbf"));
  EXPECT_FALSE(pattern_matches("[\\t\\n\\r\\u0020-\\u00FF]+", "\xc4\x80"));
}

TEST(Pattern, KnowsUnicodeCategories) {
  EXPECT_TRUE(pattern_matches("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)", "\xc3\xa9t\xc3\xa9 2026"));
  EXPECT_FALSE(pattern_matches("([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)", "a;b"));
}

TEST(Pattern, CountsTheVerticalTabAsSpace) {
  EXPECT_TRUE(pattern_matches("\\s", "\x0b"));
  EXPECT_TRUE(pattern_matches("[\\s]", "\x0b"));
  EXPECT_FALSE(pattern_matches("[\\S \\t]", "\x0b"));
  EXPECT_TRUE(pattern_matches("[\\S \\t]*", "comment with words"));
}

TEST(Pattern, LetsTheDotStopAtLineEnds) {
  EXPECT_TRUE(pattern_matches("/.*", "/a/b"));
  EXPECT_FALSE(pattern_matches("/.*", "/a\nb"));
  EXPECT_FALSE(pattern_matches("/.*", "/a\rb"));
  EXPECT_FALSE(pattern_matches("/.*",
                               "/a\xe2\x80\xa8"
                               "b"));
  EXPECT_TRUE(pattern_matches("[.]", "."));
  EXPECT_FALSE(pattern_matches("[.]", "a"));
}

TEST(Pattern, AcceptsKeyLinesOfEveryKind) {
  constexpr std::string_view kKeyLine =
      "\\s*(ssh|ecdsa)-[a-z0-9-]+[ \\t]+(([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{1,3})?(={0,3})?)"
      "(\\s*|[ \\t]+[\\S \\t]*\\s*)";
  EXPECT_TRUE(pattern_matches(kKeyLine, "ssh-ed25519 AAAA"));
  EXPECT_TRUE(pattern_matches(kKeyLine, "ecdsa-sha2-nistp256 AAAA= ann@host of mine\n"));
  EXPECT_FALSE(pattern_matches(kKeyLine, "---- BEGIN SSH2 PUBLIC KEY ----"));
  EXPECT_FALSE(pattern_matches(kKeyLine, "ssh-rsa AAAA comment\nssh-rsa AAAA"));
  EXPECT_FALSE(pattern_matches(kKeyLine, "command=\"x\" ssh-rsa AAAA"));
}

TEST(Pattern, StaysLinearOnTextThatMakesBacktrackersExplode) {
  const std::string evil(200'000, 'a');
  EXPECT_FALSE(pattern_matches("(a*)*b", evil));
  EXPECT_FALSE(pattern_matches("\\$\\{(\\w+.)+\\w+\\}", "${" + evil));
}

TEST(Pattern, RefusesWhatCannotBeCompiled) {
  EXPECT_FALSE(Pattern::compile("(").ok());
  EXPECT_FALSE(Pattern::compile("a\\").ok());
  EXPECT_FALSE(Pattern::compile("(a)\\1").ok());
}

}  // namespace
}  // namespace sallyport::api
