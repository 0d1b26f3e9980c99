// Writers of versions, listings and the switch itself at the same time.
#include <atomic>
#include <filesystem>
#include <map>

#include "storage/testing/embedded_disk.h"

namespace sallyport::storage {
namespace {

namespace fs = std::filesystem;
using testing::Permits;

class VersionsTogether : public testing::EmbeddedDisk {
 protected:
  VersionsTogether() { EXPECT_TRUE(driver_->set_versioning(Versioning::kEnabled).ok()); }
};

class Switch : public testing::EmbeddedDisk, public ::testing::WithParamInterface<bool> {
 protected:
  Switch() {
    stop();
    setup_.sync_on_close = GetParam();
    start();
  }
};

INSTANTIATE_TEST_SUITE_P(Sync, Switch, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Synced" : "Unsynced"; });

Task<void> put_versions(BucketStore& store, int writer, int rounds, int& failures,
                        std::map<std::string, std::string>& made) {
  for (int i = 0; i < rounds; ++i) {
    const std::string body = "writer " + std::to_string(writer) + " round " + std::to_string(i);
    ObjectRef object("plain", "shared/key");
    const auto done = co_await testing::put_object(store, std::move(object), body);
    if (done.ok()) {
      made[done->version_id] = body;
    } else {
      ++failures;
    }
  }
}

Task<void> put_together(BucketStore& store, int& failures,
                        std::map<std::string, std::string>& made) {
  net::TaskScope scope;
  for (int w = 0; w < 5; ++w) scope.spawn(put_versions(store, w, 30, failures, made));
  co_await scope.join();
}

TEST_F(VersionsTogether, AllVersionsOfManyWritersAreThere) {
  int failures = 0;
  std::map<std::string, std::string> made;
  net::sync_wait(put_together(instance_->store(), failures, made));
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(made.size(), 150u);
  EXPECT_EQ(driver_->versions(7).size(), 150u);
  for (const auto& [id, body] : made) {
    EXPECT_EQ(driver_->get_version("shared/key", id).value(), body);
  }
  EXPECT_EQ(content_of(bucket() / "shared/key"), *driver_->get("shared/key"));
  expect_tidy();
}

struct Walk {
  std::size_t seen = 0;  // of the keys that stay
  std::string last;
  bool ordered = true;
  bool done = false;

  void take(const std::string& key) {
    ordered = ordered && key > last;
    last = key;
    if (key.starts_with("stays")) ++seen;
  }
};

Task<void> walk_objects(BucketStore& store, Walk& walk) {
  ListRequest request;
  request.bucket = "plain";
  do {
    auto permit = Permits::list("plain", "");
    const auto page = co_await store.list(std::move(permit), request);
    if (!page.ok()) co_return;
    for (const auto& o : page->objects) walk.take(o.key);
    walk.done = !page->truncated;
    request.start_after = page->next_start_after;
  } while (!walk.done);
}

Task<void> walk_versions(BucketStore& store, Walk& walk) {
  VersionListRequest request;
  request.bucket = "plain";
  do {
    auto permit = Permits::make(iam::Action::kListBucketVersions, "plain", "");
    const auto page = co_await store.list_versions(std::move(permit), request);
    if (!page.ok()) co_return;
    for (const auto& v : page->versions) {
      if (v.latest) walk.take(v.info.key);
    }
    walk.done = !page->truncated;
    request.key_marker = page->next_key_marker;
    request.version_id_marker = page->next_version_id_marker;
  } while (!walk.done);
}

Task<void> come_and_go(BucketStore& store, int writer, const std::atomic<bool>& stop) {
  for (int i = 0; !stop; ++i) {
    ObjectRef object("plain", "goes" + std::to_string((i * 7919 + writer) % 500));
    auto permit = Permits::erase("plain", object.key);
    (void)co_await testing::put_object(store, object, "x");
    (void)co_await store.remove(std::move(permit), std::move(object));
  }
}

Task<void> walk_and_stop(BucketStore& store, Walk& objects, Walk& versions,
                         std::atomic<bool>& stop) {
  co_await walk_objects(store, objects);
  co_await walk_versions(store, versions);
  stop = true;
}

Task<void> walk_while_writing(BucketStore& store, Walk& objects, Walk& versions) {
  std::atomic<bool> stop = false;
  net::TaskScope scope;
  for (int w = 0; w < 3; ++w) scope.spawn(come_and_go(store, w, stop));
  scope.spawn(walk_and_stop(store, objects, versions, stop));
  co_await scope.join();
}

TEST_F(VersionsTogether, TwentyThousandKeysAreListedOnceWhileOthersWrite) {
  run("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999) "
      "INSERT INTO storage_object (bucket, key, location, content, size, modified_ms, etag, "
      "inode, mtime_ns, version, content_type, metadata) "
      "SELECT (SELECT id FROM storage_bucket), CAST('stays' || i AS BLOB), 0, i, 0, 0, 'x-1', 0, "
      "0, 1, '', '{}' FROM n");
  Walk objects;
  Walk versions;
  net::sync_wait(walk_while_writing(instance_->store(), objects, versions));
  for (const Walk& walk : {objects, versions}) {
    EXPECT_TRUE(walk.done && walk.ordered);
    EXPECT_EQ(walk.seen, 20'000u);
  }
}

Task<void> enable_soon(BucketStore& store, net::BlockingPool& pool) {
  co_await pool.run([] {});
  std::string bucket = "plain";
  auto permit = Permits::make(iam::Action::kPutBucketVersioning, "plain", "");
  (void)co_await store.set_versioning(std::move(permit), std::move(bucket), Versioning::kEnabled);
}

Task<void> put_while_enabling(BucketStore& store, net::BlockingPool& pool, int& failures,
                              std::map<std::string, std::string>& made) {
  net::TaskScope scope;
  for (int w = 0; w < 4; ++w) scope.spawn(put_versions(store, w, 5, failures, made));
  scope.spawn(enable_soon(store, pool));
  for (int w = 4; w < 8; ++w) scope.spawn(put_versions(store, w, 5, failures, made));
  co_await scope.join();
}

// What was put before the switch is replaced, what comes after it is kept, and nothing is lost on
// the way.
TEST_P(Switch, WritersMayBeUnderWayWhenABucketBecomesVersioned) {
  for (int round = 0; round < 10; ++round) {
    if (round > 0) {
      stop();
      fs::remove_all(folder_.path() / "buckets");
      for (const char* file : {"state.sqlite", "state.sqlite-wal", "state.sqlite-shm"}) {
        fs::remove(folder_.path() / file);
      }
      start();
      ASSERT_TRUE(driver_->make_bucket().ok());
    }
    int failures = 0;
    std::map<std::string, std::string> made;
    net::sync_wait(put_while_enabling(instance_->store(), instance_->disk(), failures, made));
    EXPECT_EQ(failures, 0);
    for (const auto& version : driver_->versions()) {
      const auto body = driver_->get_version("shared/key", version.info.version_id);
      ASSERT_TRUE(body.ok()) << body.error().message;
      ASSERT_EQ(body->size(), version.info.size);
      if (version.info.version_id != "null") {
        ASSERT_EQ(*body, made[version.info.version_id]);
      }
    }
    restart();
    expect_tidy();
  }
}

}  // namespace
}  // namespace sallyport::storage
