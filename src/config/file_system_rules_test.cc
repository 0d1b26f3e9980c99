#include "config/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/test_text.h"

namespace sallyport::config {
namespace {

void expect_refused(const std::string& text, const std::string& words) {
  const auto loaded = load_text(text);
  ASSERT_FALSE(loaded.ok()) << text;
  EXPECT_EQ(loaded.error().code, Errc::kInvalidArgument);
  EXPECT_THAT(loaded.error().message, ::testing::HasSubstr(words));
}

TEST(FileSystemSections, AreReadAndPrinted) {
  const std::string text = "[file_systems.\"fs-0123456789abcdef0\"]\npath = \"/mnt/x\"\n";
  const auto loaded = load_text(text);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->settings.file_systems.at("fs-0123456789abcdef0").path, "/mnt/x");
  const auto again = load_text(print(*loaded));
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
