// Where every structured log line goes. emit() never blocks: lines are queued, and written in
// batches by one thread. When the queue is full, lines are shed, transfer lines last, and counted.
// While the store cannot take lines (its disk is full, say), they wait in the queue and are tried
// again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "state/log_store.h"

namespace sallyport::net {
class BlockingPool;
}

namespace sallyport::events {

enum class Importance : std::uint8_t {
  kTransfer,  // shed last: OPEN, CLOSE, PARTIAL_CLOSE, DELETE, RENAME, …
  kAccess,    // AUTH_FAILURE, CONNECTED, …; shed first (an attacker can make many)
};

struct EventLogOptions {
  std::uint32_t queue_lines = 65536;
  std::uint64_t queue_bytes = 64ull << 20;
  std::uint64_t retention_days = 30;
  std::uint64_t max_bytes = 1ull << 30;
};

// Thread-safe.
class EventLog {
 public:
  EventLog(std::unique_ptr<state::LogStore> store, net::BlockingPool& pool,
           EventLogOptions options);
  // Writes what is queued, then ends; what the store does not take then is shed.
  ~EventLog();

  void emit(state::LogLine line, Importance importance);
  std::uint64_t shed() const;
  std::uint64_t written() const;

  // Written lines that match; sees what was emitted before the call.
  Task<Result<std::vector<state::LogLine>>> query(state::LogQuery query);
  Task<Result<std::vector<std::string>>> groups();
  Task<Result<std::vector<state::LogStreamInfo>>> streams(std::string group);

  // Blocks until everything emitted before is written, or the store has refused it meanwhile.
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::events
