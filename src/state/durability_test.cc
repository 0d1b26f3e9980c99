// What was answered is there after the process was killed at any moment.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "state/database.h"
#include "state/test_backends.h"

namespace sallyport::state {
namespace {

constexpr Migration kRows[] = {{1, "CREATE TABLE pair (id BIGINT, half BIGINT)"}};
constexpr MigrationSet kPairSets[] = {{"pair", kRows}};
constexpr int kWriters = 4;

Result<void> write_pair(Database& db, std::int64_t id) {
  return db.write_blocking([id](Connection& c) -> Result<void> {
    TRY(c.execute("INSERT INTO pair VALUES ($1, 0)", {id}));
    TRY(c.execute("INSERT INTO pair VALUES ($1, 1)", {id}));
    return ok();
  });
}

// Writes pairs for ever, and tells the pipe the id of each one that was answered.
[[noreturn]] void write_until_killed(const TestDatabase& place, int pipe_end, int round) {
  auto db = place.try_open(kPairSets, {});
  if (!db.ok()) _exit(1);
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (std::int64_t i = 0;; ++i) {
        const std::int64_t id = (round * 1'000'000 + i) * kWriters + w;
        if (!write_pair(**db, id).ok()) _exit(2);
        if (::write(pipe_end, &id, sizeof id) != sizeof id) _exit(3);
      }
    });
  }
  for (auto& writer : writers) writer.join();
  _exit(0);
}

class Durability : public OnEachBackend {};
SALLYPORT_ON_EACH_BACKEND(Durability);

TEST_P(Durability, KeepsEveryAnsweredWriteOfAKilledProcess) {
  std::vector<std::int64_t> answered;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(*place_, ends[1], round);
    }
    ::close(ends[1]);
    std::int64_t id = 0;
    for (int i = 0; i < 40 + 37 * round; ++i) {
      ASSERT_EQ(::read(ends[0], &id, sizeof id), static_cast<ssize_t>(sizeof id));
      answered.push_back(id);
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    while (::read(ends[0], &id, sizeof id) == static_cast<ssize_t>(sizeof id)) {
      answered.push_back(id);
    }
    ::close(ends[0]);
  }
  auto db = place_->try_open(kPairSets, {});
  ASSERT_TRUE(db.ok()) << db.error().message;
  auto checked = (*db)->read_blocking([&](Connection& c) -> Result<std::int64_t> {
    for (const std::int64_t id : answered) {
      TRY_ASSIGN(const auto halves,
                 c.query_integer("SELECT COUNT(*) FROM pair WHERE id = $1", {id}));
      EXPECT_EQ(halves, 2) << id;
    }
    return c.query_integer(
        "SELECT COUNT(*) FROM (SELECT id FROM pair GROUP BY id HAVING COUNT(*) <> 2) AS torn");
  });
  ASSERT_TRUE(checked.ok());
  EXPECT_EQ(*checked, 0);
}

}  // namespace
}  // namespace sallyport::state
