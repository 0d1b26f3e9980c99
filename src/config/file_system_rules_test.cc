#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

namespace sallyport::config {
namespace {

Result<Loaded> load_file_systems(const std::string& text) {
  std::string path = ::testing::TempDir() + "/file-systems-XXXXXX";
  const int fd = ::mkstemp(path.data());
  EXPECT_GE(fd, 0);
  ::close(fd);
  std::ofstream(path) << text;
  auto loaded = load(path, {});
  std::remove(path.c_str());
  return loaded;
}

void expect_refused(const std::string& text, const std::string& words) {
  const auto loaded = load_file_systems(text);
  ASSERT_FALSE(loaded.ok()) << text;
  EXPECT_EQ(loaded.error().code, Errc::kInvalidArgument);
  EXPECT_THAT(loaded.error().message, ::testing::HasSubstr(words));
}

TEST(FileSystemSections, AreReadAndPrinted) {
  const std::string text = "[file_systems.\"fs-0123456789abcdef0\"]\npath = \"/mnt/x\"\n";
  const auto loaded = load_file_systems(text);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->settings.file_systems.at("fs-0123456789abcdef0").path, "/mnt/x");
  const auto again = load_file_systems(print(*loaded));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->settings.file_systems.size(), 1u);
}

TEST(FileSystemSections, AreRefusedWithWhatIsWrong) {
  expect_refused("file_systems = 1", "a table is expected");
  expect_refused("[file_systems]\n\"fs-0123456789abcdef0\" = \"/x\"", "a table is expected");
  expect_refused("[file_systems.demo]\npath = \"/x\"", "an id such as");
  expect_refused("[file_systems.\"fs-0123456789ABCDEF0\"]\npath = \"/x\"", "an id such as");
  expect_refused("[file_systems.\"fs-0123456789abcdef0\"]\npath = \"x\"", "absolute");
  expect_refused("[file_systems.\"fs-0123456789abcdef0\"]\npath = 1", "absolute");
  expect_refused("[file_systems.\"fs-0123456789abcdef0\"]\n", "missing");
  expect_refused("[file_systems.\"fs-0123456789abcdef0\"]\nfolder = \"/x\"", "there is path");
}

}  // namespace
}  // namespace sallyport::config
