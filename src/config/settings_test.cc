#include "config/settings.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "config/settings_table.h"

namespace sallyport::config {
namespace {

std::string write_file(const std::string& text) {
  // CTest runs each case as a process of its own, several at once.
  const std::string path =
      testing::TempDir() + "sallyport_settings_" + std::to_string(::getpid()) + ".toml";
  std::ofstream(path) << text;
  return path;
}

TEST(Settings, NamesAreUniqueAndEveryRowHasWords) {
  std::set<std::string_view> names;
  for (const Row& row : rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.meaning.empty()) << row.name;
  }
}

TEST(Settings, EveryDefaultIsWithinItsBounds) {
  const Settings defaults;
  for (const Row& row : rows()) {
    if (const auto* m = std::get_if<std::int64_t Settings::*>(&row.member)) {
      EXPECT_GE(defaults.**m, row.min) << row.name;
      EXPECT_LE(defaults.**m, row.max) << row.name;
    }
  }
}

TEST(Settings, CommandLineWinsOverEnvironmentOverFile) {
  const std::string file =
      write_file("region = \"eu-west-1\"\naccount = \"1\"\n[sftp]\nidle_timeout = 7\n");
  ::setenv("SALLYPORT_REGION", "eu-west-2", 1);
  ::setenv("SALLYPORT_SFTP_IDLE_TIMEOUT", "8", 1);
  const auto loaded = load(file, {{"region", "eu-west-3"}});
  ::unsetenv("SALLYPORT_REGION");
  ::unsetenv("SALLYPORT_SFTP_IDLE_TIMEOUT");
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(loaded->settings.region, "eu-west-3");
  EXPECT_EQ(loaded->settings.sftp_idle_timeout, 8);
  EXPECT_EQ(loaded->settings.account, "1");
  EXPECT_EQ(loaded->sources.at("account"), Source::kFile);
  EXPECT_EQ(loaded->sources.at("region"), Source::kCommandLine);
}

TEST(Settings, PrintHidesSecretsAndReadsBackAsTheSame) {
  auto loaded = load("", {{"root.secret_access_key", "very-secret"}, {"sftp.idle_timeout", "99"}});
  ASSERT_TRUE(loaded.ok());
  const std::string text = print(*loaded);
  EXPECT_EQ(text.find("very-secret"), std::string::npos);
  const auto again = load(write_file(text), {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->settings.sftp_idle_timeout, 99);
}

TEST(Settings, PrintedTextsReadBackWhateverTheyHold) {
  auto loaded = load("", {{"data_dir", "a \"b\" \\ c\n\x7f'd'"}});
  ASSERT_TRUE(loaded.ok());
  const auto again = load(write_file(print(*loaded)), {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->settings.data_dir, loaded->settings.data_dir);
}

TEST(Settings, PrintShowsWhatServerSectionsMaySayAndItReadsWhenUncommented) {
  const std::string text = print(*load("", {}));
  const auto begin = text.find("# [servers.default]\n");
  ASSERT_NE(begin, std::string::npos);
  std::string uncommented = text.substr(0, begin);
  std::istringstream block(text.substr(begin));
  for (std::string line; std::getline(block, line);)
    uncommented += (line.rfind("# ", 0) == 0 ? line.substr(2) : line) + "\n";
  const auto loaded = load(write_file(uncommented), {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const ServerSection& section = loaded->settings.servers.at("default");
  EXPECT_EQ(section.compatibility, "strict");
  EXPECT_EQ(section.user_limits.upload_files_per_day, 0);
  EXPECT_EQ(section.users.at("USER").max_sessions, 0);
}

TEST(Settings, ServerSectionFallsBackToDefault) {
  const auto loaded = load(write_file("[servers.default]\nallow = [\"10.0.0.0/8\"]\n"
                                      "[servers.\"s-0123456789abcdef0\"]\nallow = []\n"),
                           {});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->settings.server_section("s-x").allow.size(), 1u);
  EXPECT_TRUE(loaded->settings.server_section("s-0123456789abcdef0").allow.empty());
}

TEST(Settings, TrustedAuthoritiesAreReadPerServerAndPrintedSoThatTheyReadBack) {
  const auto loaded =
      load(write_file("[servers.default]\ntrusted_user_ca = [\"ssh-ed25519 AAAA the \\\"big\\\" one\", 'b']\n"), {});
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  const ServerSection& section = loaded->settings.server_section("s-x");
  EXPECT_EQ(section.trusted_user_ca, (std::vector<std::string>{"ssh-ed25519 AAAA the \"big\" one", "b"}));
  EXPECT_TRUE(section.allow.empty());
  const auto again = load(write_file(print(*loaded)), {});
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(again->settings.server_section("s-x").trusted_user_ca, section.trusted_user_ca);
}

TEST(Settings, RefusesUnknownNamesWrongTypesAndValuesOutOfBounds) {
  for (const char* text :
       {"regoin = \"x\"", "region = 5", "[sftp]\nidle_timeout = \"8\"", "[sftp]\nidle_timeout = 0",
        "[sftp]\nidle_timeout = 1.5", "[storage]\nsync = \"maybe\"", "region = ", "servers = 1",
        "[servers.default]\nallow = \"10.0.0.0/8\"", "[servers.default]\ndeny = []",
        "[servers.default]\ntrusted_user_ca = \"ssh-ed25519 AAAA\"", "[servers.default]\ntrusted_user_ca = [1]"}) {
    const auto loaded = load(write_file(text), {});
    ASSERT_FALSE(loaded.ok()) << text;
    EXPECT_EQ(loaded.error().code, Errc::kInvalidArgument) << text;
  }
  EXPECT_FALSE(load("/nonexistent/file.toml", {}).ok());
  EXPECT_FALSE(load("", {{"sftp.idle_timeout", "8x"}}).ok());
  EXPECT_FALSE(load("", {{"no.such", "8"}}).ok());
}

TEST(Ports, ParsesListsAndRangesInOrderWithoutRepeats) {
  EXPECT_EQ(*parse_ports("2222,2220-2223"), (std::vector<std::uint16_t>{2222, 2220, 2221, 2223}));
}

TEST(Ports, RefusesWhatIsNoListOfPorts) {
  for (const char* text : {"", ",", "0", "65536", "5-4", "22,", "22;23", "a", "1-2-3", "-5"})
    EXPECT_FALSE(parse_ports(text).ok()) << text;
}

}  // namespace
}  // namespace sallyport::config
