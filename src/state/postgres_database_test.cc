// What only a server can do: other nodes, lost connections, limits of time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include "state/database.h"
#include "state/test_notes.h"
#include "state/test_postgres.h"

namespace sallyport::state {
namespace {

using std::chrono::seconds;

// What a listener was told, to be waited for.
class Heard {
 public:
  void add(std::string_view payload) {
    const std::lock_guard lock(mutex_);
    all_.emplace_back(payload);
    changed_.notify_all();
  }
  // All, once there are `count`; what there is after half a minute.
  std::vector<std::string> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(30), [&] { return all_.size() >= count; });
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

class PostgreSQLDatabase : public testing::Test {
 protected:
  void SetUp() override {
    SALLYPORT_NEEDS_POSTGRESQL();
    server_ = &TestPostgres::shared();
    schema_ = server_->make_schema();
  }

  Result<std::unique_ptr<Database>> try_open(DatabaseOptions options = {}, std::string more = {}) {
    return Database::open_postgres(SecretString(server_->target(schema_, more)), options,
                                   kNoteSets);
  }
  std::unique_ptr<Database> open(DatabaseOptions options = {}, std::string more = {}) {
    auto opened = try_open(options, std::move(more));
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return std::move(*opened);
  }
  void run_sql(const std::string& sql) {
    server_->run_sql("SET search_path = " + schema_ + "; " + sql);
  }

  static Result<std::int64_t> insert(Database& db, std::int64_t id, std::string body = {}) {
    return db.write_blocking([&](Connection& c) -> Result<std::int64_t> {
      TRY(c.notify("note", std::to_string(id)));
      return c.execute("INSERT INTO note (id, body) VALUES ($1, $2)", {id, body});
    });
  }
  static Result<std::int64_t> ask(Database& db, std::string sql) {
    return db.read_blocking([&](Connection& c) { return c.query_integer(sql); });
  }
  static Result<std::int64_t> count(Database& db) { return ask(db, "SELECT COUNT(*) FROM note"); }
  // Until it is not kUnavailable, at most half a minute.
  template <class F>
  static auto when_available(F f) {
    const auto until = std::chrono::steady_clock::now() + seconds(30);
    for (;;) {
      auto result = f();
      if (result.ok() || result.error().code != Errc::kUnavailable) return result;
      if (std::chrono::steady_clock::now() > until) return result;
      std::this_thread::yield();
    }
  }
  static std::shared_ptr<void> listen(Database& db, Heard& heard) {
    return db.listen("note", [&heard](std::string_view payload) { heard.add(payload); });
  }

  TestPostgres* server_ = nullptr;
  std::string schema_;
};

TEST_F(PostgreSQLDatabase, LetsManyNodesStartAtOnce) {
  std::atomic<int> opened{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const auto db = try_open();
      EXPECT_TRUE(db.ok()) << db.error().message;
      if (db.ok() && count(**db).ok()) ++opened;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(opened, 6);
}

TEST_F(PostgreSQLDatabase, TellsAllNodesOfAllChangesInOneOrder) {
  constexpr int kThreads = 3, kEach = 40;
  const auto a = open(), b = open();
  Heard at_a, at_b;
  const auto handle_a = listen(*a, at_a), handle_b = listen(*b, at_b);
  std::vector<std::thread> threads;
  for (int t = 0; t < 2 * kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        EXPECT_TRUE(insert(t % 2 == 0 ? *a : *b, t * kEach + i).ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto heard = at_a.wait_for(2 * kThreads * kEach);
  EXPECT_EQ(heard.size(), 2u * kThreads * kEach);
  EXPECT_EQ(at_b.wait_for(2 * kThreads * kEach), heard);
}

TEST_F(PostgreSQLDatabase, TellsAnotherNodeOfWhatItCanRead) {
  const auto a = open(), b = open();
  std::promise<void> told;
  const auto handle = b->listen("note", [&](std::string_view) { told.set_value(); });
  ASSERT_TRUE(insert(*a, 1).ok());
  ASSERT_EQ(told.get_future().wait_for(seconds(30)), std::future_status::ready);
  EXPECT_EQ(*count(*b), 1);
}

TEST_F(PostgreSQLDatabase, LosesNoUpdateOfConcurrentWriters) {
  constexpr int kThreads = 4, kEach = 30;
  const auto a = open(), b = open();
  ASSERT_TRUE(insert(*a, 0).ok());
  std::vector<std::thread> threads;
  std::atomic<int> calls{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const auto r = (t % 2 == 0 ? a : b)->write_blocking([&](Connection& c) -> Result<void> {
          ++calls;
          TRY_ASSIGN(const auto n, c.query_integer("SELECT LENGTH(body) FROM note WHERE id = 0"));
          TRY(c.execute("UPDATE note SET body = $1 WHERE id = 0",
                        {std::string(static_cast<std::size_t>(n) + 1, 'x')}));
          return ok();
        });
        EXPECT_TRUE(r.ok()) << r.error().message;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(*ask(*a, "SELECT LENGTH(body) FROM note"), kThreads * kEach);
  EXPECT_EQ(calls, kThreads * kEach);
}

TEST_F(PostgreSQLDatabase, AnswersUnavailableWithoutItsServerAndWorksAgainWithIt) {
  const auto a = open(), b = open();
  Heard heard;
  const auto handle = listen(*b, heard);
  ASSERT_TRUE(insert(*a, 1).ok());
  server_->crash();
  for (int i = 0; i < 2; ++i) {
    auto written = insert(*a, 2);
    ASSERT_FALSE(written.ok());
    EXPECT_EQ(written.error().code, Errc::kUnavailable);
    auto read = count(*a);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, Errc::kUnavailable);
  }
  server_->start();
  EXPECT_TRUE(when_available([&] { return insert(*a, 3); }).ok());
  EXPECT_EQ(*when_available([&] { return count(*b); }), 2);
  EXPECT_THAT(heard.wait_for(2), testing::ElementsAre("1", "3"));
}

TEST_F(PostgreSQLDatabase, DoesNotFeelARestartBetweenTwoCalls) {
  const auto db = open();
  ASSERT_TRUE(insert(*db, 1).ok());
  ASSERT_TRUE(count(*db).ok());
  server_->crash();
  server_->start();
  const auto written = insert(*db, 2);
  EXPECT_TRUE(written.ok()) << written.error().message;
  // Each thread has a connection of its own.
  for (int i = 0; i < 8; ++i) {
    const auto read = count(*db);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, 2);
  }
}

TEST_F(PostgreSQLDatabase, MissesNothingWhileItsConnectionsAreCut) {
  constexpr int kWrites = 150;
  const auto a = open({}, "application_name=a"), b = open();
  Heard heard;
  const auto handle = listen(*a, heard);
  std::vector<std::string> expected;
  for (int i = 0; i < kWrites; ++i) {
    if (i % 10 == 0) {
      run_sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'a'");
    }
    ASSERT_TRUE(insert(*b, i).ok());
    expected.push_back(std::to_string(i));
  }
  EXPECT_EQ(heard.wait_for(kWrites), expected);
}

TEST_F(PostgreSQLDatabase, TellsOthersChangesBeforeItsOwnLaterOne) {
  const auto a = open({}, "application_name=a"), b = open();
  Heard heard;
  const auto handle = listen(*a, heard);
  for (int i = 0; i < 20; i += 2) {
    ASSERT_TRUE(insert(*b, i).ok());
    ASSERT_TRUE(insert(*a, i + 1).ok());
    // Already: own ones are told before the answer, and so all before them.
    EXPECT_EQ(heard.wait_for(0).size(), static_cast<std::size_t>(i) + 2);
  }
}

TEST_F(PostgreSQLDatabase, AsksForARestartWhenChangesAreLostToIt) {
  const auto a = open(), b = open();
  ASSERT_TRUE(insert(*a, 1).ok());
  // As if changes had been made and forgotten while this node was away.
  run_sql("UPDATE change_head SET seq = seq + 100");
  const auto refused = insert(*a, 2);
  ASSERT_FALSE(refused.ok());
  const auto after = count(*a);
  ASSERT_FALSE(after.ok());
  EXPECT_EQ(after.error().code, Errc::kUnavailable);
  EXPECT_NE(after.error().message.find("restart it"), std::string::npos);
  const auto again = open();
  EXPECT_TRUE(insert(*again, 3).ok());
  EXPECT_EQ(*count(*again), 2);
}

TEST_F(PostgreSQLDatabase, FailsACommitThatTheServerUndid) {
  const auto db = open();
  run_sql(
      "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
      "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED "
      "FOR EACH ROW WHEN (NEW.id = 13) EXECUTE FUNCTION die()");
  Heard heard;
  const auto handle = listen(*db, heard);
  const auto r = insert(*db, 13);
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kUnavailable);
  EXPECT_EQ(r.error().message.find("not known"), std::string::npos) << r.error().message;
  EXPECT_TRUE(insert(*db, 14).ok());
  EXPECT_EQ(*count(*db), 1);
  EXPECT_THAT(heard.wait_for(1), testing::ElementsAre("14"));
}

TEST_F(PostgreSQLDatabase, WaitsForAnotherWriterOnlySoLong) {
  DatabaseOptions options;
  options.busy_timeout_ms = 50;
  const auto impatient = open(options), holder = open();
  const auto held = holder->write_blocking([&](Connection&) -> Result<void> {
    const auto r = insert(*impatient, 1);
    EXPECT_EQ(r.ok() ? Errc::kInternal : r.error().code, Errc::kUnavailable);
    return ok();
  });
  EXPECT_TRUE(held.ok());
  EXPECT_TRUE(insert(*impatient, 2).ok());
  EXPECT_EQ(*count(*holder), 1);
}

TEST_F(PostgreSQLDatabase, EndsAStatementThatTakesTooLong) {
  DatabaseOptions options;
  options.statement_timeout_ms = 20;
  const auto db = open(options);
  const auto r = ask(*db, "SELECT 1 FROM pg_sleep(3600)");
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kUnavailable);
  EXPECT_TRUE(count(*db).ok());
}

TEST_F(PostgreSQLDatabase, OrdersTextByBytesWhateverTheServersOrderIs) {
  const auto db = open();
  EXPECT_EQ(*ask(*db, "SELECT CASE WHEN 'B'::text < 'a'::text THEN 1 ELSE 0 END"), 0);
  const std::vector<std::string> sorted = {"B", "Z", "a", "a-b", "aa", "\xc3\x84"};
  int id = 0;
  for (auto it = sorted.rbegin(); it != sorted.rend(); ++it)
    ASSERT_TRUE(insert(*db, id++, *it).ok());
  std::vector<std::string> found;
  ASSERT_TRUE(db->read_blocking([&](Connection& c) {
                  return c.query("SELECT body FROM note WHERE body < $1 ORDER BY body",
                                 {"\xc3\xbf"},
                                 [&](const Row& row) { found.push_back(row.string(0)); });
                }).ok());
  EXPECT_EQ(found, sorted);
}

TEST_F(PostgreSQLDatabase, RefusesTextThatIsNoText) {
  const auto db = open();
  for (const std::string& text : {std::string("a\0b", 3), std::string("\xff")}) {
    const auto r = insert(*db, 1, text);
    ASSERT_FALSE(r.ok());
    EXPECT_EQ(r.error().code, Errc::kInvalidArgument);
  }
  EXPECT_TRUE(insert(*db, 1, "fine").ok());
}

TEST_F(PostgreSQLDatabase, ReadsNumbersOfEveryKind) {
  const auto db = open();
  const auto value = [&](std::string sql) { return *ask(*db, "SELECT " + sql); };
  EXPECT_EQ(value("SUM(x::bigint) FROM (VALUES (9223372036854775800), (7)) AS t (x)"), INT64_MAX);
  EXPECT_EQ(value("-1200340056::numeric"), -1200340056);
  EXPECT_EQ(value("0::numeric"), 0);
  EXPECT_EQ(value("70000::numeric"), 70000);
  EXPECT_EQ(value("-5::smallint"), -5);
  EXPECT_EQ(value("-70000::int"), -70000);
  EXPECT_EQ(value("1 = 1"), 1);
  EXPECT_EQ(value("4000000000::oid"), 4000000000);
  EXPECT_EQ(value("'42'::text"), 42);
}

TEST_F(PostgreSQLDatabase, SaysWhatIsWrongWithATargetAndKeepsThePassword) {
  const auto refused = [&](const std::string& target, Errc code) {
    const auto r = Database::open_postgres(SecretString(target), {}, kNoteSets);
    ASSERT_FALSE(r.ok()) << target;
    EXPECT_EQ(r.error().code, code) << r.error().message;
    EXPECT_EQ(r.error().message.find("hunter2"), std::string::npos) << r.error().message;
  };
  const std::string socket =
      "host=" + server_->socket_folder() + " password=hunter2 user=sallyport ";
  refused("host=/nonexistent password=hunter2", Errc::kUnavailable);
  refused("password=x hunter2", Errc::kInvalidArgument);
  refused("postgresql://u:hunter2@[::1/x", Errc::kInvalidArgument);
  refused("hunter2=1", Errc::kInvalidArgument);
  refused(socket + "dbname=nowhere", Errc::kNotFound);
  refused(socket + "dbname=postgres options='-csearch_path=nowhere'", Errc::kNotFound);
  server_->run_sql(
      "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'"
      " LOCALE_PROVIDER libc");
  refused(socket + "dbname=latin", Errc::kUnsupported);
}

}  // namespace
}  // namespace sallyport::state
