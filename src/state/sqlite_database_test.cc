// What only a file can do.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "state/database.h"
#include "state/test_folder.h"
#include "state/test_notes.h"

namespace sallyport::state {
namespace {

DatabaseOptions quick() {
  DatabaseOptions options;
  options.sync = DatabaseOptions::Sync::kOff;
  return options;
}

std::unique_ptr<Database> open(const TestFolder& folder, DatabaseOptions options = quick()) {
  auto opened = Database::open_sqlite(folder.file("t.db"), options, kNoteSets);
  EXPECT_TRUE(opened.ok()) << opened.error().message;
  return std::move(*opened);
}

TEST(SqliteDatabase, AnswersUnavailableWhenFullAndWorksAgainAfterSpaceIsBack) {
  const TestFolder folder;
  DatabaseOptions options = quick();
  options.max_bytes = 40 * 4096;
  auto db = open(folder, options);
  std::int64_t id = 0;
  Result<void> last = ok();
  while (id < 1000 && (last = insert(*db, id, std::string(2000, 'x'))).ok()) ++id;
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code, Errc::kUnavailable);
  EXPECT_EQ(count(*db), id);
  ASSERT_TRUE(db->write_blocking([](Connection& c) {
                  return c.execute("DELETE FROM note WHERE id < 10");
                }).ok());
  EXPECT_TRUE(insert(*db, 5000, std::string(2000, 'y')).ok());
  EXPECT_EQ(count(*db), id - 10 + 1);
}

TEST(SqliteDatabase, InMemoryIsItsOwnAndGoesWithTheObject) {
  auto one = Database::open_memory(kNoteSets), other = Database::open_memory(kNoteSets);
  ASSERT_TRUE(one.ok() && other.ok());
  for (int id = 0; id < 100; ++id) {
    ASSERT_TRUE(insert(**one, id).ok());
    EXPECT_EQ(count(**one), id + 1);
  }
  EXPECT_EQ(insert(**one, 7).error().code, Errc::kAlreadyExists);
  EXPECT_EQ(count(**one), 100);
  EXPECT_EQ(count(**other), 0);
  one->reset();
  EXPECT_EQ(count(*Database::open_memory(kNoteSets).value()), 0);
}

TEST(SqliteDatabase, InMemoryTakesReadersAndWritersAtOnce) {
  const auto db = Database::open_memory(kNoteSets).value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&db, i] {
      for (int n = 0; n < 50; ++n) {
        EXPECT_TRUE(insert(*db, i * 50 + n).ok());
        EXPECT_GT(count(*db), n);
      }
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count(*db), 200);
}

TEST(SqliteDatabase, AnswersUnavailableWhileAnotherProcessHoldsTheFile) {
  const TestFolder folder;
  DatabaseOptions options = quick();
  options.busy_timeout_ms = 1;
  auto db = open(folder, options);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(folder.file("t.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto r = insert(*db, 1);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kUnavailable);
  EXPECT_EQ(count(*db), 0);
  sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE(insert(*db, 1).ok());
}

TEST(SqliteDatabase, RefusesAFileThatIsNoDatabase) {
  const TestFolder folder;
  std::ofstream(folder.file("t.db")) << std::string(5000, 'x');
  auto opened = Database::open_sqlite(folder.file("t.db"), quick(), kNoteSets);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Errc::kCorrupt);
}

TEST(SqliteDatabase, AnswersCorruptForADamagedFile) {
  const TestFolder folder;
  {
    auto db = open(folder);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(insert(*db, i, std::string(500, 'x')).ok());
  }
  {
    std::fstream file(folder.file("t.db"), std::ios::in | std::ios::out | std::ios::binary);
    // Past the pages of the schema.
    for (int page = 4; page < 20; ++page) {
      file.seekp(page * 4096);
      file << std::string(4096, '\x5a');
    }
  }
  auto opened = Database::open_sqlite(folder.file("t.db"), quick(), kNoteSets);
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  auto r = (*opened)->read_blocking(
      [](Connection& c) { return c.query_integer("SELECT SUM(LENGTH(body)) FROM note"); });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kCorrupt);
}

TEST(SqliteDatabase, RefusesAFolderThatDoesNotExist) {
  auto opened = Database::open_sqlite("/nonexistent/folder/t.db", quick());
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Errc::kNotFound);
}

TEST(SqliteDatabase, MakesFilesThatOnlyTheOwnerMayRead) {
  const TestFolder folder;
  auto db = open(folder);
  ASSERT_TRUE(insert(*db, 1).ok());
  for (const char* name : {"t.db", "t.db-wal", "t.db-shm"}) {
    struct stat info {};
    ASSERT_EQ(::stat(folder.file(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0777, 0600u) << name;
  }
}

TEST(SqliteDatabase, GivesPagesBackWhenAsked) {
  const TestFolder folder;
  DatabaseOptions options = quick();
  options.incremental_vacuum = true;
  const auto pages = [](Database& db) {
    return *db.read_blocking([](Connection& c) { return c.query_integer("PRAGMA page_count"); });
  };
  auto db = open(folder, options);
  ASSERT_TRUE(insert(*db, 1, std::string(4 << 20, 'x')).ok());
  const auto before = pages(*db);
  ASSERT_TRUE(db->write_blocking([](Connection& c) { return c.execute("DELETE FROM note"); }).ok());
  ASSERT_TRUE(db->shrink().ok());
  EXPECT_LT(pages(*db), before / 10);
}

}  // namespace
}  // namespace sallyport::state
