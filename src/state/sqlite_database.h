// The SQLite side of Database. Inside src/state only.
#pragma once

#include <memory>
#include <string>

#include "state/sqlite_connection.h"
#include "state/worker_database.h"

namespace sallyport::state {

class SqliteDatabase final : public WorkerDatabase {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path,
                                                const DatabaseOptions& options,
                                                std::span<const MigrationSet> sets,
                                                SqlitePlace place = SqlitePlace::kFile);
  ~SqliteDatabase() override { stop(); }

  Result<void> shrink() override;

 private:
  explicit SqliteDatabase(const DatabaseOptions& options)
      : WorkerDatabase(options, options.max_batch) {}
  Result<void> commit_and_tell(BackendConnection& writer) override;
};

}  // namespace sallyport::state
