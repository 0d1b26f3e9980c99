#include "iam/condition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "iam/condition_values.h"

namespace sallyport::iam {
namespace {

using ::testing::HasSubstr;
using Values = std::vector<std::string>;

struct ConditionCase {
  const char* op;
  Values values;
  std::vector<std::string> given;  // values of the key "k" in the request
  bool holds;
};

// With ${aws:username} = "ann" and ${aws:TagKeys} = "a", "b".
void check(std::initializer_list<ConditionCase> cases) {
  for (const ConditionCase& c : cases) {
    const auto condition = Condition::parse(c.op, "K", c.values, true);
    ASSERT_TRUE(condition.ok()) << c.op << ": " << condition.error().message;
    Context context{{"aws:username", "ann"}, {"aws:TagKeys", "a"}, {"aws:TagKeys", "b"}};
    for (const std::string& value : c.given) context.push_back({"k", value});
    EXPECT_EQ(condition->holds(context), c.holds)
        << c.op << " " << (c.values.empty() ? "nothing" : c.values.front()) << " with "
        << (c.given.empty() ? "no value" : c.given.front());
  }
}

// IAM user guide, reference_policies_elements_condition_operators.html, "String condition
// operators".
TEST(Condition, ComparesStrings) {
  check({
      {"StringEquals", {"a", "b"}, {"b"}, true},
      {"StringEquals", {"a"}, {"A"}, false},
      {"StringEquals", {"a*"}, {"ab"}, false},
      {"StringEquals", {"a*"}, {"a*"}, true},
      {"StringEquals", {"${aws:username}"}, {"ann"}, true},
      {"StringNotEquals", {"a", "b"}, {"c"}, true},
      {"StringNotEquals", {"a", "b"}, {"b"}, false},
      {"StringEqualsIgnoreCase", {"ABC"}, {"aBc"}, true},
      {"StringEqualsIgnoreCase", {"${aws:USERNAME}"}, {"ANN"}, true},
      {"StringNotEqualsIgnoreCase", {"ABC"}, {"abc"}, false},
      {"StringLike", {"home/*", "home"}, {"home/x/"}, true},
      {"StringLike", {"home/*", "home"}, {"homes"}, false},
      {"StringLike", {"h?me"}, {"home"}, true},
      {"StringLike", {"${*}?"}, {"*x"}, true},
      {"StringLike", {"${*}?"}, {"ax"}, false},
      {"StringNotLike", {"home/*"}, {"other"}, true},
      {"StringNotLike", {"home/*"}, {"home/a"}, false},
  });
}

// The same page, "Numeric condition operators".
TEST(Condition, ComparesNumbers) {
  check({
      {"NumericEquals", {"10"}, {"10.0"}, true},
      {"NumericEquals", {"1", "2"}, {"2"}, true},
      {"NumericEquals", {"10"}, {"11"}, false},
      {"NumericNotEquals", {"1", "2"}, {"2"}, false},
      {"NumericNotEquals", {"1", "2"}, {"3"}, true},
      {"NumericLessThan", {"10"}, {"9"}, true},
      {"NumericLessThan", {"10"}, {"10"}, false},
      {"NumericLessThanEquals", {"10"}, {"10"}, true},
      {"NumericLessThanEquals", {"10"}, {"10.5"}, false},
      {"NumericGreaterThan", {"-1"}, {"0"}, true},
      {"NumericGreaterThan", {"0"}, {"0"}, false},
      {"NumericGreaterThanEquals", {"5000000000000"}, {"5000000000000"}, true},
      {"NumericGreaterThanEquals", {"5"}, {"4"}, false},
      {"NumericLessThan", {"10"}, {"many"}, false},
      {"NumericLessThan", {"10"}, {""}, false},
      {"NumericNotEquals", {"10"}, {"many"}, true},
  });
}

// The same page, "Date condition operators".
TEST(Condition, ComparesDates) {
  check({
      {"DateEquals", {"2026-01-02T03:04:05Z"}, {"1767323045"}, true},
      {"DateEquals", {"2026-01-02"}, {"2026-01-02T00:00:00.000Z"}, true},
      {"DateEquals", {"2026-01-02T03:04Z"}, {"2026-01-02T05:04:00+02:00"}, true},
      {"DateNotEquals", {"2026"}, {"2026-01-01T00:00:00Z"}, false},
      {"DateNotEquals", {"2026"}, {"2026-01-01T00:00:01Z"}, true},
      {"DateLessThan", {"2026-01-02T03:04:05Z"}, {"2026-01-02T03:04:04.999Z"}, true},
      {"DateLessThan", {"2026-01-02T03:04:05Z"}, {"2026-01-02T03:04:05Z"}, false},
      {"DateLessThanEquals", {"2026-01-02T03:04:05Z"}, {"2026-01-02T03:04:05Z"}, true},
      {"DateGreaterThan", {"1767323045"}, {"2026-01-02T03:04:06Z"}, true},
      {"DateGreaterThan", {"1767323045"}, {"2026-01-02T03:04:05Z"}, false},
      {"DateGreaterThanEquals", {"2026-01"}, {"2026-01-01T00:00:00Z"}, true},
      {"DateGreaterThanEquals", {"2026-01"}, {"2025-12-31T23:59:59Z"}, false},
      {"DateLessThan", {"2026-01"}, {"soon"}, false},
  });
}

// The same page, "Boolean", "Binary" and "IP address condition operators".
TEST(Condition, ComparesTruthBytesAndAddresses) {
  check({
      {"Bool", {"true"}, {"true"}, true},
      {"Bool", {"True"}, {"TRUE"}, true},
      {"Bool", {"false"}, {"true"}, false},
      {"Bool", {"true"}, {"1"}, false},
      {"BinaryEquals", {"QmluYXJ5VmFsdWU="}, {"BinaryValue"}, true},
      {"BinaryEquals", {"QmluYXJ5VmFsdWU="}, {"binaryvalue"}, false},
      {"BinaryEquals", {"QmluYXJ5VmFsdWU="}, {"QmluYXJ5VmFsdWU="}, false},
      {"IpAddress", {"203.0.113.0/24", "2001:DB8:1234:5678::/64"}, {"203.0.113.255"}, true},
      {"IpAddress", {"203.0.113.0/24", "2001:DB8:1234:5678::/64"}, {"203.0.114.0"}, false},
      {"IpAddress", {"2001:DB8:1234:5678::/64"}, {"2001:db8:1234:5678::9"}, true},
      {"IpAddress", {"2001:DB8:1234:5678::/64"}, {"2001:db8:1234:5679::9"}, false},
      {"IpAddress", {"203.0.113.9"}, {"203.0.113.9"}, true},
      {"IpAddress", {"203.0.113.9"}, {"203.0.113.8"}, false},
      // Access Analyzer's "Improve IP range": bits beyond the prefix are ignored.
      {"IpAddress", {"203.0.113.9/24"}, {"203.0.113.1"}, true},
      {"IpAddress", {"2001:db8::1/32"}, {"2001:db8:ffff::"}, true},
      {"IpAddress", {"0.0.0.0/0"}, {"198.51.100.1"}, true},
      {"IpAddress", {"0.0.0.0/0"}, {"::1"}, false},
      {"IpAddress", {"203.0.113.0/24"}, {"nonsense"}, false},
      {"NotIpAddress", {"203.0.113.0/24"}, {"203.0.113.9"}, false},
      {"NotIpAddress", {"203.0.113.0/24"}, {"198.51.100.1"}, true},
  });
}

// The same page, "Amazon Resource Name (ARN) condition operators", with its own example.
TEST(Condition, ComparesArnsFieldByField) {
  constexpr const char* kPattern = "arn:aws:someservice:*:111122223333:finance/*";
  constexpr const char* kOther =
      "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt";
  check({
      {"StringLike", {kPattern}, {kOther}, true},
      {"ArnLike", {kPattern}, {kOther}, false},
      {"ArnEquals", {kPattern}, {kOther}, false},
      {"ArnNotLike", {kPattern}, {kOther}, true},
      {"ArnLike", {kPattern}, {"arn:aws:someservice:x:111122223333:finance/a:b"}, true},
      {"ArnEquals", {"arn:aws:transfer:*:1:server/s-?"}, {"arn:aws:transfer:a:1:server/s-1"}, true},
      {"ArnNotEquals",
       {"arn:aws:transfer:*:1:server/s-?"},
       {"arn:aws:transfer:a:1:server/s-1"},
       false},
      {"ArnEquals", {"arn:aws:iam::1:user/${aws:username}"}, {"arn:aws:iam::1:user/ann"}, true},
      {"ArnEquals", {"arn:aws:iam::1:user/${aws:username}"}, {"arn:aws:iam::1:user/bob"}, false},
      {"ArnLike", {"arn:aws:iam::1:user/${aws:none, 'eve'}"}, {"arn:aws:iam::1:user/eve"}, true},
      {"ArnLike", {"arn:aws:iam::1:user/a"}, {"arn:aws:iam::1:user/A"}, false},
      {"ArnLike", {"*"}, {"arn:a:b:c:d:e"}, true},
      {"ArnLike", {kPattern}, {"no ARN"}, false},
      {"ArnNotLike", {"*"}, {"arn:a:b:c:d:e"}, false},
  });
}

// The same page: its box "Important" on missing keys, "...IfExists" and "Null".
TEST(Condition, DecidesWithoutTheKey) {
  check({
      {"StringEquals", {"a"}, {}, false},
      {"StringLike", {"*"}, {}, false},
      {"StringNotEquals", {"a"}, {}, true},
      {"StringNotLike", {"*"}, {}, true},
      {"NumericLessThan", {"1"}, {}, false},
      {"NumericNotEquals", {"1"}, {}, true},
      {"DateGreaterThan", {"2026"}, {}, false},
      {"DateNotEquals", {"2026"}, {}, true},
      {"Bool", {"false"}, {}, false},
      {"BinaryEquals", {""}, {}, false},
      {"IpAddress", {"0.0.0.0/0"}, {}, false},
      {"NotIpAddress", {"0.0.0.0/0"}, {}, true},
      {"ArnLike", {"*"}, {}, false},
      {"ArnNotLike", {"*"}, {}, true},
      {"StringEqualsIfExists", {"a"}, {}, true},
      {"StringEqualsIfExists", {"a"}, {"b"}, false},
      {"StringNotEqualsIfExists", {"a"}, {}, true},
      {"NumericLessThanIfExists", {"1"}, {}, true},
      {"DateGreaterThanIfExists", {"2026"}, {}, true},
      {"BoolIfExists", {"true"}, {}, true},
      {"BoolIfExists", {"true"}, {"false"}, false},
      {"IpAddressIfExists", {"203.0.113.0/24"}, {}, true},
      {"ArnLikeIfExists", {"arn:a:b:c:d:e"}, {}, true},
      {"ForAnyValue:StringEqualsIfExists", {"a"}, {}, true},
      {"Null", {"true"}, {}, true},
      {"Null", {"true"}, {""}, false},
      {"Null", {"false"}, {}, false},
      {"Null", {"false"}, {"x"}, true},
      // Access Analyzer's "Null with qualifier".
      {"ForAllValues:Null", {"true"}, {"x"}, true},
      {"ForAnyValue:Null", {"true"}, {}, false},
  });
}

// IAM user guide, reference_policies_multi-value-conditions.html and
// reference_policies_condition-single-vs-multi-valued-context-keys.html.
TEST(Condition, ComparesSetsOfValues) {
  const Values wanted = {"PostDateTime", "Message", "Tags"};
  check({
      {"ForAllValues:StringEquals", wanted, {"PostDateTime", "UserName"}, false},
      {"ForAnyValue:StringEquals", wanted, {"PostDateTime", "UserName"}, true},
      {"ForAllValues:StringEquals", wanted, {"Message", "Tags"}, true},
      {"ForAnyValue:StringEquals", wanted, {"UserName"}, false},
      {"ForAllValues:StringEquals", wanted, {}, true},
      {"ForAnyValue:StringEquals", wanted, {}, false},
      // "resolve to a null data set, such as an empty string"
      {"ForAllValues:StringEquals", wanted, {""}, true},
      {"ForAnyValue:StringLike", {"*"}, {""}, false},
      {"ForAllValues:StringNotEquals", wanted, {"ID", "UserName"}, true},
      {"ForAllValues:StringNotEquals", wanted, {"ID", "Tags"}, false},
      {"ForAnyValue:StringNotEquals", wanted, {"ID", "Tags"}, true},
      {"ForAnyValue:StringNotEquals", wanted, {"Message", "Tags"}, false},
      {"ForAnyValue:StringNotEquals", wanted, {}, false},
      {"ForAllValues:StringLike", {"a*"}, {"ab", "ac"}, true},
      {"ForAllValues:NumericLessThan", {"5"}, {"1", "7"}, false},
      {"ForAnyValue:NumericLessThan", {"5"}, {"1", "7"}, true},
      // Without a qualifier a negated operator is the opposite of the plain one.
      {"StringEquals", {"b"}, {"a", "b"}, true},
      {"StringNotEquals", {"b"}, {"a", "b"}, false},
      // Access Analyzer's "Empty array condition" and its kin.
      {"StringEquals", {}, {"a"}, false},
      {"ForAllValues:StringEquals", {}, {"a"}, false},
      {"ForAllValues:StringEquals", {}, {}, true},
      {"ForAnyValue:StringEquals", {}, {"a"}, false},
      {"StringEqualsIfExists", {}, {}, true},
  });
}

// IAM user guide, reference_policies_variables.html, "Policy variables with no value" and "You
// can't use a multivalued condition key as a variable".
TEST(Condition, MatchesNothingWithAVariableWithoutAValue) {
  check({
      {"StringEquals", {"${aws:PrincipalTag/Team}"}, {""}, false},
      {"StringLike", {"*${aws:PrincipalTag/Team}*"}, {"x"}, false},
      {"StringEquals", {"${aws:PrincipalTag/Team}", "x"}, {"x"}, true},
      {"StringNotEquals", {"${aws:PrincipalTag/Team}"}, {"x"}, true},
      {"StringNotLike", {"${aws:PrincipalTag/Team}*"}, {"x"}, true},
      {"ArnLike", {"arn:aws:iam::1:user/${a:b}"}, {"arn:aws:iam::1:user/"}, false},
      {"StringEquals", {"${aws:TagKeys}"}, {"a"}, false},
      {"StringEquals", {"${aws:TagKeys, 'c'}"}, {"c"}, true},
  });
}

TEST(Condition, TakesVariablesLiterallyInPoliciesOf2008) {
  const auto condition = Condition::parse("StringEquals", "k", {"${aws:username}"}, false);
  ASSERT_TRUE(condition.ok());
  EXPECT_TRUE(condition->holds({{"aws:username", "ann"}, {"k", "${aws:username}"}}));
  EXPECT_FALSE(condition->holds({{"aws:username", "ann"}, {"k", "ann"}}));
}

struct Refused {
  const char* op;
  const char* value;
  const char* message;
};

TEST(Condition, RefusesWhatDoesNotFitTheOperator) {
  constexpr Refused kCases[] = {
      {"StringMatches", "a", "unknown condition operator"},
      {"stringequals", "a", "unknown condition operator"},
      {"ForSomeValues:StringEquals", "a", "unknown condition operator"},
      {"StringEqualsIfExistsIfExists", "a", "unknown condition operator"},
      {"ForAllValues:ForAnyValue:StringEquals", "a", "unknown condition operator"},
      {"IfExists", "a", "unknown condition operator"},
      {"", "a", "unknown condition operator"},
      {"NotBool", "true", "unknown condition operator"},
      {"NullIfExists", "true", "does not take IfExists"},
      {"Null", "maybe", "neither \"true\" nor \"false\""},
      {"Bool", "yes", "neither \"true\" nor \"false\""},
      {"Bool", "", "neither"},
      {"NumericEquals", "ten", "is no number"},
      {"NumericEquals", "", "is no number"},
      {"NumericEquals", "1 ", "is no number"},
      {"NumericEquals", "nan", "is no number"},
      {"NumericEquals", "1e999", "is no number"},
      {"NumericEquals", "0x10", "is no number"},
      {"NumericLessThan", "${aws:username}", "is no number"},
      {"DateEquals", "tomorrow", "is no date"},
      {"DateEquals", "2026-02-30", "is no date"},
      {"DateEquals", "2026-13-01", "is no date"},
      {"DateEquals", "2026-01-02T03:04:05", "is no date"},
      {"DateEquals", "2026-01-02T03:04:05+2:00", "is no date"},
      {"DateEquals", "2026-01-02 03:04:05Z", "is no date"},
      {"DateEquals", "2026-*", "is no date"},
      {"DateEquals", "99999999999999999999", "is no date"},
      {"DateEquals", "", "is no date"},
      {"IpAddress", "10.0.0.0/33", "is no address range"},
      {"IpAddress", "10.0.0.1/", "is no address range"},
      {"IpAddress", "10.0.0/8", "is no address range"},
      {"IpAddress", "10.0.0.*", "is no address range"},
      {"IpAddress", "::/129", "is no address range"},
      {"NotIpAddress", "example.com", "is no address range"},
      {"BinaryEquals", "a", "is no base64"},
      {"BinaryEquals", "!!!!", "is no base64"},
      {"ArnLike", "s3", "is no ARN"},
      {"ArnEquals", "arn:aws:s3", "is no ARN"},
      {"ArnEquals", "arn:aws:s3:${a:b}", "is no ARN"},
      {"ArnLike", "arn:aws:iam::1:user/${a", "does not close it"},
      {"StringEquals", "${", "does not close it"},
      {"StringLike", "${a b}", "space"},
  };
  for (const Refused& c : kCases) {
    const auto condition = Condition::parse(c.op, "k", {c.value}, true);
    ASSERT_FALSE(condition.ok()) << c.op << " " << c.value;
    EXPECT_EQ(condition.error().code, Errc::kInvalidArgument);
    EXPECT_THAT(condition.error().message, HasSubstr(c.message)) << c.op << " " << c.value;
  }
  EXPECT_FALSE(Condition::parse("StringEquals", "", {"a"}, true).ok());
}

TEST(ConditionDate, ReadsAllDocumentedForms) {
  constexpr std::int64_t kSecond = 1000000;
  EXPECT_EQ(parse_condition_date("1970"), 0);
  EXPECT_EQ(parse_condition_date("1970-01"), 0);
  EXPECT_EQ(parse_condition_date("1970-01-02"), 86400 * kSecond);
  EXPECT_EQ(parse_condition_date("1970-01-01T00:01Z"), 60 * kSecond);
  EXPECT_EQ(parse_condition_date("1970-01-01T00:00:01Z"), kSecond);
  EXPECT_EQ(parse_condition_date("1970-01-01T00:00:00.5Z"), kSecond / 2);
  EXPECT_EQ(parse_condition_date("1970-01-01T00:00:00.123456789Z"), 123456);
  EXPECT_EQ(parse_condition_date("1970-01-01T01:00:00+01:00"), 0);
  EXPECT_EQ(parse_condition_date("1969-12-31T22:30:00-01:30"), 0);
  EXPECT_EQ(parse_condition_date("2024-02-29"), 1709164800 * kSecond);
  EXPECT_EQ(parse_condition_date("1709164800"), 1709164800 * kSecond);
  EXPECT_EQ(parse_condition_date("1709164800.25"), 1709164800 * kSecond + kSecond / 4);
  EXPECT_EQ(parse_condition_date("-10000"), -10000 * kSecond);
  for (const char* text : {"2023-02-29", "197", "1970-1-1", "1970-01-01T", "1970-01-01T00Z",
                           "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00", "1970-01-01T24:00Z",
                           "--10000", "12345x", "12345.", "253402300800", "1970-01-01Z", "-1970"})
    EXPECT_FALSE(parse_condition_date(text)) << text;
}

TEST(SplitArn, KeepsColonsOfTheResourceAndOfVariables) {
  const auto plain = split_arn("arn:aws:s3:::a:b:c", false);
  ASSERT_TRUE(plain);
  EXPECT_EQ((*plain)[2], "s3");
  EXPECT_EQ((*plain)[5], "a:b:c");
  const auto variable = split_arn("arn:aws:iam::${aws:x}:user/${aws:y}", true);
  ASSERT_TRUE(variable);
  EXPECT_EQ((*variable)[4], "${aws:x}");
  EXPECT_EQ((*variable)[5], "user/${aws:y}");
  EXPECT_FALSE(split_arn("arn:aws:iam:a:b", false));
  EXPECT_FALSE(split_arn("arn:aws:iam::${aws:x}", true));
  EXPECT_FALSE(split_arn("arn:aws:iam::${aws:x", true));
  EXPECT_FALSE(split_arn("", false));
}

}  // namespace
}  // namespace sallyport::iam
