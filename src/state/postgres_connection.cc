#include "state/postgres_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "state/postgres_values.h"

namespace sallyport::state {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxKeptStatements = 256;
constexpr milliseconds kFirstPause{100}, kLongestPause{1000};
constexpr int kOldestServer = 130000;

// A server that is gone without a word is noticed within about ten seconds; seconds each, the last
// in milliseconds.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"connect_timeout", "5"},      {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},  {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"}, {"fallback_application_name", "sallyport"},
};

// Long enough for a slow function; a writer that hangs must not hold up the other nodes.
constexpr int kWriterIdleMs = 10'000, kReaderIdleMs = 60'000;

std::string session_settings(const DatabaseOptions& options, BackendConnection::Role role) {
  const bool writer = role == BackendConnection::Role::kWriter;
  std::string sql = fmt::format(
      "SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
      "SET statement_timeout = {}; SET lock_timeout = {};"
      "SET idle_in_transaction_session_timeout = {};",
      options.statement_timeout_ms, options.busy_timeout_ms,
      writer ? kWriterIdleMs : kReaderIdleMs);
  // More than "on" (a wait for standbys) is the server's choice, less is not.
  sql += options.sync == DatabaseOptions::Sync::kFull
             ? "SELECT set_config('synchronous_commit', 'on', false) "
               "WHERE current_setting('synchronous_commit') = 'off'"
             : "SET synchronous_commit = off";
  return sql;
}

// In a script each statement sees what was committed before it began, so the number read is that of
// the moment in which the row was locked.
constexpr const char* kBeginWrite =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT seq FROM change_head FOR UPDATE";
constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

// Another program's lock in the same database would have to be of the same number to matter.
constexpr const char* kBeginMigration =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
    "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '10min';"
    "SELECT pg_advisory_xact_lock(hashtextextended('sallyport migrations ' || "
    "coalesce(current_schema(), ''), 0))";

// A statement's types are part of what it is prepared as.
std::string statement_key(std::string_view sql, std::span<const Bind> binds) {
  std::string key;
  key.reserve(sql.size() + 1 + binds.size());
  key.append(sql).push_back('\0');
  for (const Bind& bind : binds)
    key.push_back(static_cast<char>('0' + static_cast<int>(bind.type())));
  return key;
}

std::int64_t count_of(const PGresult* result) {
  const std::string_view count = PQcmdTuples(const_cast<PGresult*>(result));
  std::int64_t rows = 0;
  std::from_chars(count.data(), count.data() + count.size(), rows);
  return rows;
}

bool is_fatal(const PGresult* result) {
  const char* const severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity == nullptr) return false;
  return std::string_view(severity) == "FATAL" || std::string_view(severity) == "PANIC";
}

bool succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

}  // namespace

Result<PostgresTarget> PostgresTarget::parse(const SecretString& text,
                                             const DatabaseOptions& options) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(
      PQconninfoParse(std::string(text.reveal()).c_str(), &message), PQconninfoFree);
  // The message may quote the string.
  PQfreemem(message);
  if (parsed == nullptr) {
    return Error(Errc::kInvalidArgument,
                 "not a PostgreSQL connection string; write e.g. "
                 "postgresql://user:password@host:5432/database?sslmode=verify-full");
  }
  PostgresTarget target;
  target.options = options;
  for (const PQconninfoOption* o = parsed.get(); o->keyword != nullptr; ++o) {
    if (o->val != nullptr) target.parameters.emplace_back(o->keyword, SecretString(o->val));
  }
  for (const auto& [name, value] : kDefaults) {
    const bool given =
        std::any_of(target.parameters.begin(), target.parameters.end(),
                    [n = std::string_view(name)](const auto& p) { return p.first == n; });
    if (!given) target.parameters.emplace_back(name, SecretString(value));
  }
  return target;
}

Result<void> PostgresConnection::ensure_connected() {
  if (connected()) return ok();
  disconnect();
  if (steady_clock::now() < retry_at_) {
    return Error(Errc::kUnavailable, "PostgreSQL cannot be reached; connecting again soon");
  }
  auto made = connect();
  if (made.ok()) {
    pause_ = milliseconds(0);
    return made;
  }
  disconnect();
  pause_ = std::clamp(pause_ * 2, kFirstPause, kLongestPause);
  retry_at_ = steady_clock::now() + pause_;
  return made;
}

Result<void> PostgresConnection::connect() {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : target_.parameters) {
    names.push_back(name.c_str());
    values.push_back(value.reveal().data());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectdbParams(names.data(), values.data(), 0);
  if (connection_ == nullptr) return Error(Errc::kUnavailable, "no memory for a connection");
  if (PQstatus(connection_) != CONNECTION_OK) return postgres_connect_error(connection_);
  // The server's notices would go to standard error.
  PQsetNoticeProcessor(
      connection_, [](void*, const char*) {}, nullptr);
  TRY(check_server());
  TRY(simple(session_settings(target_.options, role_), "setting up the connection"));
  return ok();
}

Result<void> PostgresConnection::check_server() {
  if (PQserverVersion(connection_) < kOldestServer) {
    return Error(Errc::kUnsupported, fmt::format("PostgreSQL {} is too old; 13 or newer is needed",
                                                 PQserverVersion(connection_) / 10000));
  }
  const char* const encoding = PQparameterStatus(connection_, "server_encoding");
  if (encoding == nullptr || std::string_view(encoding) != "UTF8") {
    return Error(Errc::kUnsupported,
                 fmt::format("the database's encoding is {}; make one with ENCODING 'UTF8'",
                             encoding == nullptr ? "unknown" : encoding));
  }
  return ok();
}

void PostgresConnection::disconnect() {
  if (connection_ != nullptr) PQfinish(std::exchange(connection_, nullptr));
  statements_.clear();
}

Error PostgresConnection::error_of(const PGresult* result, std::string_view what) {
  Error error = postgres_error(connection_, result, what);
  const std::string_view state = sqlstate_of(result);
  // Without a state the server has not answered; after a fatal error it will not any more. libpq
  // itself may take until the next use to see that.
  if (state.empty() || is_fatal(result)) disconnect();
  // A statement whose tables a newer release has altered works again on a new connection; a server
  // that became a standby takes no writes, and the name may lead to its successor by now.
  if (state == "0A000" || (state == "25006" && role_ == Role::kWriter)) {
    disconnect();
    error.code = Errc::kUnavailable;
  }
  return error;
}

Result<PostgresResult> PostgresConnection::simple(const std::string& sql, std::string_view what) {
  PostgresResult result(PQexec(connection_, sql.c_str()));
  if (!succeeded(result.get())) return error_of(result.get(), what);
  return result;
}

Result<void> PostgresConnection::begin() {
  const bool writer = role_ == Role::kWriter;
  for (bool again = connected();; again = false) {
    TRY(ensure_connected());
    auto begun = simple(writer ? kBeginWrite : kBeginRead, "beginning a transaction");
    if (begun.ok()) {
      if (!writer) return ok();
      if (PQntuples(begun->get()) != 1) {
        (void)control("ROLLBACK");
        return Error(Errc::kCorrupt, "the table change_head has lost its row");
      }
      const std::string_view head = PQgetvalue(begun->get(), 0, 0);
      std::from_chars(head.data(), head.data() + head.size(), head_);
      return ok();
    }
    if (connected()) {
      if (in_transaction()) (void)control("ROLLBACK");
      return std::move(begun).error();
    }
    if (!again) return std::move(begun).error();
  }
}

Result<void> PostgresConnection::control(std::string_view sql) {
  if (!connected()) return Error(Errc::kUnavailable, "the connection to PostgreSQL was lost");
  TRY_ASSIGN(const auto result, simple(std::string(sql), sql));
  // The server's way to say that a transaction had failed before.
  if (sql == "COMMIT" && std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
    return Error(Errc::kInternal, "the transaction had failed and was rolled back");
  }
  return ok();
}

bool PostgresConnection::in_transaction() const {
  if (!connected()) return false;
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

Result<void> PostgresConnection::begin_migration() {
  TRY(ensure_connected());
  auto begun = simple(kBeginMigration, "waiting for other nodes that migrate");
  if (begun.ok()) return ok();
  if (in_transaction()) (void)control("ROLLBACK");
  return std::move(begun).error();
}

Result<void> PostgresConnection::run_script(std::string_view script) {
  TRY(ensure_connected());
  TRY(simple(std::string(script), "running a script"));
  // In the columns that the script made text compares by bytes, whatever the database's own order
  // is.
  TRY(simple(
      "DO $$ DECLARE c record; BEGIN "
      "FOR c IN SELECT a.attrelid::regclass AS t, a.attname AS n FROM pg_attribute a "
      " JOIN pg_class r ON r.oid = a.attrelid"
      " WHERE r.relkind IN ('r', 'p') AND a.xmin = pg_current_xact_id()::xid"
      " AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'text'::regtype"
      " AND a.attcollation = 'pg_catalog.\"default\"'::regcollation "
      "LOOP EXECUTE format('ALTER TABLE %s ALTER COLUMN %I TYPE TEXT COLLATE \"C\"', c.t, c.n);"
      " END LOOP; END $$",
      "ordering text by bytes"));
  return ok();
}

Result<std::int64_t> PostgresConnection::run(std::string_view sql, std::span<const Bind> binds,
                                             const RowSink* on_row) {
  auto result = run_unspoiled(sql, binds, on_row);
  if (!result.ok()) return spoil(std::move(result).error());
  return result;
}

Result<std::string> PostgresConnection::prepare(std::string_view sql, std::span<const Bind> binds) {
  std::string key = statement_key(sql, binds);
  if (const auto found = statements_.find(key); found != statements_.end()) return found->second;
  if (statements_.size() >= kMaxKeptStatements) {
    statements_.clear();
    TRY(simple("DEALLOCATE ALL", "forgetting statements"));
  }
  std::vector<Oid> types(binds.size());
  std::transform(binds.begin(), binds.end(), types.begin(), postgres_type_of);
  std::string name = fmt::format("s{}", ++statements_made_);
  const PostgresResult prepared(PQprepare(connection_, name.c_str(), std::string(sql).c_str(),
                                          static_cast<int>(types.size()), types.data()));
  if (!succeeded(prepared.get())) return error_of(prepared.get(), "preparing a statement");
  statements_.emplace(std::move(key), name);
  return name;
}

Result<std::int64_t> PostgresConnection::run_unspoiled(std::string_view sql,
                                                       std::span<const Bind> binds,
                                                       const RowSink* on_row) {
  if (!connected()) return Error(Errc::kUnavailable, "the connection to PostgreSQL was lost");
  TRY_ASSIGN(const std::string name, prepare(sql, binds));
  const PostgresParameters parameters(binds);
  // All rows come at once, so that other statements may be run from inside the callback.
  const PostgresResult result(PQexecPrepared(connection_, name.c_str(), parameters.count(),
                                             parameters.values(), parameters.lengths(),
                                             parameters.formats(), 1));
  if (PQresultStatus(result.get()) == PGRES_EMPTY_QUERY) {
    return Error(Errc::kInternal, "exactly one SQL statement is expected");
  }
  if (!succeeded(result.get())) return error_of(result.get(), "running a statement");
  if (on_row == nullptr) {
    const std::string_view tag = PQcmdStatus(result.get());
    return tag.starts_with("SELECT") ? 0 : count_of(result.get());
  }
  PostgresRow row(result.get());
  const int rows = PQntuples(result.get());
  for (int i = 0; i < rows; ++i) {
    row.move_to(i);
    if (!(*on_row)(row)) return i + 1;
  }
  return rows;
}

Result<bool> PostgresConnection::wait_for_notification(int stop_fd, milliseconds timeout,
                                                       int own_pid) {
  pollfd fds[] = {{stop_fd, POLLIN, 0}, {PQsocket(connection_), POLLIN, 0}};
  if (::poll(fds, 2, static_cast<int>(timeout.count())) < 0 && errno != EINTR) {
    return errno_error("waiting for PostgreSQL", errno);
  }
  if (fds[1].revents != 0 && PQconsumeInput(connection_) == 0) {
    return postgres_error(connection_, nullptr, "waiting for PostgreSQL");
  }
  bool told = false;
  while (PGnotify* const notification = PQnotifies(connection_)) {
    told = told || notification->be_pid != own_pid;
    PQfreemem(notification);
  }
  return told;
}

}  // namespace sallyport::state
