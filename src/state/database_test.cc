#include "state/database.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "net/loop.h"
#include "state/test_backends.h"
#include "state/test_notes.h"

namespace sallyport::state {
namespace {

class EachDatabase : public OnEachBackend {
 protected:
  std::unique_ptr<Database> open(DatabaseOptions options = TestDatabase::quick()) {
    return place_->open(kNoteSets, options);
  }
};
SALLYPORT_ON_EACH_BACKEND(EachDatabase);

TEST_P(EachDatabase, GivesBackWhatWasBound) {
  auto db = open();
  const std::string text("a\tb\x01 \xc3\xa4");
  const Bytes raw{0, 1, 255};
  ASSERT_TRUE(db->write_blocking([&](Connection& c) {
                  return c.execute(
                      "INSERT INTO note VALUES ($1, $2, $3), ($4, $5, $6), ($7, $8, $9)",
                      {INT64_MIN, text, raw, INT64_MAX, nullptr, std::optional<std::string>(), 7,
                       "", Bytes{}});
                }).ok());
  int rows = 0;
  auto read = db->read_blocking([&](Connection& c) {
    return c.query("SELECT id, body, raw FROM note ORDER BY id", {}, [&](const Row& row) {
      switch (rows++) {
        case 0:
          EXPECT_EQ(row.integer(0), INT64_MIN);
          EXPECT_EQ(row.text(1), text);
          EXPECT_EQ(to_bytes(row.blob(2)), raw);
          break;
        case 1:
          EXPECT_FALSE(row.is_null(1));
          EXPECT_EQ(row.optional_string(1), "");
          EXPECT_TRUE(row.blob(2).empty());
          break;
        default:
          EXPECT_EQ(row.integer(0), INT64_MAX);
          EXPECT_TRUE(row.is_null(1));
          EXPECT_EQ(row.optional_string(1), std::nullopt);
          EXPECT_EQ(row.integer(2), 0);
          EXPECT_EQ(row.optional_integer(2), std::nullopt);
      }
    });
  });
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, 3);
}

TEST_P(EachDatabase, TakesParametersByNumberNotByOrder) {
  auto db = open();
  auto read = db->read_blocking([](Connection& c) {
    return c.query_integer("SELECT $2 * 100 + $1 * 10 + $2", {3, 4});
  });
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, 434);
}

TEST_P(EachDatabase, RefusesWrongStatements) {
  auto db = open();
  const auto code_of = [&](std::string_view sql) {
    auto r = db->read_blocking([&](Connection& c) { return c.query_integer(sql, {1}); });
    return r.ok() ? std::optional<Errc>() : r.error().code;
  };
  EXPECT_EQ(code_of("SELEKT 1"), Errc::kInternal);
  EXPECT_EQ(code_of("SELECT 1; SELECT 2"), Errc::kInternal);
  EXPECT_EQ(code_of("SELECT $1 + $2"), Errc::kInternal);
  EXPECT_EQ(code_of("SELECT ?"), Errc::kInternal);
  EXPECT_EQ(code_of(""), Errc::kInternal);
  EXPECT_EQ(code_of("SELECT 1 WHERE $1 = 2"), Errc::kNotFound);
  EXPECT_EQ(code_of("SELECT 1; "), std::nullopt);
}

TEST_P(EachDatabase, RefusesToWriteInARead) {
  auto db = open();
  auto r = db->read_blocking([](Connection& c) { return c.execute("DELETE FROM note"); });
  EXPECT_FALSE(r.ok());
  r = db->read_blocking([](Connection& c) -> Result<std::int64_t> {
    TRY(c.notify("x", "y"));
    return 0;
  });
  EXPECT_FALSE(r.ok());
}

TEST_P(EachDatabase, TellsKindsOfConstraintsApart) {
  auto db = open();
  ASSERT_TRUE(db->write_blocking([](Connection& c) {
                  return c.execute(
                      "CREATE TABLE part (id BIGINT NOT NULL UNIQUE CHECK (id > 0),"
                      " note BIGINT REFERENCES note (id))");
                }).ok());
  const auto code_of = [&](Bind id, Bind note) {
    auto r = db->write_blocking([&](Connection& c) {
      return c.execute("INSERT INTO part VALUES ($1, $2)", {id, note});
    });
    return r.ok() ? std::optional<Errc>() : r.error().code;
  };
  EXPECT_EQ(code_of(1, nullptr), std::nullopt);
  EXPECT_EQ(code_of(1, nullptr), Errc::kAlreadyExists);
  EXPECT_EQ(code_of(2, 99), Errc::kConflict);
  EXPECT_EQ(code_of(nullptr, nullptr), Errc::kInvalidArgument);
  EXPECT_EQ(code_of(-1, nullptr), Errc::kInvalidArgument);
}

TEST_P(EachDatabase, UndoesAWriteThatReturnsAnError) {
  auto db = open();
  auto r = db->write_blocking([](Connection& c) -> Result<void> {
    TRY(c.execute("INSERT INTO note (id) VALUES (1)"));
    return Error(Errc::kCancelled, "changed my mind");
  });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kCancelled);
  EXPECT_EQ(count(*db), 0);
}

TEST_P(EachDatabase, FailsAWriteThatPassesOverAFailedStatement) {
  auto db = open();
  ASSERT_TRUE(insert(*db, 1).ok());
  auto r = db->write_blocking([](Connection& c) -> Result<void> {
    TRY(c.execute("INSERT INTO note (id) VALUES (2)"));
    (void)c.execute("INSERT INTO note (id) VALUES (1)");
    return ok();
  });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kAlreadyExists);
  EXPECT_EQ(count(*db), 1);
}

TEST_P(EachDatabase, RunsTheSameStatementInsideItsOwnRows) {
  auto db = open();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(insert(*db, i).ok());
  int pairs = 0;
  constexpr std::string_view kSql = "SELECT id FROM note WHERE id >= $1 ORDER BY id";
  auto r = db->read_blocking([&](Connection& c) {
    return c.query(kSql, {1}, [&](const Row& outer) {
      const auto inner = c.query(kSql, {outer.integer(0)}, [&](const Row&) { ++pairs; });
      EXPECT_TRUE(inner.ok());
    });
  });
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(pairs, 6);
}

TEST_P(EachDatabase, EndsAQueryEarlyWhenTheSinkSaysSo) {
  auto db = open();
  for (int i = 1; i <= 3; ++i) ASSERT_TRUE(insert(*db, i).ok());
  auto r = db->read_blocking([](Connection& c) {
    return c.query("SELECT id FROM note ORDER BY id", {},
                   [](const Row& row) { return row.integer(0) < 2; });
  });
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(*r, 2);
}

TEST_P(EachDatabase, KeepsWorkingWithMoreStatementsThanItRemembers) {
  auto db = open();
  auto r = db->read_blocking([](Connection& c) -> Result<std::int64_t> {
    std::int64_t sum = 0;
    for (int i = 0; i < 600; ++i) {
      TRY_ASSIGN(const auto n, c.query_integer("SELECT " + std::to_string(i)));
      sum += n;
    }
    return sum;
  });
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(*r, 600 * 599 / 2);
}

TEST_P(EachDatabase, ReadsFromOneSnapshot) {
  auto db = open();
  ASSERT_TRUE(insert(*db, 1).ok());
  auto r = db->read_blocking([&](Connection& c) -> Result<std::int64_t> {
    TRY_ASSIGN(const auto before, c.query_integer("SELECT COUNT(*) FROM note"));
    // Another thread, so that the writer's answer is waited for outside of the database's threads.
    std::thread([&] { EXPECT_TRUE(insert(*db, 2).ok()); }).join();
    TRY_ASSIGN(const auto after, c.query_integer("SELECT COUNT(*) FROM note"));
    return after - before;
  });
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(*r, 0);
  EXPECT_EQ(count(*db), 2);
}

TEST_P(EachDatabase, SharesACommitAmongManyWritersAndIsolatesFailures) {
  DatabaseOptions options;
  options.sync = DatabaseOptions::Sync::kFull;
  auto db = open(options);
  constexpr int kThreads = 16, kEach = 60;
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        // Every third write collides with a row of its own that stands already.
        const int id = t * kEach + (i % 3 == 2 ? i - 1 : i);
        const auto r = insert(*db, id, "x");
        if (i % 3 == 2) {
          EXPECT_EQ(r.ok() ? Errc::kInternal : r.error().code, Errc::kAlreadyExists);
          ++refused;
        } else {
          EXPECT_TRUE(r.ok()) << r.error().message;
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused, kThreads * kEach / 3);
  EXPECT_EQ(count(*db), kThreads * kEach * 2 / 3);
}

TEST_P(EachDatabase, AnswersACoroutineOnItsLoop) {
  auto db = open();
  auto task = [](Database& d) -> Task<bool> {
    net::Loop* const loop = net::Loop::current();
    bool fine = true;
    for (int i = 0; i < 100; ++i) {
      auto w = co_await d.write(
          [i](Connection& c) { return c.execute("INSERT INTO note (id) VALUES ($1)", {i}); });
      fine = fine && w.ok() && *w == 1 && net::Loop::current() == loop;
      auto r = co_await d.read(
          [](Connection& c) { return c.query_integer("SELECT COUNT(*) FROM note"); });
      fine = fine && r.ok() && *r == i + 1 && net::Loop::current() == loop;
    }
    co_return fine;
  };
  EXPECT_TRUE(net::sync_wait(task(*db)));
}

TEST_P(EachDatabase, FinishesWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> done{0};
  {
    auto db = open();
    net::Loop loop;
    net::TaskScope scope;
    auto one = [](Database& d, int i, std::atomic<int>& n) -> Task<void> {
      auto r = co_await d.write(
          [i](Connection& c) { return c.execute("INSERT INTO note (id) VALUES ($1)", {i}); });
      if (r.ok()) ++n;
    };
    auto all = [](Database& d, net::TaskScope& s, net::Loop& l, std::atomic<int>& n,
                  decltype(one)& f) -> Task<void> {
      for (int i = 0; i < 200; ++i) s.spawn(f(d, i, n));
      co_await s.join();
      l.stop();
    };
    net::start_on(loop, all(*db, scope, loop, done, one));
    loop.run();
  }
  EXPECT_EQ(done, 200);
  EXPECT_EQ(count(*open()), 200);
}

TEST_P(EachDatabase, TellsListenersInCommitOrderAndOnlyOfCommits) {
  auto db = open();
  std::vector<std::string> heard;
  auto handle = db->listen("a", [&](std::string_view payload) { heard.emplace_back(payload); });
  const auto write = [&](std::string payload, bool succeed) {
    return db->write_blocking([&](Connection& c) -> Result<void> {
      TRY(c.notify("a", payload));
      TRY(c.notify("b", "for others"));
      if (!succeed) return Error(Errc::kCancelled, "no");
      return ok();
    });
  };
  EXPECT_TRUE(write("1", true).ok());
  EXPECT_FALSE(write("2", false).ok());
  EXPECT_TRUE(write("3", true).ok());
  // The write is answered after the listeners were told.
  EXPECT_EQ(heard, (std::vector<std::string>{"1", "3"}));
  handle.reset();
  EXPECT_TRUE(write("4", true).ok());
  EXPECT_EQ(heard.size(), 2u);
}

TEST_P(EachDatabase, RefusesANotificationThatIsTooLong) {
  auto db = open();
  auto r = db->write_blocking([](Connection& c) { return c.notify("a", std::string(7001, 'x')); });
  ASSERT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kLimitExceeded);
}

TEST_P(EachDatabase, EndsAListenerFromInsideItself) {
  auto db = open();
  int calls = 0;
  std::shared_ptr<void> handle;
  handle = db->listen("a", [&](std::string_view) {
    ++calls;
    handle.reset();
  });
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(db->write_blocking([](Connection& c) { return c.notify("a", ""); }).ok());
  }
  EXPECT_EQ(calls, 1);
}

TEST_P(EachDatabase, RefusesMoreThanItMayQueue) {
  DatabaseOptions options = TestDatabase::quick();
  options.max_queued = 1;
  auto db = open(options);
  // The writer is held, one write waits, the next has no place.
  std::atomic<Errc> refused{Errc::kInternal};
  std::vector<std::thread> threads;
  auto held = db->write_blocking([&](Connection&) -> Result<void> {
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] {
        const auto r = insert(*db, i);
        if (r.ok()) return;
        refused = r.error().code;
        refused.notify_all();
      });
    }
    refused.wait(Errc::kInternal);
    return ok();
  });
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(held.ok());
  EXPECT_EQ(refused, Errc::kUnavailable);
  EXPECT_EQ(count(*db), 1);
}

}  // namespace
}  // namespace sallyport::state
