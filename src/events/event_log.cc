#include "events/event_log.h"

#include <pthread.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "events/event_queue.h"
#include "net/blocking_pool.h"

namespace sallyport::events {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kBatchLines = 2048;
// A few milliseconds of gathering turn many small commits into one.
constexpr auto kGatherTime = 10ms;
constexpr auto kRetryTime = 1s;
constexpr auto kTrimTime = 10min;
constexpr auto kTrimTimeWhileFailing = 1min;
// Lines between two trims, so that the bound on bytes holds under load too.
constexpr std::uint64_t kTrimLines = 100'000;

// Whether the same lines may be taken later.
bool may_pass(const Error& error) {
  return error.code == Errc::kUnavailable || error.code == Errc::kIo ||
         error.code == Errc::kTimeout;
}

}  // namespace

struct EventLog::Impl {
  Impl(std::unique_ptr<state::LogStore> s, net::BlockingPool& p, EventLogOptions o)
      : store(std::move(s)), pool(p), options(o), queue(o.queue_lines, o.queue_bytes) {}

  void emit(state::LogLine line, Importance importance);
  void flush();
  void serve();
  void wait_for_lines(std::unique_lock<std::mutex>& lock);
  void write_batch(std::unique_lock<std::mutex>& lock);
  void lines_written(std::uint64_t count);
  void lines_refused(std::vector<state::LogLine> lines, const Error& error);
  void trim_if_due(std::unique_lock<std::mutex>& lock);

  const std::unique_ptr<state::LogStore> store;
  net::BlockingPool& pool;
  const EventLogOptions options;

  mutable std::mutex mutex;
  std::condition_variable wake;     // the writer
  std::condition_variable settled;  // who flushes
  // What follows is guarded by `mutex`.
  EventQueue queue;
  std::uint64_t shed = 0;
  std::uint64_t written = 0;
  std::uint64_t refusals = 0;  // batches that the store did not take
  unsigned flushing = 0;
  bool writing = false;
  bool failing = false;
  bool idle = false;
  bool stopping = false;

  // Of the writer alone.
  SystemClock clock;
  std::optional<SteadyTime> last_trim;
  std::uint64_t written_at_trim = 0;

  std::thread writer;
};

void EventLog::Impl::emit(state::LogLine line, Importance importance) {
  bool must_wake;
  {
    const std::lock_guard lock(mutex);
    shed += queue.offer(std::move(line), importance);
    must_wake = std::exchange(idle, false);
  }
  if (must_wake) wake.notify_one();
}

void EventLog::Impl::flush() {
  std::unique_lock lock(mutex);
  const std::uint64_t target = queue.offered();
  if (queue.settled() >= target) return;
  // What was refused before does not count: this flush wants an attempt of its own.
  const std::uint64_t enough = refusals + (writing ? 2 : 1);
  ++flushing;
  wake.notify_one();
  settled.wait(lock, [&] { return queue.settled() >= target || refusals >= enough; });
  --flushing;
}

void EventLog::Impl::wait_for_lines(std::unique_lock<std::mutex>& lock) {
  if (failing) {
    wake.wait_for(lock, kRetryTime, [this] { return stopping || flushing != 0; });
    return;
  }
  if (queue.waiting() == 0) {
    idle = true;
    wake.wait(lock, [this] { return stopping || queue.waiting() != 0; });
    idle = false;
  }
  if (queue.waiting() < kBatchLines && flushing == 0) {
    wake.wait_for(lock, kGatherTime, [this] { return stopping || flushing != 0; });
  }
}

void EventLog::Impl::lines_written(std::uint64_t count) {
  queue.release();
  written += count;
  if (std::exchange(failing, false)) {
    spdlog::warn("the event log is written again; {} lines were shed so far", shed);
  }
}

void EventLog::Impl::lines_refused(std::vector<state::LogLine> lines, const Error& error) {
  ++refusals;
  if (!std::exchange(failing, true)) {
    spdlog::error("the event log cannot be written: {}", error.message);
  }
  if (may_pass(error) && !stopping) {
    queue.put_back(std::move(lines));
  } else {
    shed += lines.size();
    queue.release();
  }
}

void EventLog::Impl::write_batch(std::unique_lock<std::mutex>& lock) {
  auto lines = queue.take(kBatchLines);
  if (!lines.empty()) {
    writing = true;
    lock.unlock();
    const auto appended = store->append(lines);
    lock.lock();
    writing = false;
    if (appended.ok()) {
      lines_written(lines.size());
    } else {
      lines_refused(std::move(lines), appended.error());
    }
  }
  settled.notify_all();
}

void EventLog::Impl::trim_if_due(std::unique_lock<std::mutex>& lock) {
  const SteadyTime now = clock.steady();
  const auto interval = failing ? SteadyTime::duration(kTrimTimeWhileFailing) : kTrimTime;
  const bool due =
      !last_trim || now - *last_trim >= interval || written - written_at_trim >= kTrimLines;
  if (!due) return;
  last_trim = now;
  written_at_trim = written;
  lock.unlock();
  const std::uint64_t days = std::min<std::uint64_t>(options.retention_days, 365'000);
  const WallTime before = clock.wall() - std::chrono::hours(24 * days);
  if (const auto trimmed = store->trim(before, options.max_bytes); !trimmed.ok()) {
    spdlog::warn("the event log cannot be trimmed: {}", trimmed.error().message);
  }
  lock.lock();
}

void EventLog::Impl::serve() {
  pthread_setname_np(pthread_self(), "event-log");
  std::unique_lock lock(mutex);
  for (;;) {
    wait_for_lines(lock);
    if (stopping && queue.waiting() == 0) return;
    write_batch(lock);
    if (stopping && failing) {
      shed += queue.waiting();
      return;
    }
    if (!stopping) trim_if_due(lock);
  }
}

EventLog::EventLog(std::unique_ptr<state::LogStore> store, net::BlockingPool& pool,
                   EventLogOptions options)
    : impl_(std::make_unique<Impl>(std::move(store), pool, options)) {
  impl_->writer = std::thread([impl = impl_.get()] { impl->serve(); });
}

EventLog::~EventLog() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_one();
  impl_->writer.join();
}

void EventLog::emit(state::LogLine line, Importance importance) {
  impl_->emit(std::move(line), importance);
}

std::uint64_t EventLog::shed() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->shed;
}

std::uint64_t EventLog::written() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->written;
}

Task<Result<std::vector<state::LogLine>>> EventLog::query(state::LogQuery query) {
  co_return co_await impl_->pool.run([this, &query] {
    impl_->flush();
    return impl_->store->query(query);
  });
}

Task<Result<std::vector<std::string>>> EventLog::groups() {
  co_return co_await impl_->pool.run([this] {
    impl_->flush();
    return impl_->store->groups();
  });
}

Task<Result<std::vector<state::LogStreamInfo>>> EventLog::streams(std::string group) {
  co_return co_await impl_->pool.run([this, &group] {
    impl_->flush();
    return impl_->store->streams(group);
  });
}

void EventLog::flush() {
  impl_->flush();
}

}  // namespace sallyport::events
