#include "state/sqlite_database.h"

#include <pthread.h>

#include "state/migrations.h"

namespace sallyport::state {
namespace {

constexpr std::int64_t kShrinkPages = 512;

}  // namespace

Result<std::unique_ptr<Database>> Database::open_sqlite(const std::string& path,
                                                        DatabaseOptions options,
                                                        std::span<const MigrationSet> sets) {
  return SqliteDatabase::open(path, options, sets);
}

bool SqliteDatabase::Queue::push(Job& job) {
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

bool SqliteDatabase::Queue::take(std::size_t limit, std::vector<Job*>& out) {
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

void SqliteDatabase::Queue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
}

Result<std::unique_ptr<Database>> SqliteDatabase::open(const std::string& path,
                                                       const DatabaseOptions& options,
                                                       std::span<const MigrationSet> sets) {
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(options));
  TRY_ASSIGN(database->writer_,
             SqliteConnection::open(path, options, SqliteConnection::Role::kWriter));
  if (auto migrated = migrate(*database->writer_, sets); !migrated.ok()) {
    return std::move(migrated).error().with_context("opening the database " + path);
  }
  for (unsigned i = 0; i < std::max(1u, options.reader_threads); ++i) {
    TRY_ASSIGN(auto reader, SqliteConnection::open(path, options, SqliteConnection::Role::kReader));
    database->readers_.push_back(std::move(reader));
  }
  database->threads_.emplace_back([db = database.get()] { db->serve_writes(); });
  for (auto& reader : database->readers_) {
    database->threads_.emplace_back(
        [db = database.get(), connection = reader.get()] { db->serve_reads(*connection); });
  }
  return std::unique_ptr<Database>(std::move(database));
}

SqliteDatabase::~SqliteDatabase() {
  reads_.stop();
  writes_.stop();
  for (auto& thread : threads_) thread.join();
  // The last connection to close folds the write-ahead log into the file; only the writer may
  // write.
  readers_.clear();
}

std::shared_ptr<void> SqliteDatabase::listen(std::string channel, Listener listener) {
  return listeners_.add(std::move(channel), std::move(listener));
}

void SqliteDatabase::submit(Kind kind, Job& job) {
  if ((kind == Kind::kRead ? reads_ : writes_).push(job)) return;
  job.fail(Error(Errc::kUnavailable, "too many calls wait for the database"));
  job.finished();
}

void SqliteDatabase::serve_reads(SqliteConnection& connection) {
  pthread_setname_np(pthread_self(), "db-read");
  std::vector<Job*> jobs;
  while (reads_.take(1, jobs)) {
    run_read(connection, *jobs.front());
    jobs.clear();
  }
}

void SqliteDatabase::run_read(SqliteConnection& connection, Job& job) {
  connection.reset_failure();
  if (auto begun = connection.control("BEGIN"); !begun.ok()) {
    job.fail(std::move(begun).error());
  } else {
    const Error* const error = job.run(connection);
    if (error == nullptr && connection.failure()) job.fail(*connection.failure());
    if (connection.in_transaction()) (void)connection.control("ROLLBACK");
  }
  job.finished();
}

void SqliteDatabase::serve_writes() {
  pthread_setname_np(pthread_self(), "db-write");
  std::vector<Job*> jobs;
  while (writes_.take(std::max(1u, options_.max_batch), jobs)) {
    std::span<Job* const> rest = jobs;
    while (!rest.empty()) rest = rest.subspan(run_transaction(rest));
    // A call may vanish as it is told; none is touched after.
    for (Job* job : jobs) job->finished();
    jobs.clear();
  }
}

std::size_t SqliteDatabase::run_transaction(std::span<Job* const> jobs) {
  if (auto begun = writer_->control("BEGIN IMMEDIATE"); !begun.ok()) {
    abandon(jobs, begun.error());
    return jobs.size();
  }
  std::vector<Job*> applied;
  applied.reserve(jobs.size());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (run_in_savepoint(*jobs[i], jobs.size() == 1)) applied.push_back(jobs[i]);
    if (!writer_->in_transaction()) {
      // SQLite gave up the whole transaction (disk full, I/O): the earlier calls lost their work.
      const auto& cause = writer_->failure();
      abandon(applied, cause ? *cause : Error(Errc::kUnavailable, "the transaction was given up"));
      return i + 1;
    }
  }
  commit(applied);
  return jobs.size();
}

// A call that is alone needs no savepoint: the transaction is its own.
bool SqliteDatabase::run_in_savepoint(Job& job, bool alone) {
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

void SqliteDatabase::commit(std::span<Job* const> applied) {
  if (applied.empty()) {
    (void)writer_->control("ROLLBACK");
    return;
  }
  if (auto committed = writer_->control("COMMIT"); !committed.ok()) {
    if (writer_->in_transaction()) (void)writer_->control("ROLLBACK");
    abandon(applied, committed.error());
    return;
  }
  for (const auto& [channel, payload] : writer_->take_notifications()) {
    listeners_.tell(channel, payload);
  }
}

void SqliteDatabase::abandon(std::span<Job* const> applied, const Error& error) {
  writer_->drop_notifications(0);
  for (Job* job : applied) job->fail(error);
}

Result<void> SqliteDatabase::shrink() {
  for (;;) {
    // In small steps, so that other writes get their turn.
    TRY_ASSIGN(const std::int64_t left, write_blocking([](Connection& c) -> Result<std::int64_t> {
                 TRY_ASSIGN(const std::int64_t free, c.query_integer("PRAGMA freelist_count"));
                 TRY_ASSIGN(const std::int64_t mode, c.query_integer("PRAGMA auto_vacuum"));
                 if (free == 0 || mode != 2) return 0;
                 TRY(c.execute("PRAGMA incremental_vacuum(512)"));
                 return free;
               }));
    if (left <= kShrinkPages) return ok();
  }
}

}  // namespace sallyport::state
