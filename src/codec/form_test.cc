#include "codec/form.h"

#include <gtest/gtest.h>

namespace sallyport::codec {
namespace {

TEST(Form, ParsesFieldsInOrder) {
  const auto f =
      parse_form("Action=CreateRole&Version=2010-05-08&Doc=%7B%22a%22%3A+1%7D&&x&=y&Action=2");
  ASSERT_TRUE(f.ok());
  EXPECT_EQ(f->get("Action"), "CreateRole");
  EXPECT_EQ(f->get("Doc"), "{\"a\": 1}");
  EXPECT_EQ(f->find("x"), "");
  EXPECT_EQ(f->get(""), "y");
  EXPECT_FALSE(f->contains("action"));
  EXPECT_EQ(f->fields().size(), 6u);
  EXPECT_TRUE(parse_form("")->fields().empty());
}

TEST(Form, EncodesWhatItParses) {
  Form f;
  f.add("a b", "c&d=\xe3\x81\x82+");
  EXPECT_EQ(f.encode(), "a%20b=c%26d%3D%E3%81%82%2B");
  EXPECT_EQ(parse_form(f.encode())->fields(), f.fields());
}

TEST(Form, RefusesBadEscapesAndBytes) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=1", "a=%ff", "a=\xff", "a=%ed%a0%80"})
    EXPECT_FALSE(parse_form(text).ok()) << text;
  EXPECT_EQ(parse_form("a=1&b=%").error().message, "form field 2 is not percent-encoded correctly");
}

TEST(Form, IsBounded) {
  EXPECT_EQ(parse_form("a=1&b=2", {6, 10}).error().code, Errc::kLimitExceeded);
  EXPECT_EQ(parse_form("a=1&b=2&c", {100, 2}).error().code, Errc::kLimitExceeded);
}

}  // namespace
}  // namespace sallyport::codec
