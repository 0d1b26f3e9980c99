// What the log store's sources share. Inside src/state only.
//
// log_line has a line a row, ids rising. log_stream names groups and streams once. log_chunk says
// for each run of some thousand ids which times they have and what they cost, so that a range of
// times becomes a range of ids, and old lines are found without looking at young ones.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"
#include "state/database.h"

namespace sallyport::state {

struct Chunk {
  std::int64_t first_id = 0, last_id = 0, min_ms = 0, max_ms = 0, bytes = 0, lines = 0;
};

MigrationSet log_schema();

// See LogStore::trim.
Result<std::uint64_t> trim_log(Database& database, WallTime before, std::uint64_t max_bytes);

}  // namespace sallyport::state
