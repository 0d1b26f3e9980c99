#include "state/migrations.h"

#include <gtest/gtest.h>

#include "state/test_backends.h"

namespace sallyport::state {
namespace {

constexpr Migration kFirst[] = {{1, "CREATE TABLE thing (id BIGINT PRIMARY KEY)"}};
constexpr Migration kSecond[] = {
    kFirst[0],
    {2,
     "ALTER TABLE thing ADD COLUMN name TEXT NOT NULL DEFAULT 'old';"
     "CREATE TABLE other (id BIGINT PRIMARY KEY); -- two statements and a comment\n"},
};
constexpr Migration kBroken[] = {
    kSecond[0], kSecond[1], {3, "CREATE TABLE third (id BIGINT); CREATE NONSENSE"}};
constexpr Migration kGap[] = {kFirst[0], {3, "SELECT 1"}};

class Migrations : public OnEachBackend {
 protected:
  Result<std::unique_ptr<Database>> open(std::span<const Migration> list,
                                         std::string_view name = "thing") {
    const MigrationSet sets[] = {{name, list}};
    return place_->try_open(sets);
  }
};
SALLYPORT_ON_EACH_BACKEND(Migrations);

Result<std::int64_t> ask(Database& db, std::string sql) {
  return db.read_blocking([&](Connection& c) { return c.query_integer(sql); });
}

TEST_P(Migrations, BringAnOlderFileForwardAndKeepItsRows) {
  {
    auto db = open(kFirst);
    ASSERT_TRUE(db.ok());
    ASSERT_TRUE((*db)
                    ->write_blocking(
                        [](Connection& c) { return c.execute("INSERT INTO thing VALUES (7)"); })
                    .ok());
  }
  for (int again = 0; again < 2; ++again) {
    auto db = open(kSecond);
    ASSERT_TRUE(db.ok()) << db.error().message;
    EXPECT_EQ(*ask(**db, "SELECT COUNT(*) FROM thing WHERE id = 7 AND name = 'old'"), 1);
    EXPECT_EQ(*ask(**db, "SELECT version FROM schema_version WHERE set_name = 'thing'"), 2);
  }
}

TEST_P(Migrations, RefuseANewerFileAndLeaveItAsItIs) {
  ASSERT_TRUE(open(kSecond).ok());
  auto older = open(kFirst);
  ASSERT_FALSE(older.ok());
  EXPECT_EQ(older.error().code, Errc::kUnsupported);
  EXPECT_NE(older.error().message.find("newer release"), std::string::npos);
  EXPECT_TRUE(open(kSecond).ok());
}

TEST_P(Migrations, UndoAStepThatFailsInTheMiddle) {
  auto broken = open(kBroken);
  ASSERT_FALSE(broken.ok());
  auto db = open(kSecond);
  ASSERT_TRUE(db.ok()) << db.error().message;
  EXPECT_EQ(*ask(**db, GetParam() == Backend::kSqlite
                           ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'third'"
                           : "SELECT COUNT(*) FROM pg_class WHERE relname = 'third' AND"
                             " relnamespace = current_schema()::regnamespace"),
            0);
}

TEST_P(Migrations, RefuseASetWithAGap) {
  auto db = open(kGap);
  ASSERT_FALSE(db.ok());
  EXPECT_EQ(db.error().code, Errc::kInternal);
}

TEST_P(Migrations, KeepSetsApart) {
  constexpr Migration kOther[] = {{1, "CREATE TABLE unrelated (id BIGINT)"}};
  ASSERT_TRUE(open(kSecond).ok());
  auto db = open(kOther, "unrelated");
  ASSERT_TRUE(db.ok()) << db.error().message;
  EXPECT_EQ(
      *ask(**db,
           "SELECT SUM(version) FROM schema_version WHERE set_name IN ('thing', 'unrelated')"),
      3);
}

}  // namespace
}  // namespace sallyport::state
