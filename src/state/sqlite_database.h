// The SQLite side of Database: one writer thread that commits in groups, a few reader threads.
// Inside src/state only.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "state/database.h"
#include "state/listeners.h"
#include "state/sqlite_connection.h"

namespace sallyport::state {

class SqliteDatabase final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                const DatabaseOptions& options,
                                                std::span<const MigrationSet> sets);
  ~SqliteDatabase() override;

  std::shared_ptr<void> listen(std::string channel, Listener listener) override;
  Result<void> shrink() override;

 private:
  // First in, first out; the jobs are linked, so nothing is allocated.
  class Queue {
   public:
    explicit Queue(std::size_t capacity) : capacity_(capacity) {}
    bool push(Job& job);
    // Waits for jobs and moves at most `limit` of them to `out`; false when stopped and empty.
    bool take(std::size_t limit, std::vector<Job*>& out);
    void stop();

   private:
    std::mutex mutex_;
    std::condition_variable wake_;
    Job* head_ = nullptr;
    Job* tail_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_;
    bool stopping_ = false;
  };

  explicit SqliteDatabase(const DatabaseOptions& options)
      : options_(options), reads_(options.max_queued), writes_(options.max_queued) {}
  void submit(Kind kind, Job& job) override;
  void serve_reads(SqliteConnection& connection);
  void serve_writes();
  void run_read(SqliteConnection& connection, Job& job);
  // Runs jobs from `first` on in one transaction; returns how many it has answered for.
  std::size_t run_transaction(std::span<Job* const> jobs);
  bool run_in_savepoint(Job& job, bool alone);
  void commit(std::span<Job* const> applied);
  void abandon(std::span<Job* const> applied, const Error& error);

  DatabaseOptions options_;
  Queue reads_, writes_;
  Listeners listeners_;
  std::unique_ptr<SqliteConnection> writer_;
  std::vector<std::unique_ptr<SqliteConnection>> readers_;
  std::vector<std::thread> threads_;
};

}  // namespace sallyport::state
