// Start-up after a crash at each step of a change, made by hand.
#include <filesystem>

#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;

class AfterCrash : public testing::EmbeddedDisk {
 protected:
  void owe(int kind) {
    run("INSERT INTO storage_intent SELECT 1, bucket, key, " + std::to_string(kind) +
        ", content, inode FROM storage_object");
  }
};

TEST_F(AfterCrash, ACommittedBodyInStagingIsBroughtToItsPlace) {
  ASSERT_TRUE(driver_->put("a/b", "body").ok());
  owe(1);
  fs::rename(bucket() / "a/b", staging() / name_of_content("a/b"));
  fs::remove(bucket() / "a");
  EXPECT_EQ(*driver_->get("a/b"), "body");  // before, too
  restart();
  EXPECT_EQ(content_of(bucket() / "a/b"), "body");
  EXPECT_EQ(*driver_->get("a/b"), "body");
  EXPECT_EQ(files_in(staging()), 0u);
}

TEST_F(AfterCrash, ACommittedBodyTurnsAsideWhereItsPlaceIsTaken) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(1);
  fs::rename(bucket() / "a", staging() / name_of_content("a"));
  plant(bucket() / "a/in-the-way", "x");
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
  EXPECT_EQ(files_in(reserved()), 1u);
}

TEST_F(AfterCrash, ABodyTurnedAsideWithoutItsRowKnowingIsFound) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(1);
  fs::rename(bucket() / "a", reserved() / name_of_content("a"));
  EXPECT_EQ(*driver_->get("a"), "body");
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
  EXPECT_EQ(instance_->count("SELECT location FROM storage_object"), 2);
}

TEST_F(AfterCrash, ABodyThatWasReplacedIsDropped) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  const std::string old = name_of_content("a");
  owe(1);
  ASSERT_TRUE(driver_->put("a", "newer").ok());
  plant(staging() / old, "body");
  restart();
  EXPECT_EQ(*driver_->get("a"), "newer");
  EXPECT_EQ(files_in(staging()), 0u);
}

TEST_F(AfterCrash, AFileWhoseRowWasRemovedGoes) {
  ASSERT_TRUE(driver_->put("a/b", "body").ok());
  owe(2);
  run("DELETE FROM storage_object");
  EXPECT_EQ(scan().taken_in, 0u);  // it is known to be going
  restart();
  EXPECT_FALSE(fs::exists(bucket() / "a"));
  EXPECT_EQ(scan().taken_in, 0u);
}

TEST_F(AfterCrash, AFileThatIsCurrentAgainStays) {
  ASSERT_TRUE(driver_->put("a", "body").ok());
  owe(2);
  restart();
  EXPECT_EQ(*driver_->get("a"), "body");
}

// --- versions: kinds 4 (keep) and 5 (return)

class AfterCrashWithVersions : public AfterCrash {
 protected:
  AfterCrashWithVersions() { EXPECT_TRUE(driver_->set_versioning(Versioning::kEnabled).ok()); }

  std::string name_of_version() { return name_of("SELECT content FROM storage_version"); }
  void owe_keeping() {
    run("INSERT INTO storage_intent SELECT 2, bucket, key, 4, content, inode FROM storage_version");
  }
  std::string first_id_, second_id_;

  // Two versions of one key, with nothing done to files since the second one's transaction.
  void put_two(const std::string& key) {
    first_id_ = driver_->put(key, "first")->version_id;
    second_id_ = driver_->put(key, "second")->version_id;
    stop();
    start();
    owe(1);
    owe_keeping();
    fs::rename(bucket() / key, staging() / name_of_content(key));
    fs::create_directories((bucket() / key).parent_path());
    fs::rename(reserved() / name_of_version(), bucket() / key);
  }
  void expect_two(const std::string& key) {
    EXPECT_EQ(driver_->get(key).value(), "second");
    EXPECT_EQ(driver_->get_version(key, first_id_).value(), "first");
    EXPECT_EQ(driver_->get_version(key, second_id_).value(), "second");
  }
};

TEST_F(AfterCrashWithVersions, TheOldFileIsKeptBeforeTheNewOneIsPlaced) {
  put_two("a/b");
  expect_two("a/b");  // before, too
  restart();
  expect_two("a/b");
  EXPECT_EQ(content_of(bucket() / "a/b"), "second");
  EXPECT_EQ(content_of(reserved() / name_of_version()), "first");
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AKeptFileIsNotTouchedAgain) {
  put_two("a");
  fs::rename(bucket() / "a", reserved() / name_of_version());
  expect_two("a");
  restart();
  expect_two("a");
  EXPECT_EQ(content_of(bucket() / "a"), "second");
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AVersionThatNeverCameToItsPlaceIsKept) {
  first_id_ = driver_->put("a", "first")->version_id;
  ASSERT_TRUE(driver_->remove("a").ok());
  restart();
  run("INSERT INTO storage_intent SELECT 1, bucket, key, 1, content, inode FROM storage_version "
      "WHERE marker = 0");
  run("INSERT INTO storage_intent SELECT 2, bucket, key, 4, content, inode FROM storage_version "
      "WHERE marker = 0");
  const std::string name = name_of("SELECT content FROM storage_version WHERE marker = 0");
  fs::rename(reserved() / name, staging() / name);
  EXPECT_EQ(driver_->get_version("a", first_id_).value(), "first");
  restart();
  EXPECT_EQ(driver_->get_version("a", first_id_).value(), "first");
  EXPECT_FALSE(fs::exists(bucket() / "a"));
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AFileThatWasToBeKeptGoesWithItsVersion) {
  put_two("a");
  run("DELETE FROM storage_version");
  restart();
  EXPECT_EQ(*driver_->get("a"), "second");
  EXPECT_EQ(content_of(bucket() / "a"), "second");
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AnOldFileThatCouldNotBeKeptIsNotReplaced) {
  put_two("a");
  // The process goes on with the business undone; the next version comes.
  const auto third = driver_->put("a", "third");
  ASSERT_TRUE(third.ok());
  expect_tidy();
  EXPECT_EQ(*driver_->get("a"), "third");
  EXPECT_EQ(driver_->get_version("a", first_id_).value(), "first");
  EXPECT_EQ(driver_->get_version("a", second_id_).value(), "second");
  EXPECT_EQ(content_of(bucket() / "a"), "third");
}

TEST_F(AfterCrashWithVersions, AVersionThatCameUpReturnsToItsPath) {
  ASSERT_TRUE(driver_->put("a/b", "first").ok());
  restart();
  owe(5);
  fs::rename(bucket() / "a/b", reserved() / name_of_content("a/b"));
  fs::remove(bucket() / "a");
  EXPECT_EQ(*driver_->get("a/b"), "first");  // before, too
  restart();
  EXPECT_EQ(content_of(bucket() / "a/b"), "first");
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AVersionThatCameUpStaysAsideWhereItsPathIsTaken) {
  ASSERT_TRUE(driver_->put("a", "first").ok());
  restart();
  owe(5);
  fs::rename(bucket() / "a", reserved() / name_of_content("a"));
  ASSERT_TRUE(driver_->put("a/b", "below").ok());
  restart();
  EXPECT_EQ(*driver_->get("a"), "first");
  EXPECT_EQ(*driver_->get("a/b"), "below");
  expect_tidy();
}

TEST_F(AfterCrashWithVersions, AReplacedFileOfARemovedVersionMakesRoomForTheOneThatComesUp) {
  first_id_ = driver_->put("a", "first")->version_id;
  const auto second = driver_->put("a", "second");
  restart();
  // The transaction of a removal of the second version, and nothing of its business with files.
  const std::string old_name = name_of_version();
  run("INSERT INTO storage_intent SELECT 2, bucket, key, 2, content, inode FROM storage_object");
  stop();
  start();  // carries out an erasure of a current file: nothing
  EXPECT_EQ(content_of(bucket() / "a"), "second");
  run("INSERT INTO storage_intent SELECT 2, bucket, key, 2, content, inode FROM storage_object");
  run("DELETE FROM storage_object");
  run("INSERT INTO storage_object SELECT bucket, key, 1, content, size, modified_ms, etag, inode, "
      "mtime_ns, version, content_type, metadata, headers, tags, checksums, part_count, "
      "version_id, rank FROM storage_version");
  run("DELETE FROM storage_version");
  owe(5);
  EXPECT_EQ(*driver_->get("a"), "first");
  restart();
  EXPECT_EQ(content_of(bucket() / "a"), "first");
  EXPECT_FALSE(fs::exists(reserved() / old_name));
  expect_tidy();
}

// --- uploads in parts

class AfterCrashWithUploads : public AfterCrash {};

TEST_F(AfterCrashWithUploads, PartsSurviveAndFilesThatAreNoneDoNot) {
  const auto id = driver_->begin("k");
  const auto part = driver_->put_part("k", *id, 1, "part");
  plant(parts() / "0123456789abcdef", "a part whose row was not committed");
  plant(parts() / "no number", "x");
  restart();
  EXPECT_EQ(files_in(parts()), 1u);
  ASSERT_TRUE(driver_->complete("k", *id, {*part}).ok());
  EXPECT_EQ(*driver_->get("k"), "part");
  expect_tidy();
}

TEST_F(AfterCrashWithUploads, AnUploadIsWholeBeforeTheTransactionOfItsCompletion) {
  const auto id = driver_->begin("k");
  const auto part = driver_->put_part("k", *id, 1, "part");
  const std::string name = name_of("SELECT content FROM storage_part");
  fs::create_hard_link(parts() / name, staging() / "0123456789abcdef");
  restart();
  EXPECT_EQ(files_in(staging()), 0u);
  EXPECT_EQ(driver_->get("k").error().reason, "NoSuchKey");
  ASSERT_TRUE(driver_->complete("k", *id, {*part}).ok());
  EXPECT_EQ(*driver_->get("k"), "part");
}

TEST_F(AfterCrashWithUploads, AnObjectIsThereAfterTheTransactionOfItsCompletion) {
  const auto id = driver_->begin("k");
  const auto part = driver_->put_part("k", *id, 1, "part");
  ASSERT_TRUE(driver_->complete("k", *id, {*part}).ok());
  restart();
  owe(1);
  const std::string name = name_of_content("k");
  fs::rename(bucket() / "k", staging() / name);
  fs::create_hard_link(staging() / name, parts() / "0123456789abcdef");
  restart();
  EXPECT_EQ(content_of(bucket() / "k"), "part");
  EXPECT_EQ(files_in(parts()), 0u);
  expect_tidy();
}

// --- a database of the first schema

TEST(EmbeddedMigration, ObjectsOfTheFirstSchemaAreRead) {
  const testing::TemporaryFolder folder;
  const auto state = (folder.path() / "state.sqlite").string();
  {
    const auto newest = EmbeddedObjectStore::migrations();
    const state::MigrationSet first[] = {{newest.name, newest.migrations.first(1)}};
    auto database = state::Database::open_sqlite(state, {}, first);
    ASSERT_TRUE(database.ok());
    const auto filled = (*database)->write_blocking([](state::Connection& db) -> Result<void> {
      TRY(db.execute("INSERT INTO storage_bucket VALUES (7, 'plain', 1000)"));
      TRY(db.execute(
          "INSERT INTO storage_object VALUES (7, CAST('folder/' AS BLOB), 0, 0, 0, 2000, "
          "'0123-1', 0, 0, 3, 'text/plain', '{\"m\":\"n\"}')"));
      TRY(db.execute(
          "INSERT INTO storage_object VALUES (7, CAST('odd//key' AS BLOB), 2, 5, 4, 2000, "
          "'4567-1', 1, 1, 3, 'text/plain', '{}')"));
      return ok();
    });
    ASSERT_TRUE(filled.ok()) << filled.error().message;
  }
  const auto content = folder.path() / "buckets/plain/.sallyport/content";
  fs::create_directories(content);
  std::ofstream(content / "0000000000000005") << "body";
  testing::EmbeddedInstance instance(folder.path(), {.sync_on_close = false});
  testing::BucketDriver driver(instance.store(), "plain");
  const auto head = driver.head("folder/");
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(head->etag, "0123-1");
  EXPECT_EQ(head->metadata, (Metadata{{"m", "n"}}));
  EXPECT_TRUE(head->headers.empty() && head->checksums.empty());
  EXPECT_EQ(head->version_id, "");
  EXPECT_EQ(*driver.get("odd//key"), "body");
  EXPECT_EQ(*driver.versioning(), Versioning::kUnversioned);
  const auto bucket =
      net::sync_wait(instance.store().head_bucket(testing::Permits::list("plain", ""), "plain"));
  EXPECT_EQ(bucket->region, "us-east-1");
  ASSERT_TRUE(driver.set_versioning(Versioning::kEnabled).ok());
  ASSERT_TRUE(driver.put("odd//key", "new").ok());
  EXPECT_EQ(driver.get_version("odd//key", "null").value(), "body");
}

}  // namespace
}  // namespace sallyport::storage
