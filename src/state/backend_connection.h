// What the threads of a database need of a connection, whichever the backend. Inside src/state
// only.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "state/database.h"

namespace sallyport::state {

// Not thread-safe; one thread uses it at a time.
class BackendConnection : public Connection {
 public:
  enum class Role : std::uint8_t { kWriter, kReader };

  virtual ~BackendConnection() = default;
  BackendConnection(const BackendConnection&) = delete;
  BackendConnection& operator=(const BackendConnection&) = delete;

  Result<void> notify(std::string_view channel, std::string payload) override;

  // Begins the transaction of its role: a snapshot, or the only write under way in the database.
  virtual Result<void> begin() = 0;
  // Runs a statement of transaction control, which neither spoils nor is spoiled.
  virtual Result<void> control(std::string_view sql) = 0;
  virtual bool in_transaction() const = 0;

  // Begins a transaction that waits for those of other processes that migrate.
  virtual Result<void> begin_migration() = 0;
  // Several statements without parameters, none of them kept.
  virtual Result<void> run_script(std::string_view script) = 0;

  // Begins a function: no statement has failed yet.
  void reset_failure() { failure_.reset(); }
  // The first failed statement since then.
  const std::optional<Error>& failure() const { return failure_; }

  using Notifications = std::vector<std::pair<std::string, std::string>>;  // channel, payload
  std::size_t notification_count() const { return notifications_.size(); }
  // Forgets those after the first `count`.
  void drop_notifications(std::size_t count) { notifications_.resize(count); }
  Notifications take_notifications() { return std::exchange(notifications_, {}); }

 protected:
  explicit BackendConnection(Role role) : role_(role) {}
  Error spoil(Error error);

  const Role role_;
  std::optional<Error> failure_;

 private:
  Notifications notifications_;
};

}  // namespace sallyport::state
