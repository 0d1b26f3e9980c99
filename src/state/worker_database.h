// The threads of a database, whichever the backend: one writer that commits in groups, a few
// readers. Inside src/state only.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "state/backend_connection.h"
#include "state/database.h"
#include "state/listeners.h"

namespace sallyport::state {

// A derived class gives connections to start() and calls stop() first thing in its destructor.
class WorkerDatabase : public Database {
 public:
  ~WorkerDatabase() override;
  std::shared_ptr<void> listen(std::string channel, Listener listener) override;

 protected:
  WorkerDatabase(const DatabaseOptions& options, unsigned max_batch)
      : options_(options),
        max_batch_(max_batch),
        reads_(options.max_queued),
        writes_(options.max_queued) {}
  void start(std::unique_ptr<BackendConnection> writer,
             std::vector<std::unique_ptr<BackendConnection>> readers);
  // Finishes what was submitted, ends the threads and closes the connections.
  void stop();
  void submit(Kind kind, Job& job) override;

  // Commits what `writer` has done and tells the listeners, on the writer's thread.
  virtual Result<void> commit_and_tell(BackendConnection& writer) = 0;

  const DatabaseOptions options_;
  Listeners listeners_;

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

  void serve_reads(BackendConnection& connection);
  void serve_writes();
  void run_read(BackendConnection& connection, Job& job);
  // Runs jobs from `first` on in one transaction; returns how many it has answered for.
  std::size_t run_transaction(std::span<Job* const> jobs);
  bool run_in_savepoint(Job& job, bool alone);
  void commit(std::span<Job* const> applied);
  void abandon(std::span<Job* const> applied, const Error& error);

  const unsigned max_batch_;
  Queue reads_, writes_;
  std::unique_ptr<BackendConnection> writer_;
  std::vector<std::unique_ptr<BackendConnection>> readers_;
  std::vector<std::thread> threads_;
};

}  // namespace sallyport::state
