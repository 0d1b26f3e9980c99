#include "state/sqlite_database.h"

#include <algorithm>
#include <atomic>

#include "state/migrations.h"
#include "state/sqlite_connection.h"

namespace sallyport::state {
namespace {

constexpr std::int64_t kShrinkPages = 512;

}  // namespace

Result<std::unique_ptr<Database>> Database::open_sqlite(const std::string& path,
                                                        DatabaseOptions options,
                                                        std::span<const MigrationSet> sets) {
  return SqliteDatabase::open(path, options, sets);
}

Result<std::unique_ptr<Database>> Database::open_memory(std::span<const MigrationSet> sets) {
  static std::atomic<std::uint64_t> made{0};
  DatabaseOptions options;
  options.reader_threads = 1;
  // The slash lets the connections of one name meet.
  const std::string name = "/memory-" + std::to_string(++made);
  return SqliteDatabase::open(name, options, sets, SqlitePlace::kMemory);
}

Result<std::unique_ptr<Database>> SqliteDatabase::open(const std::string& path,
                                                       const DatabaseOptions& options,
                                                       std::span<const MigrationSet> sets,
                                                       SqlitePlace place) {
  using Role = SqliteConnection::Role;
  std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(options));
  TRY_ASSIGN(auto writer, SqliteConnection::open(path, options, Role::kWriter, place));
  if (auto migrated = migrate(*writer, sets); !migrated.ok()) {
    return std::move(migrated).error().with_context("opening the database " + path);
  }
  std::vector<std::unique_ptr<BackendConnection>> readers;
  for (unsigned i = 0; i < std::max(1u, options.reader_threads); ++i) {
    TRY_ASSIGN(auto reader, SqliteConnection::open(path, options, Role::kReader, place));
    readers.push_back(std::move(reader));
  }
  database->start(std::move(writer), std::move(readers));
  return std::unique_ptr<Database>(std::move(database));
}

Result<void> SqliteDatabase::commit_and_tell(BackendConnection& writer) {
  TRY(writer.control("COMMIT"));
  for (const auto& [channel, payload] : writer.take_notifications()) {
    listeners_.tell(channel, payload);
  }
  return ok();
}

Result<void> SqliteDatabase::shrink() {
  for (;;) {
    // In small steps, so that other writes get their turn.
    TRY_ASSIGN(const std::int64_t left, write_blocking([](Connection& c) -> Result<std::int64_t> {
                 TRY_ASSIGN(const std::int64_t free, c.query_integer("PRAGMA freelist_count"));
                 TRY_ASSIGN(const std::int64_t mode, c.query_integer("PRAGMA auto_vacuum"));
                 if (free == 0 || mode != 2) return 0;
                 TRY(c.execute("PRAGMA incremental_vacuum(512)"));
                 return free;
               }));
    if (left <= kShrinkPages) return ok();
  }
}

}  // namespace sallyport::state
