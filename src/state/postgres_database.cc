#include "state/postgres_database.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <chrono>

#include "base/random.h"
#include "state/migrations.h"

namespace sallyport::state {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Role = BackendConnection::Role;

// The server slows down for all once a transaction has more than 64 savepoints.
constexpr unsigned kMaxBatch = 64;
constexpr milliseconds kPollInterval{500}, kRetryInterval{100};
constexpr std::chrono::hours kTrimInterval{1};
constexpr std::int64_t kChangesAtOnce = 1000;

// Whether `fd` can be read within the time.
bool readable(int fd, milliseconds timeout) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, static_cast<int>(timeout.count())) > 0;
}

}  // namespace

Result<std::unique_ptr<Database>> Database::open_postgres(const SecretString& target,
                                                          DatabaseOptions options,
                                                          std::span<const MigrationSet> sets) {
  return PostgresDatabase::open(target, options, sets);
}

PostgresDatabase::PostgresDatabase(PostgresTarget target, const DatabaseOptions& options)
    : WorkerDatabase(options, std::clamp(options.max_batch, 1u, kMaxBatch)),
      target_(std::move(target)),
      listener_(target_, Role::kReader),
      stop_(::eventfd(0, EFD_CLOEXEC)) {}

Result<std::unique_ptr<Database>> PostgresDatabase::open(const SecretString& target,
                                                         const DatabaseOptions& options,
                                                         std::span<const MigrationSet> sets) {
  TRY_ASSIGN(PostgresTarget parsed, PostgresTarget::parse(target, options));
  std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(std::move(parsed), options));
  if (auto prepared = database->prepare(sets); !prepared.ok()) {
    return std::move(prepared).error().with_context("opening the database");
  }
  return std::unique_ptr<Database>(std::move(database));
}

Result<void> PostgresDatabase::prepare(std::span<const MigrationSet> sets) {
  if (!stop_.valid()) return errno_error("an eventfd", errno);
  std::vector<MigrationSet> all{change_schema()};
  all.insert(all.end(), sets.begin(), sets.end());
  auto writer = std::make_unique<PostgresConnection>(target_, Role::kWriter);
  TRY(writer->ensure_connected());
  TRY(migrate(*writer, all));
  TRY(trim_changes(*writer));
  SystemRandom random;
  mark_.node = random.hex(32);
  TRY(listener_.ensure_connected());
  TRY(listener_.control(kListenForChanges));
  TRY_ASSIGN(const std::int64_t head, change_head(listener_));
  feed_.start_after(head);

  std::vector<std::unique_ptr<BackendConnection>> readers;
  for (unsigned i = 0; i < std::max(1u, options_.reader_threads); ++i) {
    readers.push_back(std::make_unique<PostgresConnection>(target_, Role::kReader));
  }
  start(std::move(writer), std::move(readers));
  listening_ = std::thread([this] { serve_changes(); });
  return ok();
}

PostgresDatabase::~PostgresDatabase() {
  stop();
  if (!listening_.joinable()) return;
  (void)::eventfd_write(stop_.get(), 1);
  listening_.join();
}

void PostgresDatabase::submit(Kind kind, Job& job) {
  if (!feed_.lost()) return WorkerDatabase::submit(kind, job);
  job.fail(Error(Errc::kUnavailable,
                 "this node was cut off from the database for so long that changes of other nodes "
                 "are lost to it, or the database was put back to an earlier state; restart it"));
  job.finished();
}

Result<void> PostgresDatabase::commit_and_tell(BackendConnection& connection) {
  // start() was given no other writer.
  auto& writer = static_cast<PostgresConnection&>(connection);
  TRY_ASSIGN(const std::vector<Change> changes, publish(writer));
  if (auto committed = writer.control("COMMIT"); !committed.ok()) {
    if (writer.connected()) return committed;
    TRY(find_out(writer, std::move(committed).error()));
  }
  feed_.tell(changes);
  return ok();
}

// What other nodes have changed since the last telling is read while nobody can commit, so that
// nothing stands between the commit and the telling.
Result<std::vector<Change>> PostgresDatabase::publish(PostgresConnection& writer) {
  writer_pid_ = writer.backend_pid();
  auto notifications = writer.take_notifications();
  std::vector<Change> changes;
  if (!notifications.empty()) {
    auto missed = read_changes(writer, feed_.last(), writer.head(), 0);
    if (!missed.ok()) {
      if (missed.error().code == Errc::kUnsupported) feed_.set_lost();
      return missed;
    }
    changes = std::move(*missed);
  }
  ++mark_.batch;
  TRY_ASSIGN(auto own, write_changes(writer, writer.head(), std::move(notifications), mark_));
  std::move(own.begin(), own.end(), std::back_inserter(changes));
  return changes;
}

Result<void> PostgresDatabase::find_out(PostgresConnection& writer, Error lost) {
  const auto until = steady_clock::now() + milliseconds(options_.busy_timeout_ms);
  do {
    // Waits for the lost transaction too, should the server still be busy with it.
    if (writer.begin().ok()) {
      const auto committed = was_committed(writer, mark_);
      (void)writer.control("ROLLBACK");
      if (committed.ok() && *committed) return ok();
      if (committed.ok()) return lost;
    }
  } while (steady_clock::now() < until && !readable(stop_.get(), kRetryInterval));
  return std::move(lost).with_context("whether the write was committed is not known");
}

void PostgresDatabase::serve_changes() {
  pthread_setname_np(pthread_self(), "db-listen");
  // An error is of the connection, and each use of it tells; here it is only made again.
  do {
    (void)listen_until_lost();
    listener_.disconnect();
  } while (!readable(stop_.get(), kRetryInterval));
}

Result<void> PostgresDatabase::listen_until_lost() {
  TRY(listener_.ensure_connected());
  // Before the first look, so that nothing falls between.
  TRY(listener_.control(kListenForChanges));
  auto trimmed_at = steady_clock::now();
  bool look = true;
  auto looked_at = steady_clock::now();
  for (;;) {
    if (look || steady_clock::now() - looked_at >= kPollInterval) {
      TRY(catch_up());
      looked_at = steady_clock::now();
    }
    if (steady_clock::now() - trimmed_at >= kTrimInterval) {
      TRY(trim_changes(listener_));
      trimmed_at = steady_clock::now();
    }
    TRY_ASSIGN(look, listener_.wait_for_notification(stop_.get(), kPollInterval, writer_pid_));
    if (readable(stop_.get(), milliseconds(0))) return ok();
  }
}

Result<void> PostgresDatabase::catch_up() {
  TRY_ASSIGN(const std::int64_t head, change_head(listener_));
  while (feed_.last() != head && !feed_.lost()) {
    const std::int64_t last = feed_.last();
    // The writer may have told of more than was there a moment ago.
    if (last > head) {
      TRY_ASSIGN(const std::int64_t now, change_head(listener_));
      if (now < last) feed_.set_lost();
      return ok();
    }
    auto changes = read_changes(listener_, last, head, kChangesAtOnce);
    if (!changes.ok() && changes.error().code == Errc::kUnsupported) feed_.set_lost();
    if (!changes.ok()) return std::move(changes).error();
    feed_.tell(*changes);
  }
  return ok();
}

}  // namespace sallyport::state
