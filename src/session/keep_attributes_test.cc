// Times and modes at an extended server.
#include <gtest/gtest.h>

#include "session/kept_attributes.h"
#include "session/testing/session_fixture.h"

namespace sallyport::session {
namespace {

using testing::SessionTest;

class KeepAttributesTest : public SessionTest {
 protected:
  KeepAttributesTest() {
    site = std::make_unique<SiteRules>(nullptr, clock);
    site->set_compatibility({{"default", model::Compatibility::kExtended}});
  }
  Result<void> set(std::string path, std::optional<std::uint32_t> mode,
                   std::optional<std::int64_t> seconds) {
    AttributeChange change;
    change.mode = mode;
    if (seconds) change.modified = from_unix_ms(*seconds * 1000);
    return wait(session().set_attributes(std::move(path), change));
  }
  storage::Metadata& metadata(const std::string& key) {
    return objects.buckets["demo"][key].info.metadata;
  }
};

TEST_F(KeepAttributesTest, AreShownByStatAndInListings) {
  objects.put("demo", "ann/a", "x");
  metadata("ann/a")["colour"] = "red";
  objects.put("demo", "ann/d/", "");
  ASSERT_TRUE(set("a", 0100600, 1'000'000'000).ok());
  ASSERT_TRUE(set("d", 0700, 1'000'000'001).ok());
  EXPECT_EQ(metadata("ann/a"),
            (storage::Metadata{{"colour", "red"}, {"mode", "33152"}, {"mtime", "1000000000"}}));
  EXPECT_EQ(metadata("ann/d/").at("mode"), "16832");
  auto reader = wait(session().open_directory("."));
  ASSERT_TRUE(reader.ok());
  const auto entries = wait((*reader)->next(10));
  ASSERT_TRUE(entries.ok());
  ASSERT_EQ(entries->size(), 2u);
  for (const DirectoryEntry& entry : *entries) {
    const auto seen = wait(session().stat(entry.name));
    ASSERT_TRUE(seen.ok());
    const bool file = entry.name == "a";
    for (const FileAttributes& one : {*seen, entry.attributes}) {
      EXPECT_EQ(one.mode, file ? 0600u : 0700u);
      EXPECT_EQ(to_unix_ms(one.modified), file ? 1'000'000'000'000 : 1'000'000'001'000);
      EXPECT_EQ(one.directory, !file);
    }
  }
}

TEST_F(KeepAttributesTest, OfOtherToolsAreUnderstoodAndNonsenseIsNot) {
  struct Case {
    storage::Metadata metadata;
    std::int64_t seconds;
    std::optional<std::uint32_t> mode;
  };
  const Case cases[] = {
      {{{"mtime", "1500000000.123456789"}}, 1500000000, std::nullopt},
      {{{"mode", "33188"}}, 7, 0644u},
      {{{"mode", "420"}}, 7, 0644u},
      {{{"mode", "16877"}}, 7, std::nullopt},
      {{{"mode", "-1"}, {"mtime", "-5"}}, 7, std::nullopt},
      {{{"mode", "rw-r--r--"}, {"mtime", "yesterday"}}, 7, std::nullopt},
      {{{"mode", "99999999999999"}, {"mtime", "99999999999999999999"}}, 7, std::nullopt},
      {{{"mode", ""}, {"mtime", ""}}, 7, std::nullopt},
      {{{"mode", "33188 "}, {"mtime", "12x"}}, 7, std::nullopt},
  };
  for (const Case& c : cases) {
    FileAttributes shown{false, 1, from_unix_ms(7000)};
    show_kept(c.metadata, shown);
    EXPECT_EQ(to_unix_ms(shown.modified) / 1000, c.seconds);
    EXPECT_EQ(shown.mode, c.mode);
  }
}

TEST_F(KeepAttributesTest, OfADirectoryWithoutAnObjectAreASuccessWithoutEffect) {
  objects.put("demo", "ann/d/x", "x");
  EXPECT_TRUE(set("d", 0700, std::nullopt).ok());
  EXPECT_TRUE(set("/", 0700, std::nullopt).ok());
  EXPECT_EQ(objects.buckets["demo"].size(), 1u);
}

TEST_F(KeepAttributesTest, RefuseOwnersAndWhatIsMissingAndWhoMayNot) {
  objects.put("demo", "ann/a", "x");
  expect_refused(set("a", std::nullopt, std::nullopt), Errc::kUnsupported);
  expect_refused(set("missing", 0600, std::nullopt), Errc::kNotFound);
  AttributeChange change;
  change.size = 1;
  expect_refused(wait(session().set_attributes("/", change)), Errc::kConflict);
  (void)lines();
  server.protocol_details.set_stat_option = "ENABLE_NO_OP";
  log_in_again();
  EXPECT_TRUE(set("a", std::nullopt, std::nullopt).ok());
  (void)lines();
  allow(R"({"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"*"}]})");
  log_in_again();
  expect_refused(set("a", 0600, std::nullopt), Errc::kPermissionDenied);
  EXPECT_EQ(lines().back()["operation"], "SETSTAT");
}

TEST_F(KeepAttributesTest, AreNeitherKeptNorShownByStrictServers) {
  objects.put("demo", "ann/a", "x");
  metadata("ann/a") = {{"mode", "33152"}, {"mtime", "1000000000"}};
  site->set_compatibility({});
  const auto seen = wait(session().stat("a"));
  ASSERT_TRUE(seen.ok());
  EXPECT_EQ(seen->mode, std::nullopt);
  EXPECT_NE(to_unix_ms(seen->modified), 1'000'000'000'000);
  expect_refused(set("a", 0600, std::nullopt), Errc::kUnsupported);
}

}  // namespace
}  // namespace sallyport::session
