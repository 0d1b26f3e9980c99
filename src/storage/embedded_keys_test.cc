#include "storage/embedded_keys.h"

#include <gtest/gtest.h>

namespace sallyport::storage {
namespace {

TEST(PlainPath, IsForOrdinaryComponentsOnly) {
  for (const char* key : {"a", "a/b/c", ".hidden", "...", "a/..b", "with space/\xc3\xa9"}) {
    EXPECT_TRUE(has_plain_path(key)) << key;
  }
  EXPECT_TRUE(has_plain_path(std::string(200, 'x')));
  for (const char* key : {"/", "/a", "a/", "a//b", ".", "..", "../x", "a/../b", "a/.", "a/./b",
                          ".sallyport", ".sallyport/staging/x", ".sallyport-2"}) {
    EXPECT_FALSE(has_plain_path(key)) << key;
  }
  EXPECT_FALSE(has_plain_path(std::string(201, 'x')));
  EXPECT_FALSE(has_plain_path("a/" + std::string(201, 'x') + "/b"));
}

}  // namespace
}  // namespace sallyport::storage
