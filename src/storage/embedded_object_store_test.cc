// Where the embedded store puts things on disk, and what it makes of what others do there.
#include "storage/embedded_object_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <random>
#include <set>

#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;
using testing::Driver;
using testing::Permits;

class EmbeddedStore : public testing::EmbeddedDisk {};

TEST_F(EmbeddedStore, OrdinaryKeysArePlainFiles) {
  ASSERT_TRUE(driver_->put("a/b/c.txt", "body").ok());
  ASSERT_TRUE(driver_->put("top", "").ok());
  EXPECT_EQ(content_of(bucket() / "a/b/c.txt"), "body");
  EXPECT_TRUE(fs::is_regular_file(bucket() / "top"));
  EXPECT_EQ(files_in(reserved()), 0u);
  EXPECT_EQ(files_in(staging()), 0u);
}

TEST_F(EmbeddedStore, FolderKeysAreIndexRowsOnly) {
  ASSERT_TRUE(driver_->put("folder/", "").ok());
  EXPECT_FALSE(fs::exists(bucket() / "folder"));
  EXPECT_EQ(files_in(reserved()), 0u);
  ASSERT_TRUE(driver_->put("folder/", "with a body").ok());
  EXPECT_EQ(files_in(reserved()), 1u);
  EXPECT_EQ(*driver_->get("folder/"), "with a body");
  ASSERT_TRUE(driver_->put("folder/", "").ok());
  EXPECT_EQ(files_in(reserved()), 0u);
}

TEST_F(EmbeddedStore, OddKeysLieUnderReservedNamesAndLeaveNothing) {
  const std::vector<std::string> keys{
      "../x", "a//b", ".", "..", "/abs", ".sallyport/staging/x", std::string(201, 'x'), "a/./b"};
  for (int round = 0; round < 2; ++round) {
    for (const auto& key : keys) ASSERT_TRUE(driver_->put(key, key).ok());
    EXPECT_EQ(files_in(reserved()), keys.size());
    EXPECT_EQ(files_in(staging()), 0u);
    EXPECT_EQ(files_in(bucket()), 1u);
    EXPECT_EQ(files_in(folder_.path() / "buckets"), 1u);
  }
  for (const auto& key : keys) {
    EXPECT_EQ(driver_->get(key).value(), key);
    ASSERT_TRUE(driver_->remove(key).ok());
  }
  EXPECT_EQ(files_in(reserved()), 0u);
}

TEST_F(EmbeddedStore, RemovalPrunesEmptyFoldersOnly) {
  ASSERT_TRUE(driver_->put("a/b/c/d", "1").ok());
  ASSERT_TRUE(driver_->put("a/e", "2").ok());
  ASSERT_TRUE(driver_->remove("a/b/c/d").ok());
  EXPECT_FALSE(fs::exists(bucket() / "a/b"));
  EXPECT_TRUE(fs::exists(bucket() / "a/e"));
  ASSERT_TRUE(driver_->remove("a/e").ok());
  EXPECT_FALSE(fs::exists(bucket() / "a"));
  EXPECT_TRUE(fs::exists(bucket()));
}

TEST_F(EmbeddedStore, AnObjectComesBackToItsPathWhenTheWayIsFree) {
  ASSERT_TRUE(driver_->put("a/b", "below").ok());
  ASSERT_TRUE(driver_->put("a", "above").ok());
  EXPECT_TRUE(fs::is_directory(bucket() / "a"));
  ASSERT_TRUE(driver_->remove("a/b").ok());
  EXPECT_EQ(*driver_->get("a"), "above");
  ASSERT_TRUE(driver_->put("a", "again").ok());
  EXPECT_EQ(content_of(bucket() / "a"), "again");
  EXPECT_EQ(files_in(reserved()), 0u);
}

TEST_F(EmbeddedStore, EmptyFoldersOfOthersDoNotStandInTheWay) {
  fs::create_directory(bucket() / "a");
  ASSERT_TRUE(driver_->put("a", "body").ok());
  EXPECT_EQ(content_of(bucket() / "a"), "body");
}

TEST_F(EmbeddedStore, EverythingIsThereAfterARestart) {
  PutOptions options;
  options.metadata = {{"k", "v"}};
  ASSERT_TRUE(driver_->put("a", "1", options).ok());
  ASSERT_TRUE(driver_->put("a/b", "2").ok());
  ASSERT_TRUE(driver_->put("x//y", "3").ok());
  ASSERT_TRUE(driver_->put("f/", "").ok());
  const auto before = driver_->head("a");
  restart();
  const auto after = driver_->head("a");
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->etag, before->etag);
  EXPECT_EQ(after->metadata, options.metadata);
  EXPECT_EQ(*driver_->get("a/b"), "2");
  EXPECT_EQ(*driver_->get("x//y"), "3");
  EXPECT_EQ(driver_->keys(), (std::vector<std::string>{"a", "a/b", "f/", "x//y"}));
  EXPECT_EQ(instance_->count("SELECT count(*) FROM storage_intent"), 0);
  const auto report = scan();
  EXPECT_EQ(report.taken_in + report.renewed + report.dropped, 0u);
}

TEST_F(EmbeddedStore, LeftoversInStagingAreRemovedAtStart) {
  plant(staging() / "00000000deadbeef", "half");
  restart();
  EXPECT_EQ(files_in(staging()), 0u);
}

// --- other programs

TEST_F(EmbeddedStore, FilesReplacedByOthersAreNoticed) {
  PutOptions options;
  options.content_type = "text/csv";
  ASSERT_TRUE(driver_->put("a", "old", options).ok());
  const auto before = driver_->head("a");
  plant(bucket() / "new", "longer than before");
  fs::rename(bucket() / "new", bucket() / "a");
  const auto after = driver_->head("a");
  ASSERT_TRUE(after.ok());
  EXPECT_EQ(after->size, 18u);
  EXPECT_NE(after->etag, before->etag);
  EXPECT_TRUE(after->etag.ends_with("-1"));
  EXPECT_EQ(after->content_type, "text/csv");
  EXPECT_EQ(*driver_->get("a"), "longer than before");
}

TEST_F(EmbeddedStore, FilesChangedInPlaceAreNoticed) {
  ASSERT_TRUE(driver_->put("a", "old").ok());
  const auto before = driver_->head("a");
  std::ofstream(bucket() / "a", std::ios::app) << " and more";
  const auto body = driver_->get("a");
  ASSERT_TRUE(body.ok());
  EXPECT_EQ(*body, "old and more");
  EXPECT_NE(driver_->head("a")->etag, before->etag);
  EXPECT_EQ(driver_->head("a")->etag, driver_->head("a")->etag);
}

TEST_F(EmbeddedStore, FilesRemovedByOthersAreGone) {
  ASSERT_TRUE(driver_->put("a/b", "x").ok());
  fs::remove_all(bucket() / "a");
  EXPECT_EQ(driver_->open("a/b").error().reason, "NoSuchKey");
  EXPECT_TRUE(driver_->keys().empty());
  ASSERT_TRUE(driver_->put("a/b", "y").ok());
  EXPECT_EQ(content_of(bucket() / "a/b"), "y");
}

TEST_F(EmbeddedStore, ScanTakesInRenewsAndDrops) {
  ASSERT_TRUE(driver_->put("kept", "x").ok());
  ASSERT_TRUE(driver_->put("changed", "x").ok());
  ASSERT_TRUE(driver_->put("gone", "x").ok());
  plant(bucket() / "in/deep/new.txt", "hello");
  plant(bucket() / "top.txt", "hello");
  plant(bucket() / "changed", "something else");
  fs::remove(bucket() / "gone");
  fs::create_directory(bucket() / "empty");
  ASSERT_EQ(::mkfifo((bucket() / "pipe").c_str(), 0600), 0);
  fs::create_symlink("/etc/passwd", bucket() / "link");
  fs::create_directory_symlink("/etc", bucket() / "dirlink");
  plant(bucket() / std::string("bad\xff"), "x");
  plant(bucket() / std::string(210, 'l'), "x");
  plant(staging() / "0123456789abcdef", "half");
  const auto report = scan();
  EXPECT_EQ(report.taken_in, 2u);
  EXPECT_EQ(report.renewed, 1u);
  EXPECT_EQ(report.dropped, 1u);
  EXPECT_EQ(report.ignored, 5u);
  EXPECT_EQ(driver_->keys(),
            (std::vector<std::string>{"changed", "in/deep/new.txt", "kept", "top.txt"}));
  EXPECT_EQ(*driver_->get("in/deep/new.txt"), "hello");
  EXPECT_EQ(driver_->head("top.txt")->content_type, "binary/octet-stream");
  const auto again = scan();
  EXPECT_EQ(again.taken_in + again.renewed + again.dropped, 0u);
}

TEST_F(EmbeddedStore, ScanPrefersANewFileToAnOlderReservedBody) {
  ASSERT_TRUE(driver_->put("a/b", "below").ok());
  ASSERT_TRUE(driver_->put("a", "reserved").ok());
  restart();  // nothing of ours is under way any more
  fs::remove_all(bucket() / "a");
  plant(bucket() / "a", "from outside");
  const timespec later[2]{{4'000'000'000, 0}, {4'000'000'000, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (bucket() / "a").c_str(), later, 0), 0);
  const auto report = scan();
  EXPECT_EQ(report.taken_in, 1u);
  EXPECT_EQ(report.dropped, 1u);
  EXPECT_EQ(*driver_->get("a"), "from outside");
  EXPECT_EQ(files_in(reserved()), 0u);
}

TEST_F(EmbeddedStore, ABucketWithFilesOfOthersIsNotEmpty) {
  plant(bucket() / "sub/file", "x");
  EXPECT_EQ(driver_->drop_bucket().error().reason, "BucketNotEmpty");
  EXPECT_EQ(driver_->keys(), std::vector<std::string>{"sub/file"});
  ASSERT_TRUE(driver_->remove("sub/file").ok());
  ASSERT_TRUE(driver_->drop_bucket().ok());
  EXPECT_FALSE(fs::exists(bucket()));
}

TEST_F(EmbeddedStore, AWriterOfADeletedBucketCannotCommitIntoItsSuccessor) {
  auto writer = driver_->create("k");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE(driver_->drop_bucket().ok());
  ASSERT_TRUE(driver_->make_bucket().ok());
  EXPECT_FALSE(net::sync_wait((*writer)->commit()).ok());
  EXPECT_TRUE(driver_->keys().empty());
}

// --- ways out of the folder

TEST_F(EmbeddedStore, PlantedLinksLeadNowhere) {
  const testing::TemporaryFolder outside;
  plant(outside.path() / "secret", "secret");
  ASSERT_TRUE(driver_->put("dir/file", "mine").ok());
  ASSERT_TRUE(driver_->put("file", "mine").ok());

  fs::remove_all(bucket() / "dir");
  fs::create_directory_symlink(outside.path(), bucket() / "dir");
  plant(outside.path() / "file", "not yours");
  EXPECT_EQ(driver_->get("dir/file").error().reason, "NoSuchKey");
  ASSERT_TRUE(driver_->put("dir/secret", "mine").ok());
  EXPECT_EQ(*driver_->get("dir/secret"), "mine");
  ASSERT_TRUE(driver_->put("dir/sub/new", "mine").ok());
  ASSERT_TRUE(driver_->remove("dir/secret").ok());
  ASSERT_TRUE(driver_->move("dir/sub/new", "dir/moved").ok());
  EXPECT_EQ(content_of(outside.path() / "secret"), "secret");
  EXPECT_EQ(content_of(outside.path() / "file"), "not yours");
  EXPECT_EQ(files_in(outside.path()), 2u);

  fs::remove(bucket() / "file");
  fs::create_symlink(outside.path() / "secret", bucket() / "file");
  EXPECT_EQ(driver_->get("file").error().reason, "NoSuchKey");
  ASSERT_TRUE(driver_->put("file", "mine again").ok());
  EXPECT_EQ(content_of(outside.path() / "secret"), "secret");
  EXPECT_FALSE(fs::is_symlink(bucket() / "file"));
  EXPECT_EQ(*driver_->get("file"), "mine again");
}

TEST_F(EmbeddedStore, APipeInPlaceOfAFileHoldsNobody) {
  ASSERT_TRUE(driver_->put("file", "mine").ok());
  fs::remove(bucket() / "file");
  ASSERT_EQ(::mkfifo((bucket() / "file").c_str(), 0600), 0);
  EXPECT_EQ(driver_->open("file").error().reason, "NoSuchKey");
}

// --- full disks

// Writes until it fails; nothing but the first object may remain.
void expect_full_disk_is_survived(Driver& driver, const fs::path& staging, std::size_t too_much) {
  ASSERT_TRUE(driver.put("kept", std::string(1000, 'k')).ok());
  for (const char* key : {"kept", "new"}) {
    const auto full = driver.put(key, std::string(too_much, 'x'));
    ASSERT_FALSE(full.ok());
    EXPECT_TRUE(full.error().code == Errc::kUnavailable || full.error().code == Errc::kIo)
        << full.error().message;
    EXPECT_EQ(*driver.get("kept"), std::string(1000, 'k'));
    EXPECT_EQ(driver.keys(), std::vector<std::string>{"kept"});
  }
  auto writer = driver.create("new");
  const std::string body(too_much, 'x');
  const iovec all{const_cast<char*>(body.data()), body.size()};
  ASSERT_FALSE(net::sync_wait((*writer)->write({&all, 1})).ok());
  ASSERT_FALSE(net::sync_wait((*writer)->commit()).ok());  // a body with a gap is never published
  net::sync_wait((*writer)->abort());
  EXPECT_TRUE(fs::is_empty(staging));
  EXPECT_TRUE(driver.put("new", "fits").ok());
}

TEST_F(EmbeddedStore, AFileSizeLimitLeavesOldContentOnly) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{8 << 20, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_full_disk_is_survived(*driver_, staging(), 12 << 20);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
}

TEST_F(EmbeddedStore, AFullDiskLeavesOldContentOnly) {
  const fs::path mount = folder_.path() / "buckets" / "small-disk";
  fs::create_directory(mount);
  if (::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "no right to mount a small file system";
  }
  {
    Driver small(instance_->store(), "small-disk");
    ASSERT_TRUE(small.make_bucket().ok());
    expect_full_disk_is_survived(small, mount / ".sallyport" / "staging", 3 << 20);
    const auto full = small.put("new", std::string(3 << 20, 'x'));
    EXPECT_EQ(full.error().code, Errc::kUnavailable);
    // From one file system to another a move has to copy.
    ASSERT_TRUE(driver_->put("here", "body").ok());
    ASSERT_TRUE(net::sync_wait(instance_->store().move(Permits::get("plain", "here"),
                                                       Permits::put("small-disk", "there"),
                                                       Permits::erase("plain", "here"),
                                                       {"plain", "here"}, {"small-disk", "there"}))
                    .ok());
    EXPECT_EQ(*small.get("there"), "body");
    EXPECT_EQ(driver_->get("here").error().reason, "NoSuchKey");
  }
  driver_.reset();
  instance_.reset();
  EXPECT_EQ(::umount(mount.c_str()), 0);
}

// --- at the same time

Task<void> put_and_remove(ObjectStore& store, std::string key, int rounds, int& failures) {
  for (int i = 0; i < rounds; ++i) {
    ObjectRef object{"plain", key};
    const auto done = co_await testing::put_object(store, object, key);
    auto permit = Permits::erase("plain", key);
    const auto gone = co_await store.remove(std::move(permit), std::move(object));
    if (!done.ok() || !gone.ok()) ++failures;
  }
  ObjectRef object{"plain", key};
  const auto last = co_await testing::put_object(store, std::move(object), key);
  if (!last.ok()) ++failures;
}

Task<void> put_and_remove_all(ObjectStore& store, const std::vector<std::string>& keys,
                              int& failures) {
  net::TaskScope scope;
  for (const auto& key : keys) scope.spawn(put_and_remove(store, key, 100, failures));
  co_await scope.join();
}

TEST_F(EmbeddedStore, PruningNeverTakesAFolderFromUnderAWriter) {
  const std::vector<std::string> keys{"d/e/1", "d/e/2", "d/e/f/3", "d/4", "d/e", "d"};
  int failures = 0;
  net::sync_wait(put_and_remove_all(instance_->store(), keys, failures));
  EXPECT_EQ(failures, 0);
  for (const auto& key : keys) EXPECT_EQ(driver_->get(key).value(), key);
  restart();
  for (const auto& key : keys) EXPECT_EQ(driver_->get(key).value(), key);
  EXPECT_EQ(files_in(staging()), 0u);
  const auto report = scan();
  EXPECT_EQ(report.taken_in + report.renewed + report.dropped, 0u);
  for (const auto& key : keys) EXPECT_TRUE(driver_->remove(key).ok());
  EXPECT_EQ(files_in(bucket()), 1u);
  EXPECT_EQ(files_in(reserved()), 0u);
}

// --- everything at random against a map

TEST_F(EmbeddedStore, RandomOperationsAgreeWithAMap) {
  const std::vector<std::string> keys{"a",   "a/b", "a/b/c", "a/b/", "a//b",
                                      "d/e", "d",   "../a",  "f/"};
  std::map<std::string, std::string> model;
  std::mt19937 random(42);
  const auto some = [&] { return keys[random() % keys.size()]; };
  for (int i = 0; i < 1500; ++i) {
    const std::string key = some();
    const std::string other = some();
    switch (random() % 10) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const std::string body(random() % 3 == 0 ? 0 : random() % 70'000, static_cast<char>(i));
        ASSERT_TRUE(driver_->put(key, body).ok());
        model[key] = body;
        break;
      }
      case 4:
      case 5:
        ASSERT_TRUE(driver_->remove(key).ok());
        model.erase(key);
        break;
      case 6:
      case 7: {
        ASSERT_EQ(driver_->move(key, other).ok(), model.contains(key));
        if (key != other && model.contains(key)) {
          model[other] = model[key];
          model.erase(key);
        }
        break;
      }
      case 8:
        ASSERT_EQ(driver_->copy(key, other).ok(), model.contains(key));
        if (model.contains(key)) model[other] = model[key];
        break;
      default:
        if (i % 50 == 0) restart();
        break;
    }
    const auto body = driver_->get(key);
    ASSERT_EQ(body.ok(), model.contains(key)) << key;
    if (body.ok()) {
      ASSERT_TRUE(*body == model[key]) << key;
    }
  }
  std::vector<std::string> expected;
  for (const auto& [key, body] : model) expected.push_back(key);
  EXPECT_EQ(driver_->keys(), expected);
  const auto report = scan();
  EXPECT_EQ(report.taken_in + report.renewed + report.dropped, 0u);
  EXPECT_EQ(files_in(staging()), 0u);
  EXPECT_EQ(files_in(reserved()), static_cast<std::size_t>(instance_->count(
                                      "SELECT count(*) FROM storage_object WHERE location = 2")));
}

TEST_F(EmbeddedStore, APrefixWithManyKeysIsOneStepOfAListing) {
  const auto filled = instance_->database().write_blocking([](state::Connection& db) {
    return db.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999) "
        "INSERT INTO storage_object (bucket, key, location, content, size, modified_ms, etag, "
        "inode, mtime_ns, version, content_type, metadata) "
        "SELECT (SELECT id FROM storage_bucket), "
        "CAST('many/' || i AS BLOB), 0, i, 0, 0, 'x-1', 0, 0, 1, '', '{}' FROM n");
  });
  ASSERT_TRUE(filled.ok()) << filled.error().message;
  ASSERT_TRUE(driver_->put("a", "x").ok());
  ASSERT_TRUE(driver_->put("z", "x").ok());
  ListRequest request;
  request.delimiter = "/";
  // 2,000 such listings walk over 400 million keys unless they skip.
  for (int i = 0; i < 2000; ++i) {
    const auto page = driver_->list(request);
    ASSERT_TRUE(page.ok());
    ASSERT_EQ(page->objects.size(), 2u);
    ASSERT_EQ(page->common_prefixes, std::vector<std::string>{"many/"});
  }
}

}  // namespace
}  // namespace sallyport::storage
