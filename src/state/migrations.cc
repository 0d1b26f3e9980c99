#include "state/migrations.h"

#include <fmt/format.h>

namespace sallyport::state {
namespace {

Result<std::int64_t> stored_version(BackendConnection& connection, std::string_view set) {
  std::int64_t version = 0;
  TRY(connection.query("SELECT version FROM schema_version WHERE set_name = $1", {set},
                       [&](const Row& row) { version = row.integer(0); }));
  return version;
}

Result<void> check(BackendConnection& connection, const MigrationSet& set) {
  for (std::size_t i = 0; i < set.migrations.size(); ++i) {
    if (set.migrations[i].version != static_cast<int>(i) + 1) {
      return Error(Errc::kInternal,
                   fmt::format("the migrations of \"{}\" are not numbered 1, 2, 3, …", set.name));
    }
  }
  TRY_ASSIGN(const std::int64_t version, stored_version(connection, set.name));
  if (version > static_cast<std::int64_t>(set.migrations.size())) {
    return Error(
        Errc::kUnsupported,
        fmt::format("the schema \"{}\" has version {}, made by a newer release; this one "
                    "knows versions up to {}. Start the newer release, or restore a backup",
                    set.name, version, set.migrations.size()));
  }
  return ok();
}

// In a transaction too: PostgreSQL lets two at once run into each other.
Result<void> make_version_table(BackendConnection& connection) {
  TRY(connection.begin_migration());
  auto made = connection.run_script(
      "CREATE TABLE IF NOT EXISTS schema_version ("
      " set_name TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)");
  if (made.ok()) made = connection.control("COMMIT");
  if (connection.in_transaction()) (void)connection.control("ROLLBACK");
  return made;
}

Result<void> apply_inside(BackendConnection& connection, std::string_view set,
                          const Migration& migration) {
  // Another process may have been faster.
  TRY_ASSIGN(const std::int64_t version, stored_version(connection, set));
  if (version >= migration.version) return ok();
  TRY(connection.run_script(migration.sql));
  TRY(
      connection.execute("INSERT INTO schema_version (set_name, version) VALUES ($1, $2) "
                         "ON CONFLICT (set_name) DO UPDATE SET version = excluded.version",
                         {set, migration.version}));
  return connection.control("COMMIT");
}

Result<void> apply(BackendConnection& connection, std::string_view set,
                   const Migration& migration) {
  TRY(connection.begin_migration());
  auto applied = apply_inside(connection, set, migration);
  if (connection.in_transaction()) (void)connection.control("ROLLBACK");
  if (applied.ok()) return applied;
  return std::move(applied).error().with_context(
      fmt::format("migrating the schema \"{}\" to version {}", set, migration.version));
}

}  // namespace

Result<void> migrate(BackendConnection& connection, std::span<const MigrationSet> sets) {
  TRY(make_version_table(connection));
  for (const MigrationSet& set : sets) TRY(check(connection, set));
  for (const MigrationSet& set : sets) {
    TRY_ASSIGN(const std::int64_t version, stored_version(connection, set.name));
    for (const Migration& migration : set.migrations) {
      if (migration.version > version) TRY(apply(connection, set.name, migration));
    }
  }
  return ok();
}

}  // namespace sallyport::state
