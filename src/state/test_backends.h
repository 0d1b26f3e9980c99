// Tests that hold for every backend of Database: a place for one test, and a fixture that is
// instantiated as SQLite/… and PostgreSQL/…. For tests only.
#pragma once

#include <memory>
#include <string>

#include "state/database.h"
#include "state/test_postgres.h"

namespace sallyport::state {

enum class Backend : std::uint8_t { kSqlite, kPostgres };

// Opened again, it is what it was.
class TestDatabase {
 public:
  explicit TestDatabase(Backend backend)
      : backend_(backend),
        schema_(backend == Backend::kPostgres ? TestPostgres::shared().make_schema() : "") {}

  Backend backend() const { return backend_; }
  const std::string& schema() const { return schema_; }
  static DatabaseOptions quick() {
    DatabaseOptions options;
    options.sync = DatabaseOptions::Sync::kOff;
    return options;
  }
  Result<std::unique_ptr<Database>> try_open(std::span<const MigrationSet> sets,
                                             DatabaseOptions options = quick()) const {
    if (backend_ == Backend::kSqlite) {
      return Database::open_sqlite(folder_.file("t.db"), options, sets);
    }
    return Database::open_postgres(SecretString(TestPostgres::shared().target(schema_)), options,
                                   sets);
  }
  std::unique_ptr<Database> open(std::span<const MigrationSet> sets,
                                 DatabaseOptions options = quick()) const {
    auto opened = try_open(sets, options);
    EXPECT_TRUE(opened.ok()) << opened.error().message;
    return opened.ok() ? std::move(*opened) : nullptr;
  }

 private:
  const Backend backend_;
  const TestFolder folder_;
  const std::string schema_;
};

class OnEachBackend : public testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (GetParam() == Backend::kPostgres) SALLYPORT_NEEDS_POSTGRESQL();
    place_ = std::make_unique<TestDatabase>(GetParam());
  }
  std::unique_ptr<TestDatabase> place_;
};

#define SALLYPORT_ON_EACH_BACKEND(Suite)                                                          \
  INSTANTIATE_TEST_SUITE_P(SQLite, Suite, testing::Values(::sallyport::state::Backend::kSqlite)); \
  INSTANTIATE_TEST_SUITE_P(PostgreSQL, Suite,                                                     \
                           testing::Values(::sallyport::state::Backend::kPostgres))

}  // namespace sallyport::state
