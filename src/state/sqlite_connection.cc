#include "state/sqlite_connection.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <charconv>

#include "base/unique_fd.h"

namespace sallyport::state {
namespace {

constexpr std::size_t kMaxKeptStatements = 256;
constexpr std::uint64_t kPageBytes = 4096;

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override {
    return sqlite3_column_type(statement_, column) == SQLITE_NULL;
  }
  std::int64_t integer(int column) const override {
    return sqlite3_column_int64(statement_, column);
  }
  std::string_view text(int column) const override {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string_view() : std::string_view(data, size);
  }
  ByteView blob(int column) const override {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? ByteView() : ByteView(data, size);
  }

 private:
  sqlite3_stmt* statement_;
};

Errc code_of_constraint(int extended) {
  switch (extended) {
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_ROWID: return Errc::kAlreadyExists;
    case SQLITE_CONSTRAINT_FOREIGNKEY: return Errc::kConflict;
    default: return Errc::kInvalidArgument;
  }
}

Errc code_of(int extended, int system_errno) {
  switch (extended & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL: return Errc::kUnavailable;
    case SQLITE_IOERR:
      return system_errno == ENOSPC || system_errno == EDQUOT ? Errc::kUnavailable : Errc::kIo;
    case SQLITE_CANTOPEN: return system_errno == 0 ? Errc::kIo : errno_error("", system_errno).code;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Errc::kCorrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return Errc::kPermissionDenied;
    case SQLITE_CONSTRAINT: return code_of_constraint(extended);
    case SQLITE_TOOBIG: return Errc::kLimitExceeded;
    case SQLITE_INTERRUPT: return Errc::kCancelled;
    default: return Errc::kInternal;
  }
}

// SQLite makes a new file readable for all; the journal files take over the mode of the database.
// An existing file is not opened here: closing it would drop the locks this process has on it.
Result<void> make_private_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd.valid() && errno != EEXIST) return errno_error("making the database " + path, errno);
  return ok();
}

std::string_view sync_name(DatabaseOptions::Sync sync) {
  switch (sync) {
    case DatabaseOptions::Sync::kFull: return "FULL";
    case DatabaseOptions::Sync::kNormal: return "NORMAL";
    case DatabaseOptions::Sync::kOff: return "OFF";
  }
  return "FULL";
}

std::string settings_of(const DatabaseOptions& options, SqliteConnection::Role role) {
  std::string sql = "PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;";
  if (role == SqliteConnection::Role::kReader) return sql + "PRAGMA query_only=ON;";
  // auto_vacuum counts only before the first table is made, and before WAL.
  if (options.incremental_vacuum) sql += "PRAGMA auto_vacuum=INCREMENTAL;";
  sql += fmt::format(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous={}; PRAGMA journal_size_limit=67108864;"
      "PRAGMA cache_size=-16384;",
      sync_name(options.sync));
  if (options.max_bytes != 0) {
    sql += fmt::format("PRAGMA max_page_count={};",
                       std::max<std::uint64_t>(options.max_bytes / kPageBytes, 16));
  }
  return sql;
}

// "$12" → 12; 0 if it is not of that form.
int parameter_number(const char* name) {
  if (name == nullptr || name[0] != '$') return 0;
  const std::string_view digits(name + 1);
  int number = 0;
  const auto [end, errc] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return errc == std::errc() && end == digits.data() + digits.size() ? number : 0;
}

int bind_one(sqlite3_stmt* statement, int index, const Bind& bind) {
  switch (bind.type()) {
    case Bind::Type::kNull: return sqlite3_bind_null(statement, index);
    case Bind::Type::kInteger: return sqlite3_bind_int64(statement, index, bind.integer());
    case Bind::Type::kText: {
      const std::string_view text = bind.bytes();
      return sqlite3_bind_text64(statement, index, text.data() == nullptr ? "" : text.data(),
                                 text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    case Bind::Type::kBlob: {
      const std::string_view blob = bind.bytes();
      return blob.empty()
                 ? sqlite3_bind_zeroblob(statement, index, 0)
                 : sqlite3_bind_blob64(statement, index, blob.data(), blob.size(), SQLITE_STATIC);
    }
  }
  return SQLITE_MISUSE;
}

}  // namespace

Error sqlite_error(sqlite3* db, std::string_view what) {
  const int extended = sqlite3_extended_errcode(db);
  return Error(code_of(extended, sqlite3_system_errno(db)),
               fmt::format("{}: {} (SQLite {})", what, sqlite3_errmsg(db), extended));
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::string& path,
                                                                 const DatabaseOptions& options,
                                                                 Role role, SqlitePlace place) {
  const bool in_memory = place == SqlitePlace::kMemory;
  if (!in_memory) TRY(make_private_file(path));
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(role));
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (sqlite3_open_v2(path.c_str(), &connection->db_, kFlags | (in_memory ? SQLITE_OPEN_CREATE : 0),
                      in_memory ? "memdb" : nullptr) != SQLITE_OK) {
    if (connection->db_ == nullptr) return Error(Errc::kUnavailable, "no memory for SQLite");
    return sqlite_error(connection->db_, "opening the database " + path);
  }
  sqlite3_busy_timeout(connection->db_, static_cast<int>(options.busy_timeout_ms));
  sqlite3_db_config(connection->db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  if (auto set = connection->run_script(settings_of(options, role)); !set.ok()) {
    return std::move(set).error().with_context("opening the database " + path);
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement->handle);
  sqlite3_close_v2(db_);
}

Result<void> SqliteConnection::begin() {
  return control(role_ == Role::kWriter ? "BEGIN IMMEDIATE" : "BEGIN");
}

Result<void> SqliteConnection::run_script(std::string_view script) {
  const std::string terminated(script);
  if (sqlite3_exec(db_, terminated.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return sqlite_error(db_, "running a script");
  }
  return ok();
}

Result<void> SqliteConnection::control(std::string_view sql) {
  std::optional<Error> before = std::exchange(failure_, std::nullopt);
  auto result = run(sql, {}, nullptr);
  failure_ = std::move(before);
  if (!result.ok()) return std::move(result).error();
  return ok();
}

Result<SqliteConnection::Statement> SqliteConnection::prepare(std::string_view sql, bool keep) {
  Statement statement;
  const char* tail = nullptr;
  const unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), flags, &statement.handle,
                         &tail) != SQLITE_OK) {
    return sqlite_error(db_, "preparing a statement");
  }
  const std::string_view rest(tail, static_cast<std::size_t>(sql.data() + sql.size() - tail));
  if (statement.handle == nullptr || rest.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    sqlite3_finalize(statement.handle);
    return Error(Errc::kInternal, "exactly one SQL statement is expected");
  }
  statement.read_only = sqlite3_stmt_readonly(statement.handle) != 0;
  // SQLite numbers $names in the order they first appear.
  const int count = sqlite3_bind_parameter_count(statement.handle);
  for (int i = 1; i <= count; ++i) {
    const int number = parameter_number(sqlite3_bind_parameter_name(statement.handle, i));
    if (number == 0) {
      sqlite3_finalize(statement.handle);
      return Error(Errc::kInternal, "parameters are written $1, $2, …");
    }
    statement.parameter_of.push_back(number);
  }
  return statement;
}

void SqliteConnection::forget_idle_statements() {
  for (auto it = statements_.begin(); it != statements_.end();) {
    if (it->second->in_use) {
      ++it;
    } else {
      sqlite3_finalize(it->second->handle);
      it = statements_.erase(it);
    }
  }
}

Result<void> SqliteConnection::bind_all(Statement& statement, std::span<const Bind> binds) {
  for (std::size_t i = 0; i < statement.parameter_of.size(); ++i) {
    const auto number = static_cast<std::size_t>(statement.parameter_of[i]);
    if (number > binds.size()) {
      return Error(Errc::kInternal, fmt::format("parameter ${} is not bound", number));
    }
    if (bind_one(statement.handle, static_cast<int>(i) + 1, binds[number - 1]) != SQLITE_OK) {
      return sqlite_error(db_, "binding a parameter");
    }
  }
  return ok();
}

Result<std::int64_t> SqliteConnection::step_all(Statement& statement, std::span<const Bind> binds,
                                                const RowSink* on_row) {
  TRY(bind_all(statement, binds));
  const SqliteRow row(statement.handle);
  std::int64_t rows = 0;
  int code;
  while ((code = sqlite3_step(statement.handle)) == SQLITE_ROW) {
    if (on_row == nullptr) continue;
    ++rows;
    if (!(*on_row)(row)) return rows;
  }
  if (code != SQLITE_DONE) return sqlite_error(db_, "running a statement");
  if (on_row != nullptr) return rows;
  return statement.read_only ? 0 : sqlite3_changes64(db_);
}

Result<std::int64_t> SqliteConnection::run(std::string_view sql, std::span<const Bind> binds,
                                           const RowSink* on_row) {
  auto found = statements_.find(sql);
  if (found != statements_.end() && found->second->in_use) {
    // The same statement inside its own row callback: a copy that is not kept.
    auto copy = prepare(sql, false);
    if (!copy.ok()) return spoil(std::move(copy).error());
    auto result = step_all(*copy, binds, on_row);
    sqlite3_finalize(copy->handle);
    if (!result.ok()) return spoil(std::move(result).error());
    return result;
  }
  if (found == statements_.end()) {
    if (statements_.size() >= kMaxKeptStatements) forget_idle_statements();
    auto prepared = prepare(sql, true);
    if (!prepared.ok()) return spoil(std::move(prepared).error());
    found = statements_.emplace(sql, std::make_unique<Statement>(std::move(*prepared))).first;
  }
  // The callback may grow the map: hold the statement, not the iterator.
  Statement& statement = *found->second;
  statement.in_use = true;
  auto result = step_all(statement, binds, on_row);
  sqlite3_reset(statement.handle);
  sqlite3_clear_bindings(statement.handle);
  statement.in_use = false;
  if (!result.ok()) return spoil(std::move(result).error());
  return result;
}

}  // namespace sallyport::state
