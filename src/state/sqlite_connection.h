// One SQLite connection: prepared statements kept, errors told in our codes. Inside src/state only.
#pragma once

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "state/database.h"

namespace sallyport::state {

// What the last call on `db` failed with; `what` names the attempted act.
Error sqlite_error(sqlite3* db, std::string_view what);

// Not thread-safe; one thread uses it at a time.
class SqliteConnection final : public Connection {
 public:
  enum class Role : std::uint8_t { kWriter, kReader };

  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path,
                                                        const DatabaseOptions& options, Role role);
  ~SqliteConnection();
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;

  Result<void> notify(std::string_view channel, std::string payload) override;

  // Several statements without parameters, none of them kept.
  Result<void> run_script(std::string_view script);

  // What follows serves the threads that own the connection.

  // Runs a statement of transaction control, which neither spoils nor is spoiled.
  Result<void> control(std::string_view sql);
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
  // Begins a function: no statement has failed yet.
  void reset_failure() { failure_.reset(); }
  // The first failed statement since then.
  const std::optional<Error>& failure() const { return failure_; }

  using Notifications = std::vector<std::pair<std::string, std::string>>;  // channel, payload
  std::size_t notification_count() const { return notifications_.size(); }
  // Forgets those after the first `count`.
  void drop_notifications(std::size_t count) { notifications_.resize(count); }
  Notifications take_notifications() { return std::exchange(notifications_, {}); }

 private:
  struct Statement {
    sqlite3_stmt* handle = nullptr;
    std::vector<int> parameter_of;  // SQLite's parameter i + 1 is our $parameter_of[i]
    bool read_only = false;
    bool in_use = false;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  explicit SqliteConnection(Role role) : role_(role) {}
  Result<std::int64_t> run(std::string_view sql, std::span<const Bind> binds,
                           const RowSink* on_row) override;
  Result<std::int64_t> step_all(Statement& statement, std::span<const Bind> binds,
                                const RowSink* on_row);
  Result<void> bind_all(Statement& statement, std::span<const Bind> binds);
  Result<Statement> prepare(std::string_view sql, bool keep);
  void forget_idle_statements();
  Error spoil(Error error);

  sqlite3* db_ = nullptr;
  Role role_;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements_;
  std::optional<Error> failure_;
  Notifications notifications_;
};

}  // namespace sallyport::state
