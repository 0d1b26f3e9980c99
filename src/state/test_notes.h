// A table `note` (id, body, raw) for tests of databases that need any table. For tests only.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "state/database.h"

namespace sallyport::state {

inline constexpr Migration kNotes[] = {
    {1, "CREATE TABLE note (id BIGINT PRIMARY KEY, body TEXT, raw BYTEA)"},
};
inline constexpr MigrationSet kNoteSets[] = {{"note", kNotes}};

inline Result<void> insert(Database& db, std::int64_t id, std::string body = {}) {
  return db.write_blocking([&](Connection& c) -> Result<void> {
    TRY(c.execute("INSERT INTO note (id, body) VALUES ($1, $2)", {id, body}));
    return ok();
  });
}

// -1 and a failed test when it cannot be read.
inline std::int64_t count(Database& db) {
  auto n =
      db.read_blocking([](Connection& c) { return c.query_integer("SELECT COUNT(*) FROM note"); });
  EXPECT_TRUE(n.ok()) << n.error().message;
  return n.ok() ? *n : -1;
}

}  // namespace sallyport::state
