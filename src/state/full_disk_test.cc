// A disk that is really full: a small tmpfs. Skipped where the test may not mount one.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "state/database.h"
#include "state/test_folder.h"
#include "state/test_notes.h"

namespace sallyport::state {
namespace {

class FullDisk : public testing::TestWithParam<DatabaseOptions::Sync> {
 protected:
  void SetUp() override {
    disk_ = folder_.file("disk");
    ASSERT_EQ(::mkdir(disk_.c_str(), 0700), 0);
    if (::mount("tmpfs", disk_.c_str(), "tmpfs", 0, "size=4m") != 0) {
      disk_.clear();
      GTEST_SKIP() << "mounting is not permitted here";
    }
  }
  void TearDown() override {
    if (disk_.empty()) return;
    EXPECT_EQ(::umount2(disk_.c_str(), MNT_DETACH), 0);
  }

  void fill() {
    std::ofstream filler(disk_ + "/filler", std::ios::binary);
    const std::string page(4096, 'f');
    while (filler.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
  }
  void make_room() { std::filesystem::remove(disk_ + "/filler"); }

  TestFolder folder_;
  std::string disk_;
};

TEST_P(FullDisk, FailsWritesKeepsReadsAndWorksAgainWhenSpaceIsBack) {
  DatabaseOptions options;
  options.sync = GetParam();
  auto opened = Database::open_sqlite(disk_ + "/t.db", options, kNoteSets);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  Database& db = **opened;
  const auto insert = [&](std::int64_t id) {
    return db.write_blocking([&](Connection& c) {
      return c.execute("INSERT INTO note (id, body) VALUES ($1, $2)", {id, std::string(3000, 'x')});
    });
  };
  const auto count = [&] {
    const auto n = db.read_blocking(
        [](Connection& c) { return c.query_integer("SELECT COUNT(*) FROM note"); });
    EXPECT_TRUE(n.ok()) << n.error().message;
    return n.ok() ? *n : -1;
  };
  std::int64_t id = 0;
  for (int round = 0; round < 3; ++round) {
    ASSERT_TRUE(insert(id++).ok());
    fill();
    // What the log holds already can be written over, so a few writes may still succeed.
    Result<std::int64_t> last = 0;
    for (int i = 0; i < 2000 && (last = insert(id)).ok(); ++i) ++id;
    ASSERT_FALSE(last.ok());
    EXPECT_EQ(last.error().code, Errc::kUnavailable) << last.error().message;
    EXPECT_EQ(count(), id);
    make_room();
    const auto again = insert(id);
    ASSERT_TRUE(again.ok()) << again.error().message;
    ++id;
    EXPECT_EQ(count(), id);
  }
}

INSTANTIATE_TEST_SUITE_P(AllSyncs, FullDisk,
                         testing::Values(DatabaseOptions::Sync::kFull,
                                         DatabaseOptions::Sync::kOff));

}  // namespace
}  // namespace sallyport::state
