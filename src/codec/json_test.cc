#include "codec/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace sallyport::codec {
namespace {

Errc refusal(std::string_view text, JsonLimits limits = {}) {
  const auto parsed = parse_json(text, limits);
  EXPECT_FALSE(parsed.ok()) << text;
  return parsed.ok() ? Errc::kInternal : parsed.error().code;
}

TEST(Json, ParsesEveryKindOfValue) {
  const auto v = parse_json(
      " {\"s\":\"\\u3042\\n\",\"i\":-7,\"u\":18446744073709551615,\"f\":1.5e3,\"t\":true,"
      "\"n\":null,\"a\":[1,[],{}]} ");
  ASSERT_TRUE(v.ok()) << v.error().message;
  EXPECT_EQ((*v)["s"], "\xe3\x81\x82\n");
  EXPECT_EQ((*v)["i"], -7);
  EXPECT_EQ((*v)["u"], 18446744073709551615u);
  EXPECT_EQ((*v)["f"], 1500.0);
  EXPECT_EQ((*v)["a"].size(), 3u);
  EXPECT_TRUE((*v)["n"].is_null());
  EXPECT_EQ(*parse_json("3"), 3);
}

TEST(Json, LetsTheLastOfRepeatedMembersCount) {
  const auto v = parse_json("{\"a\":{\"x\":1},\"a\":[1,2],\"a\":{\"y\":2}}");
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(v->dump(), "{\"a\":{\"y\":2}}");
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const char* text : {"",
                           " ",
                           "{",
                           "}",
                           "{\"a\"}",
                           "{\"a\":1,}",
                           "[1,]",
                           "[1 2]",
                           "nul",
                           "NaN",
                           "Infinity",
                           "-",
                           "01",
                           "1.",
                           ".5",
                           "+1",
                           "'a'",
                           "\"a",
                           "\"\\x\"",
                           "\"\x01\"",
                           "{} {}",
                           "{a:1}",
                           "// c\n1",
                           "1e999",
                           "\"\\ud800\"",
                           "\"\xff\"",
                           "\xef\xbb\xbf{}",
                           "[\"\xed\xa0\x80\"]"})
    EXPECT_EQ(refusal(text), Errc::kInvalidArgument) << text;
  EXPECT_EQ(refusal(std::string_view("{}\0", 3)), Errc::kInvalidArgument);
}

TEST(Json, SaysWhere) {
  EXPECT_EQ(parse_json("{\"secret\": x}").error().message, "the JSON text is malformed at byte 12");
  EXPECT_EQ(parse_json("[\"ab\xff\"]").error().message,
            "the JSON text is not plain UTF-8 at byte 4");
  EXPECT_EQ(parse_json("[1e999]").error().message, "the JSON text holds a number out of range");
}

TEST(Json, IsBounded) {
  const auto nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
  EXPECT_TRUE(parse_json(nested(64)).ok());
  EXPECT_EQ(refusal(nested(65)), Errc::kLimitExceeded);
  EXPECT_EQ(refusal(std::string(900000, '[')), Errc::kLimitExceeded);
  EXPECT_EQ(refusal("[1,2,3]", {6, 64}), Errc::kLimitExceeded);
}

TEST(Json, WritesCompactTextAndReplacesWhatIsNotUtf8) {
  EXPECT_EQ(write_json(nlohmann::json{{"b", 1}, {"a", "x\xff"}}),
            "{\"a\":\"x\xef\xbf\xbd\",\"b\":1}");
  nlohmann::ordered_json o;
  o["b"] = 1;
  o["a"] = 2;
  EXPECT_EQ(write_json(o), "{\"b\":1,\"a\":2}");
}

}  // namespace
}  // namespace sallyport::codec
