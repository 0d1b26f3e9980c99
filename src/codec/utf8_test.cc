#include "codec/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::codec {
namespace {

TEST(Utf8, TakesValidText) {
  for (const char* text : {"", "plain ascii text", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
                           "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                           "\xf4\x8f\xbf\xbf", "12345678\xe3\x81\x82 and more text behind it"})
    EXPECT_TRUE(is_valid_utf8(text)) << text;
  EXPECT_TRUE(is_valid_utf8(std::string_view("a\0b", 3)));
}

TEST(Utf8, RefusesOverlongSurrogatesAndWhatIsCutOff) {
  for (const char* text :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xc2", "\xc2\x20", "\xe0\x9f\xbf", "\xe3\x81",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\xe3\x81\xc0", "\xf0\x9f\x98"})
    EXPECT_EQ(valid_utf8_prefix("12345678" + std::string(text)), 8u) << text;
}

}  // namespace
}  // namespace sallyport::codec
