// Notifications across the nodes of one PostgreSQL schema. Inside src/state only.
//
// A write's notifications are rows of change_log, numbered without gaps by the one row of
// change_head. That row is locked by each write from beginning to end, so numbers rise in commit
// order and a reader that sees a number sees all before it. A node tells its listeners of number
// n + 1 after number n, whoever comes first: its own writer after its commit, or its listener
// thread, which NOTIFY wakes and which looks by itself twice a second. So nothing is missed over an
// interruption; a node that was cut off for longer than the rows are kept says so and is restarted.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "state/database.h"
#include "state/listeners.h"
#include "state/postgres_connection.h"

namespace sallyport::state {

MigrationSet change_schema();

struct Change {
  std::int64_t number = 0;
  std::string channel, payload;
};

// What this node's listeners have been told of. Thread-safe.
class ChangeFeed {
 public:
  explicit ChangeFeed(const Listeners& listeners) : listeners_(listeners) {}

  // Nothing of before is told.
  void start_after(std::int64_t number) { last_ = number; }
  std::int64_t last() const { return last_; }
  // Tells what is new of `changes`, which follow each other and begin at last() + 1 or before.
  void tell(const std::vector<Change>& changes);
  // Changes that this node has not heard of are gone for good.
  bool lost() const { return lost_; }
  void set_lost() { lost_ = true; }

 private:
  const Listeners& listeners_;
  std::mutex telling_;
  std::atomic<std::int64_t> last_{0};
  std::atomic<bool> lost_{false};
};

// The number of the last committed change.
Result<std::int64_t> change_head(Connection& connection);
// Changes above `after` and up to `head`, at most `limit` (0: all) of them. Errors: kUnsupported if
// some are gone.
Result<std::vector<Change>> read_changes(Connection& connection, std::int64_t after,
                                         std::int64_t head, std::int64_t limit);

// What a node leaves of its last transaction, so that it can tell after the loss of a connection
// whether a commit came through.
struct CommitMark {
  std::string node;
  std::int64_t batch = 0;
};

// Inside the writer's transaction, last thing: leaves the mark and numbers the notifications, the
// first head + 1. Returns them.
Result<std::vector<Change>> write_changes(Connection& connection, std::int64_t head,
                                          BackendConnection::Notifications notifications,
                                          const CommitMark& mark);
// Inside a later writer's transaction: whether that of `mark` was committed.
Result<bool> was_committed(Connection& connection, const CommitMark& mark);

// Forgets changes and marks that are old.
Result<void> trim_changes(Connection& connection);

inline constexpr const char* kListenForChanges = "LISTEN sallyport_changes";

}  // namespace sallyport::state
