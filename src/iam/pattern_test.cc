#include "iam/pattern.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace sallyport::iam {
namespace {

Pattern parsed_pattern(std::string_view text, Pattern::Syntax syntax = {}) {
  auto pattern = Pattern::parse(text, syntax);
  EXPECT_TRUE(pattern.ok()) << text;
  return pattern.ok() ? *pattern : *Pattern::parse("-", {});
}

// The textbook definition, by dynamic programming.
bool matches_by_definition(std::string_view pattern, std::string_view text) {
  std::vector<std::vector<char>> m(pattern.size() + 1, std::vector<char>(text.size() + 1, 0));
  m[0][0] = 1;
  for (std::size_t i = 1; i <= pattern.size(); ++i) {
    for (std::size_t j = 0; j <= text.size(); ++j) {
      if (pattern[i - 1] == '*') {
        m[i][j] = m[i - 1][j] || (j > 0 && m[i][j - 1]);
      } else if (j > 0 && (pattern[i - 1] == '?' || pattern[i - 1] == text[j - 1])) {
        m[i][j] = m[i - 1][j - 1];
      }
    }
  }
  return m[pattern.size()][text.size()] != 0;
}

struct PatternCase {
  const char* pattern;
  const char* text;
  bool matches;
};

TEST(Pattern, MatchesWildcardsAsDefined) {
  constexpr PatternCase kCases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything/at:all", true},
      {"**", "x", true},
      {"?", "", false},
      {"?", "x", true},
      {"?", "xy", false},
      {"s3:Get*", "s3:GetObject", true},
      {"s3:Get*", "s3:Get", true},
      {"s3:Get*", "s3:PutObject", false},
      {"*Object", "s3:GetObject", true},
      {"*Object", "s3:GetObjectAcl", false},
      {"a*b*c", "abc", true},
      {"a*b*c", "a-b-b-c", true},
      {"a*b*c", "acb", false},
      {"a*a", "a", false},
      {"ab*ba", "aba", false},
      {"a?c*", "abcd", true},
      {"*a?c", "xxabcabc", true},
      {"*a?c*d", "aacabcd", true},
      {"arn:aws:s3:::demo/home/*", "arn:aws:s3:::demo/home/", true},
      {"arn:aws:s3:::demo/home/*", "arn:aws:s3:::demo/homes/a", false},
      {"A", "a", false},
  };
  for (const PatternCase& c : kCases) {
    EXPECT_EQ(parsed_pattern(c.pattern).matches(c.text, {}) == MatchResult::kYes, c.matches)
        << c.pattern << " on " << c.text;
    EXPECT_EQ(matches_by_definition(c.pattern, c.text), c.matches) << c.pattern;
  }
}

TEST(Pattern, AgreesWithTheDefinitionOnRandomTexts) {
  std::mt19937 random(20260102);
  const auto text_of = [&random](std::string_view alphabet, std::size_t longest) {
    std::string out(random() % (longest + 1), 'a');
    for (char& c : out) c = alphabet[random() % alphabet.size()];
    return out;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string pattern = text_of("ab*?", i % 10 == 0 ? 40 : 8);
    const std::string text = text_of("ab", i % 10 == 0 ? 300 : 10);
    ASSERT_EQ(parsed_pattern(pattern).matches(text, {}) == MatchResult::kYes,
              matches_by_definition(pattern, text))
        << pattern << " on " << text;
  }
}

TEST(Pattern, AnswersPatternsThatBlowUpBacktrackers) {
  std::string pattern, text(1024, 'a');
  for (int i = 0; i < 1000; ++i) pattern += "a*";
  EXPECT_EQ(parsed_pattern(pattern + "b").matches(text, {}), MatchResult::kNo);
  std::string any;
  for (int i = 0; i < 500; ++i) any += "?*a";
  EXPECT_EQ(parsed_pattern(any + "b").matches(text, {}), MatchResult::kNo);
}

TEST(Pattern, AnswersRunsOfAnyOneInLongTexts) {
  const std::string text(60000, 'a');
  // A run of `?` and letters between stars is tried at every place of the text.
  std::string run;
  for (int i = 0; i < 2000; ++i) run += "?a";
  EXPECT_EQ(parsed_pattern("*" + run + "b*").matches(text, {}), MatchResult::kNo);
  EXPECT_EQ(parsed_pattern("*" + run + "*").matches(text, {}), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("*" + std::string(5000, '?') + "*").matches(text, {}),
            MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("*" + std::string(60001, '?') + "*").matches(text, {}),
            MatchResult::kNo);
  EXPECT_EQ(parsed_pattern(std::string(60000, '?')).matches(text, {}), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern(std::string(59999, '?')).matches(text, {}), MatchResult::kNo);
}

TEST(Pattern, FindsARunWithAnyOneAtEveryPlace) {
  // Around the 64 places that are tried at once.
  for (std::size_t before = 0; before < 200; ++before) {
    const std::string text = std::string(before, 'x') + "axb" + std::string(before % 7, 'x') + "y";
    EXPECT_EQ(parsed_pattern("*a?b*y").matches(text, {}), MatchResult::kYes) << before;
    EXPECT_EQ(parsed_pattern("*a?c*").matches(text, {}), MatchResult::kNo) << before;
  }
}

TEST(Pattern, IgnoresCaseOnlyWhenTold) {
  const Pattern action = parsed_pattern("S3:get*", {.variables = false, .ignore_case = true});
  EXPECT_EQ(action.matches("s3:GetObject", {}), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("s3:get*").matches("s3:GetObject", {}), MatchResult::kNo);
}

TEST(Pattern, TakesWildcardsLiterallyWhereTheyAreNone) {
  const Pattern exact = parsed_pattern("a*", {.wildcards = false});
  EXPECT_EQ(exact.matches("a*", {}), MatchResult::kYes);
  EXPECT_EQ(exact.matches("ab", {}), MatchResult::kNo);
}

TEST(Pattern, PutsInVariablesAsPlainText) {
  const Context context{{"aws:username", "an*"}};
  const Pattern home = parsed_pattern("home/${AWS:UserName}/*");
  EXPECT_EQ(home.matches("home/an*/x", context), MatchResult::kYes);
  EXPECT_EQ(home.matches("home/anna/x", context), MatchResult::kNo);
  EXPECT_EQ(home.matches("home//x", {}), MatchResult::kUnresolved);
  EXPECT_EQ(parsed_pattern("home/${aws:username, 'nobody'}").matches("home/nobody", {}),
            MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("${*}${?}${$}{x}").matches("*?${x}", {}), MatchResult::kYes);
}

TEST(Pattern, PutsInOneVariableAfterTheOther) {
  const Context context{{"a", "x*"}, {"B", "y?"}, {"many", "1"}, {"many", "2"}, {"empty", ""}};
  const Pattern both = parsed_pattern("${a}-*-${b}");
  EXPECT_EQ(both.matches("x*-1-y?", context), MatchResult::kYes);
  EXPECT_EQ(both.matches("xx-1-y?", context), MatchResult::kNo);
  EXPECT_EQ(both.matches("x*-1-yy", context), MatchResult::kNo);
  EXPECT_EQ(both.matches("x*--", {{"a", "x*"}}), MatchResult::kUnresolved);
  EXPECT_EQ(parsed_pattern("${many}").matches("1", context), MatchResult::kUnresolved);
  EXPECT_EQ(parsed_pattern("${many, '3'}").matches("3", context), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("a${empty}b").matches("ab", context), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("${none,''}").matches("", context), MatchResult::kYes);
  EXPECT_EQ(parsed_pattern("${none, '*'}").matches("abc", context), MatchResult::kNo);
  EXPECT_EQ(
      parsed_pattern("${A}", {.wildcards = false, .ignore_case = true}).matches("X*", context),
      MatchResult::kYes);
}

TEST(Pattern, TakesVariablesLiterallyInPoliciesOf2008) {
  const Pattern old = parsed_pattern("a/${aws:username}", {.variables = false});
  EXPECT_EQ(old.matches("a/${aws:username}", {}), MatchResult::kYes);
}

TEST(Pattern, RefusesVariablesThatAreMalformed) {
  for (const char* text : {"${", "a/${aws:username", "${}", "${ }", "${a${b}}", "${a, b}", "${a,'}",
                           "${a b}", "${a b, 'c'}", "${ a}", "${, 'x'}", "x${a}${"}) {
    const auto pattern = Pattern::parse(text, {});
    ASSERT_FALSE(pattern.ok()) << text;
    EXPECT_EQ(pattern.error().code, Errc::kInvalidArgument);
  }
}

}  // namespace
}  // namespace sallyport::iam
