#include "state/postgres_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace sallyport::state {
namespace {

constexpr Migration kMigrations[] = {
    {1,
     "CREATE TABLE change_head (only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),"
     " seq BIGINT NOT NULL);"
     "INSERT INTO change_head (seq) VALUES (0);"
     "CREATE TABLE change_log (seq BIGINT PRIMARY KEY, channel TEXT NOT NULL,"
     " payload TEXT NOT NULL, made_at TIMESTAMPTZ NOT NULL DEFAULT now());"
     "CREATE INDEX change_log_by_time ON change_log (made_at);"
     "CREATE TABLE change_writer (node TEXT PRIMARY KEY, batch BIGINT NOT NULL,"
     " made_at TIMESTAMPTZ NOT NULL DEFAULT now())"},
};

constexpr std::size_t kRowsAtOnce = 500;

}  // namespace

MigrationSet change_schema() {
  return {"change", kMigrations};
}

void ChangeFeed::tell(const std::vector<Change>& changes) {
  const std::lock_guard lock(telling_);
  for (const Change& change : changes) {
    if (change.number <= last_) continue;
    listeners_.tell(change.channel, change.payload);
    last_ = change.number;
  }
}

Result<std::int64_t> change_head(Connection& connection) {
  return connection.query_integer("SELECT seq FROM change_head");
}

Result<std::vector<Change>> read_changes(Connection& connection, std::int64_t after,
                                         std::int64_t head, std::int64_t limit) {
  std::vector<Change> changes;
  if (after < head) {
    TRY(connection.query(
        "SELECT seq, channel, payload FROM change_log WHERE seq > $1 AND seq <= $2 "
        "ORDER BY seq LIMIT NULLIF($3, 0)",
        {after, head, limit}, [&](const Row& row) {
          changes.push_back({row.integer(0), row.string(1), row.string(2)});
        }));
  }
  const bool whole = limit == 0 || changes.empty()
                         ? static_cast<std::int64_t>(changes.size()) == head - after
                         : changes.front().number == after + 1;
  if (!whole) {
    return Error(
        Errc::kUnsupported,
        fmt::format("changes from number {} on are not in the database any more", after + 1));
  }
  return changes;
}

Result<std::vector<Change>> write_changes(Connection& connection, std::int64_t head,
                                          BackendConnection::Notifications notifications,
                                          const CommitMark& mark) {
  constexpr std::string_view kMark =
      "INSERT INTO change_writer (node, batch) VALUES ($1, $2)"
      " ON CONFLICT (node) DO UPDATE SET batch = excluded.batch, made_at = now()";
  std::vector<Change> changes;
  if (notifications.empty()) {
    TRY(connection.execute(kMark, {mark.node, mark.batch}));
    return changes;
  }
  changes.reserve(notifications.size());
  for (auto& [channel, payload] : notifications) {
    changes.push_back({++head, std::move(channel), std::move(payload)});
  }
  for (std::span<const Change> rest = changes; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kRowsAtOnce));
    std::string sql = "INSERT INTO change_log (seq, channel, payload) VALUES ";
    std::vector<Bind> binds;
    for (const Change& change : some) {
      const std::size_t n = binds.size();
      sql += fmt::format("{}(${}, ${}, ${})", n == 0 ? "" : ", ", n + 1, n + 2, n + 3);
      binds.insert(binds.end(), {change.number, change.channel, change.payload});
    }
    TRY(connection.execute_with(sql, binds));
    rest = rest.subspan(some.size());
  }
  static const std::string kMarkAndTell = fmt::format(
      "WITH mark AS ({}) UPDATE change_head SET seq = $3 RETURNING pg_notify('sallyport_changes', "
      "'')",
      kMark);
  TRY(connection.execute(kMarkAndTell, {mark.node, mark.batch, head}));
  return changes;
}

Result<bool> was_committed(Connection& connection, const CommitMark& mark) {
  TRY_ASSIGN(const auto rows,
             connection.query("SELECT 1 FROM change_writer WHERE node = $1 AND batch = $2",
                              {mark.node, mark.batch}, [](const Row&) {}));
  return rows == 1;
}

Result<void> trim_changes(Connection& connection) {
  for (const char* table : {"change_log", "change_writer"}) {
    TRY(connection.execute(
        fmt::format("DELETE FROM {} WHERE made_at < now() - INTERVAL '7 days'", table)));
  }
  return ok();
}

}  // namespace sallyport::state
