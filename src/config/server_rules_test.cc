#include <gtest/gtest.h>

#include "config/settings.h"
#include "config/test_text.h"

namespace sallyport::config {
namespace {

constexpr const char* kSections = R"(
[servers.default]
compatibility = "extended"
[servers."s-1"]
allow = ["10.0.0.0/8"]
user_max_sessions = 5
user_bandwidth_in = 1000000
user_upload_bytes_per_day = 0
[servers."s-1".users."bob@example.com"]
user_max_sessions = 0
user_bandwidth_out = 7
user_upload_files_per_day = 9
)";

void expect_sections(const Settings& settings) {
  EXPECT_EQ(settings.server_section("s-2").compatibility, "extended");
  const ServerSection& section = settings.server_section("s-1");
  EXPECT_EQ(section.compatibility, "");
  EXPECT_EQ(section.allow.size(), 1u);
  EXPECT_EQ(section.user_limits.max_sessions, 5);
  EXPECT_EQ(section.user_limits.bandwidth_in, 1000000);
  EXPECT_EQ(section.user_limits.bandwidth_out, std::nullopt);
  EXPECT_EQ(section.user_limits.upload_bytes_per_day, 0);
  ASSERT_EQ(section.users.size(), 1u);
  const UserLimitSettings& bob = section.users.at("bob@example.com");
  EXPECT_EQ(bob.max_sessions, 0);
  EXPECT_EQ(bob.bandwidth_in, std::nullopt);
  EXPECT_EQ(bob.bandwidth_out, 7);
  EXPECT_EQ(bob.upload_files_per_day, 9);
}

TEST(ServerRules, AreReadAndPrintedSoThatTheyCanBeReadAgain) {
  const auto loaded = load_text(kSections);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  expect_sections(loaded->settings);
  const auto again = load_text(print(*loaded));
  ASSERT_TRUE(again.ok()) << again.error().message;
  expect_sections(again->settings);
}

TEST(ServerRules, RefuseOtherNamesTypesAndValues) {
  for (const char* text :
       {"compatibility = \"better\"", "compatibility = true", "user_max_sessions = -1",
        "user_max_sessions = \"5\"", "user_bandwidth_in = 1.5", "user_max_files = 1", "users = 1",
        "users.bob = 1", "users.bob.max_sessions = 1", "users.bob.compatibility = \"strict\""}) {
    const auto loaded = load_text(std::string("[servers.default]\n") + text + "\n");
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_EQ(loaded.error().code, Errc::kInvalidArgument) << text;
    EXPECT_NE(loaded.error().message.find("servers.default."), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace sallyport::config
