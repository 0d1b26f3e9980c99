// The PostgreSQL side of Database. Inside src/state only.
//
// Writes of all nodes on one schema follow each other: a transaction first locks the row of
// change_head (postgres_changes.h) and keeps it to its end, and a node puts as many writes as wait
// into one transaction, a savepoint each. So a function sees what SQLite would let it see, is
// called once, never meets a serialisation failure and cannot lose another's update. What it costs:
// one synchronous commit at a time, shared by up to 64 writes. A node that stops in the middle is
// put out by the server after ten seconds; meanwhile the others' writes are answered kUnavailable
// after busy_timeout_ms.
#pragma once

#include <memory>
#include <thread>

#include "base/unique_fd.h"
#include "state/postgres_changes.h"
#include "state/postgres_connection.h"
#include "state/worker_database.h"

namespace sallyport::state {

class PostgresDatabase final : public WorkerDatabase {
 public:
  static Result<std::unique_ptr<Database>> open(const SecretString& target,
                                                const DatabaseOptions& options,
                                                std::span<const MigrationSet> sets);
  ~PostgresDatabase() override;

  Result<void> shrink() override { return ok(); }

 private:
  PostgresDatabase(PostgresTarget target, const DatabaseOptions& options);
  Result<void> prepare(std::span<const MigrationSet> sets);
  void submit(Kind kind, Job& job) override;
  Result<void> commit_and_tell(BackendConnection& writer) override;
  Result<std::vector<Change>> publish(PostgresConnection& writer);
  // After the connection was lost in a commit: looks whether it came through.
  Result<void> find_out(PostgresConnection& writer, Error lost);
  void serve_changes();
  Result<void> listen_until_lost();
  Result<void> catch_up();

  const PostgresTarget target_;
  ChangeFeed feed_{listeners_};
  CommitMark mark_;
  PostgresConnection listener_;
  std::atomic<int> writer_pid_{0};
  UniqueFd stop_;
  std::thread listening_;
};

}  // namespace sallyport::state
