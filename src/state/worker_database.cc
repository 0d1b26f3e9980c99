#include "state/worker_database.h"

#include <pthread.h>

#include <algorithm>

namespace sallyport::state {

bool WorkerDatabase::Queue::push(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    if (size_ >= capacity_) return false;
    job.next = nullptr;
    (tail_ == nullptr ? head_ : tail_->next) = &job;
    tail_ = &job;
    ++size_;
  }
  wake_.notify_one();
  return true;
}

bool WorkerDatabase::Queue::take(std::size_t limit, std::vector<Job*>& out) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || head_ != nullptr; });
  while (head_ != nullptr && out.size() < limit) {
    out.push_back(head_);
    head_ = head_->next;
    --size_;
  }
  if (head_ == nullptr) tail_ = nullptr;
  return !out.empty();
}

void WorkerDatabase::Queue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

void WorkerDatabase::start(std::unique_ptr<BackendConnection> writer,
                           std::vector<std::unique_ptr<BackendConnection>> readers) {
  writer_ = std::move(writer);
  readers_ = std::move(readers);
  threads_.emplace_back([this] { serve_writes(); });
  for (auto& reader : readers_) {
    threads_.emplace_back([this, connection = reader.get()] { serve_reads(*connection); });
  }
}

void WorkerDatabase::stop() {
  reads_.stop();
  writes_.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  // SQLite: the last connection to close folds the write-ahead log into the file; only the writer
  // may write.
  readers_.clear();
  writer_.reset();
}

WorkerDatabase::~WorkerDatabase() = default;

std::shared_ptr<void> WorkerDatabase::listen(std::string channel, Listener listener) {
  return listeners_.add(std::move(channel), std::move(listener));
}

void WorkerDatabase::submit(Kind kind, Job& job) {
  if ((kind == Kind::kRead ? reads_ : writes_).push(job)) return;
  job.fail(Error(Errc::kUnavailable, "too many calls wait for the database"));
  job.finished();
}

void WorkerDatabase::serve_reads(BackendConnection& connection) {
  pthread_setname_np(pthread_self(), "db-read");
  std::vector<Job*> jobs;
  while (reads_.take(1, jobs)) {
    run_read(connection, *jobs.front());
    jobs.clear();
  }
}

void WorkerDatabase::run_read(BackendConnection& connection, Job& job) {
  connection.reset_failure();
  if (auto begun = connection.begin(); !begun.ok()) {
    job.fail(std::move(begun).error());
  } else {
    const Error* const error = job.run(connection);
    if (error == nullptr && connection.failure()) job.fail(*connection.failure());
    if (connection.in_transaction()) (void)connection.control("ROLLBACK");
  }
  job.finished();
}

void WorkerDatabase::serve_writes() {
  pthread_setname_np(pthread_self(), "db-write");
  std::vector<Job*> jobs;
  while (writes_.take(std::max(1u, max_batch_), jobs)) {
    std::span<Job* const> rest = jobs;
    while (!rest.empty()) rest = rest.subspan(run_transaction(rest));
    // A call may vanish as it is told; none is touched after.
    for (Job* job : jobs) job->finished();
    jobs.clear();
  }
}

std::size_t WorkerDatabase::run_transaction(std::span<Job* const> jobs) {
  if (auto begun = writer_->begin(); !begun.ok()) {
    abandon(jobs, begun.error());
    return jobs.size();
  }
  std::vector<Job*> applied;
  applied.reserve(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (run_in_savepoint(*jobs[i], jobs.size() == 1)) applied.push_back(jobs[i]);
    if (!writer_->in_transaction()) {
      // The whole transaction is gone (SQLite: disk full, I/O; PostgreSQL: the connection was
      // lost): the earlier calls lost their work.
      const auto& cause = writer_->failure();
      abandon(applied, cause ? *cause : Error(Errc::kUnavailable, "the transaction was given up"));
      return i + 1;
    }
  }
  commit(applied);
  return jobs.size();
}

// A call that is alone needs no savepoint: the transaction is its own.
bool WorkerDatabase::run_in_savepoint(Job& job, bool alone) {
  writer_->reset_failure();
  const std::size_t told_before = writer_->notification_count();
  if (!alone) {
    if (auto begun = writer_->control("SAVEPOINT call"); !begun.ok()) {
      job.fail(std::move(begun).error());
      return false;
    }
  }
  bool succeeded = job.run(*writer_) == nullptr;
  if (succeeded && writer_->failure()) {
    job.fail(*writer_->failure());
    succeeded = false;
  }
  if (!succeeded) writer_->drop_notifications(told_before);
  if (alone || !writer_->in_transaction()) return succeeded;
  if (!succeeded) (void)writer_->control("ROLLBACK TO call");
  (void)writer_->control("RELEASE call");
  return succeeded;
}

void WorkerDatabase::commit(std::span<Job* const> applied) {
  if (applied.empty()) {
    (void)writer_->control("ROLLBACK");
    return;
  }
  if (auto committed = commit_and_tell(*writer_); !committed.ok()) {
    if (writer_->in_transaction()) (void)writer_->control("ROLLBACK");
    abandon(applied, committed.error());
  }
}

void WorkerDatabase::abandon(std::span<Job* const> applied, const Error& error) {
  writer_->drop_notifications(0);
  for (Job* job : applied) job->fail(error);
}

}  // namespace sallyport::state
