// One connection to PostgreSQL, made anew after it was lost: prepared statements kept, errors told
// in our codes. Inside src/state only.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/secret.h"
#include "state/backend_connection.h"
#include "state/postgres_error.h"

namespace sallyport::state {

// Where to connect and how.
struct PostgresTarget {
  std::vector<std::pair<std::string, SecretString>> parameters;  // libpq's keywords
  DatabaseOptions options;

  // Errors: kInvalidArgument; the text does not repeat the string, which may hold a password.
  static Result<PostgresTarget> parse(const SecretString& text, const DatabaseOptions& options);
};

class PostgresConnection final : public BackendConnection {
 public:
  // `target` must outlive the connection. Connects at the first use.
  PostgresConnection(const PostgresTarget& target, Role role)
      : BackendConnection(role), target_(target) {}
  ~PostgresConnection() override { disconnect(); }

  // Fails at once with kUnavailable while the pause after a failed attempt lasts.
  Result<void> ensure_connected();
  void disconnect();
  bool connected() const {
    return connection_ != nullptr && PQstatus(connection_) == CONNECTION_OK;
  }

  // A writer waits here until no other write is under way on any node. A connection that was lost
  // since its last use is made anew, so that a restart of the server between two calls is not felt.
  Result<void> begin() override;
  Result<void> control(std::string_view sql) override;
  bool in_transaction() const override;
  Result<void> begin_migration() override;
  Result<void> run_script(std::string_view script) override;

  // Of a writer in a transaction: the number of the last committed change of all nodes.
  std::int64_t head() const { return head_; }
  // Of the server's process; 0 if not connected.
  int backend_pid() const { return connected() ? PQbackendPID(connection_) : 0; }
  // Waits until the server has something to say, `stop_fd` can be read, or the time is over.
  // Whether a notification of another process than `own_pid` has come. Errors: kUnavailable.
  Result<bool> wait_for_notification(int stop_fd, std::chrono::milliseconds timeout, int own_pid);

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };

  Result<std::int64_t> run(std::string_view sql, std::span<const Bind> binds,
                           const RowSink* on_row) override;
  Result<std::int64_t> run_unspoiled(std::string_view sql, std::span<const Bind> binds,
                                     const RowSink* on_row);
  // The name of the prepared statement.
  Result<std::string> prepare(std::string_view sql, std::span<const Bind> binds);
  Result<void> connect();
  Result<void> check_server();
  // Runs statements by the simple protocol; the result is the last one's.
  Result<PostgresResult> simple(const std::string& sql, std::string_view what);
  Error error_of(const PGresult* result, std::string_view what);

  const PostgresTarget& target_;
  PGconn* connection_ = nullptr;
  std::chrono::steady_clock::time_point retry_at_{};
  std::chrono::milliseconds pause_{0};
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> statements_;
  std::uint64_t statements_made_ = 0;
  std::int64_t head_ = 0;
};

}  // namespace sallyport::state
