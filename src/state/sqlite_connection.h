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

#include "state/backend_connection.h"

namespace sallyport::state {

// What the last call on `db` failed with; `what` names the attempted act.
Error sqlite_error(sqlite3* db, std::string_view what);

// Memory is of this process; connections that open the same name share it until the last is closed.
enum class SqlitePlace : std::uint8_t { kFile, kMemory };

// Not thread-safe; one thread uses it at a time.
class SqliteConnection final : public BackendConnection {
 public:
  static Result<std::unique_ptr<SqliteConnection>> open(const std::string& path,
                                                        const DatabaseOptions& options, Role role,
                                                        SqlitePlace place = SqlitePlace::kFile);
  ~SqliteConnection() override;

  Result<void> begin() override;
  Result<void> control(std::string_view sql) override;
  bool in_transaction() const override { return sqlite3_get_autocommit(db_) == 0; }
  Result<void> begin_migration() override { return control("BEGIN IMMEDIATE"); }
  Result<void> run_script(std::string_view script) override;

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

  explicit SqliteConnection(Role role) : BackendConnection(role) {}
  Result<std::int64_t> run(std::string_view sql, std::span<const Bind> binds,
                           const RowSink* on_row) override;
  Result<std::int64_t> step_all(Statement& statement, std::span<const Bind> binds,
                                const RowSink* on_row);
  Result<void> bind_all(Statement& statement, std::span<const Bind> binds);
  Result<Statement> prepare(std::string_view sql, bool keep);
  void forget_idle_statements();

  sqlite3* db_ = nullptr;
  std::unordered_map<std::string, std::unique_ptr<Statement>, TextHash, std::equal_to<>>
      statements_;
};

}  // namespace sallyport::state
