#include "session/path.h"

#include <gtest/gtest.h>

namespace sallyport::session {
namespace {

TEST(CleanPath, ResolvesLexically) {
  struct Case {
    const char* path;
    const char* clean;
  };
  constexpr Case kCases[] = {
      {"", "/home/ann"},
      {".", "/home/ann"},
      {"a", "/home/ann/a"},
      {"./a/./b/", "/home/ann/a/b"},
      {"..", "/home"},
      {"../..", "/"},
      {"../../../../etc", "/etc"},
      {"/", "/"},
      {"//", "/"},
      {"/a//b///c", "/a/b/c"},
      {"/a/../b", "/b"},
      {"/a/b/../../..", "/"},
      {"/..", "/"},
      {"/...", "/..."},
      {"/a/..b/.c", "/a/..b/.c"},
      {"/\xe3\x83\x86 x", "/\xe3\x83\x86 x"},
  };
  for (const Case& c : kCases) {
    const auto clean = clean_path("/home/ann", c.path);
    ASSERT_TRUE(clean.ok()) << c.path;
    EXPECT_EQ(*clean, c.clean) << c.path;
  }
}

TEST(CleanPath, RefusesWhatIsNoPath) {
  using namespace std::string_view_literals;
  const std::string cases[] = {std::string("a\0b"sv), "\xff", "/a/\xc0\xaf",
                               "/" + std::string(kMaxPathBytes, 'a'), std::string(100'000, '/')};
  for (const std::string& path : cases) {
    const auto clean = clean_path("/", path);
    ASSERT_FALSE(clean.ok()) << path.substr(0, 20);
    EXPECT_EQ(clean.error().code, Errc::kInvalidArgument);
  }
  EXPECT_TRUE(clean_path("/", "/" + std::string(kMaxPathBytes - 1, 'a')).ok());
}

TEST(PathParts, AreThoseOfACleanPath) {
  EXPECT_EQ(base_name("/a/b"), "b");
  EXPECT_EQ(base_name("/"), "");
  EXPECT_EQ(parent_path("/a/b"), "/a");
  EXPECT_EQ(parent_path("/a"), "/");
  EXPECT_EQ(parent_path("/"), "/");
}

}  // namespace
}  // namespace sallyport::session
