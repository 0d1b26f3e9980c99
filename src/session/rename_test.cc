// Renames at an extended server.
#include <gtest/gtest.h>

#include "session/testing/session_fixture.h"
#include "storage/testing/faulty_object_store.h"

namespace sallyport::session {
namespace {

using storage::testing::Call;
using testing::SessionTest;

class RenameTest : public SessionTest {
 protected:
  RenameTest() {
    site = std::make_unique<SiteRules>(nullptr, clock);
    site->set_compatibility({{"default", model::Compatibility::kExtended}});
  }
  Result<void> rename(std::string from, std::string to, bool overwrite = false) {
    return wait(session().rename(std::move(from), std::move(to), overwrite));
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> out;
    for (const auto& [key, object] : objects.buckets.at("demo")) out.push_back(key);
    return out;
  }
};

using Keys = std::vector<std::string>;

TEST_F(RenameTest, MovesADirectoryWithAllThatIsBelow) {
  for (const char* key : {"ann/d/", "ann/d/x", "ann/d/deep/er/y", "ann/dz"})
    objects.put("demo", key, key);
  objects.buckets["demo"]["ann/d/x"].info.metadata = {{"mode", "33152"}};
  ASSERT_TRUE(rename("d", "e").ok());
  EXPECT_EQ(keys(), (Keys{"ann/dz", "ann/e/", "ann/e/deep/er/y", "ann/e/x"}));
  EXPECT_EQ(objects.find("demo", "ann/e/x")->content, "ann/d/x");
  EXPECT_EQ(objects.find("demo", "ann/e/x")->info.metadata.at("mode"), "33152");
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["activity-type"], "RENAME");
  EXPECT_EQ(written[0]["path"], "/demo/ann/d");
  EXPECT_EQ(written[0]["new-path"], "/demo/ann/e");
}

TEST_F(RenameTest, MovesMoreThanABatch) {
  for (int i = 0; i < 1001; ++i) objects.put("demo", "ann/d/" + std::to_string(i), "x");
  ASSERT_TRUE(rename("d", "e").ok());
  EXPECT_EQ(keys().size(), 1001u);
  EXPECT_EQ(keys().front(), "ann/e/0");
}

TEST_F(RenameTest, ReplacesAFileOnlyWhenAskedTo) {
  objects.put("demo", "ann/a", "a");
  objects.put("demo", "ann/b", "b");
  expect_refused(rename("a", "b"), Errc::kAlreadyExists);
  EXPECT_EQ(objects.find("demo", "ann/b")->content, "b");
  ASSERT_TRUE(rename("a", "b", true).ok());
  EXPECT_EQ(keys(), (Keys{"ann/b"}));
  EXPECT_EQ(objects.find("demo", "ann/b")->content, "a");
  ASSERT_TRUE(rename("b", "b", true).ok()) << "onto itself";
}

TEST_F(RenameTest, ADirectoryTakesThePlaceOfAnEmptyOneOnly) {
  objects.put("demo", "ann/d/x", "x");
  objects.put("demo", "ann/empty/", "");
  objects.put("demo", "ann/full/y", "y");
  objects.put("demo", "ann/file", "f");
  expect_refused(rename("d", "empty"), Errc::kAlreadyExists);
  expect_refused(rename("d", "full", true), Errc::kConflict);
  expect_refused(rename("d", "file", true), Errc::kConflict);
  expect_refused(rename("file", "full", true), Errc::kConflict);
  ASSERT_TRUE(rename("d", "empty", true).ok());
  EXPECT_EQ(keys(), (Keys{"ann/empty/", "ann/empty/x", "ann/file", "ann/full/y"}));
}

TEST_F(RenameTest, ADirectoryIsNotEmptyBecauseItsFirstPageIs) {
  objects.most_listed = 1;
  objects.put("demo", "ann/d/x", "mine");
  objects.put("demo", "ann/full/", "");
  objects.put("demo", "ann/full/x", "theirs");
  expect_refused(rename("d", "full", true), Errc::kConflict);
  EXPECT_EQ(objects.find("demo", "ann/full/x")->content, "theirs");
  EXPECT_NE(objects.find("demo", "ann/d/x"), nullptr);
}

TEST_F(RenameTest, RefusesWhatCannotBe) {
  objects.put("demo", "ann/", "");
  objects.put("demo", "ann/d/x", "x");
  expect_refused(rename("missing", "e"), Errc::kNotFound);
  expect_refused(rename("d", "d/inside"), Errc::kInvalidArgument);
  expect_refused(rename("/demo", "/other"), Errc::kPermissionDenied);
  expect_refused(rename("/demo/ann", "/demo/bob"), Errc::kPermissionDenied);
  expect_refused(rename("d", "/"), Errc::kAlreadyExists);
  EXPECT_EQ(keys(), (Keys{"ann/", "ann/d/x"}));
}

TEST_F(RenameTest, AFailureHalfWayLeavesEveryObjectOnce) {
  storage::testing::FaultyObjectStore faulty(objects);
  store = &faulty;
  for (int i = 0; i < 600; ++i) objects.put("demo", "ann/d/" + std::to_string(i), "x");
  faulty.faults().fail(Call::kMove, Error(Errc::kIo, "disk"), 1, 400);
  const auto refused = rename("d", "e");
  expect_refused(refused, Errc::kIo);
  EXPECT_EQ(refused.error().message,
            "Failure; some of the directory was renamed, the rest has its old name");
  std::set<std::string> names;
  std::size_t moved = 0;
  for (const std::string& key : keys()) {
    names.insert(key.substr(6));
    moved += key.starts_with("ann/e/") ? 1 : 0;
  }
  EXPECT_EQ(names.size(), 600u);
  EXPECT_EQ(keys().size(), 600u);
  EXPECT_EQ(moved, 400u);
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["activity-type"], "ERROR");
  EXPECT_EQ(written[0]["operation"], "RENAME");
  ASSERT_FALSE(rename("d", "e").ok()) << "the new name is there now";
}

TEST_F(RenameTest, AFailureWithinTheFirstBatchIsToldAsWhatItIs) {
  storage::testing::FaultyObjectStore faulty(objects);
  store = &faulty;
  for (const char* key : {"ann/d/a", "ann/d/b"}) objects.put("demo", key, "x");
  faulty.faults().fail(Call::kMove, Error(Errc::kPermissionDenied, "no", "AccessDenied"));
  const auto none = rename("d", "e");
  expect_refused(none, Errc::kPermissionDenied);
  EXPECT_EQ(none.error().message.find("renamed"), std::string::npos) << none.error().message;
  EXPECT_EQ(keys(), (Keys{"ann/d/a", "ann/d/b"}));
  faulty.faults().fail(Call::kMove, Error(Errc::kPermissionDenied, "no", "AccessDenied"), 1, 1);
  const auto some = rename("d", "e");
  expect_refused(some, Errc::kPermissionDenied);
  EXPECT_EQ(some.error().message,
            "Permission denied; some of the directory was renamed, the rest has its old name");
  EXPECT_EQ(keys(), (Keys{"ann/d/b", "ann/e/a"}));
}

TEST_F(RenameTest, NeedsEveryRightForEveryKey) {
  allow(
      R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},)"
      R"({"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::demo/ann/d/kept"}]})");
  objects.put("demo", "ann/d/a", "x");
  objects.put("demo", "ann/d/kept", "x");
  expect_refused(rename("d", "e"), Errc::kPermissionDenied);
  EXPECT_EQ(keys(), (Keys{"ann/d/a", "ann/d/kept"})) << "a batch is judged before it is moved";
}

TEST_F(RenameTest, StrictServersRenameNoDirectory) {
  site->set_compatibility({});
  objects.put("demo", "ann/d/x", "x");
  objects.put("demo", "ann/a", "a");
  objects.put("demo", "ann/b", "b");
  expect_refused(rename("d", "e"), Errc::kUnsupported);
  expect_refused(rename("a", "b", true), Errc::kAlreadyExists);
}

}  // namespace
}  // namespace sallyport::session
