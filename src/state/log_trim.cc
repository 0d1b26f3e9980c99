#include <optional>

#include "state/log_chunk.h"

namespace sallyport::state {
namespace {

Result<std::int64_t> drop_whole(Connection& c, const Chunk& chunk) {
  TRY(c.execute("DELETE FROM log_chunk WHERE first_id = $1", {chunk.first_id}));
  return c.execute("DELETE FROM log_line WHERE id >= $1 AND id <= $2",
                   {chunk.first_id, chunk.last_id});
}

// Counts a chunk anew after some of its lines went.
Result<void> recount(Connection& c, std::int64_t first_id, std::int64_t last_id) {
  TRY(
      c.execute("UPDATE log_chunk SET (min_ms, max_ms, bytes, lines) = ("
                " SELECT COALESCE(MIN(time_ms), 0), COALESCE(MAX(time_ms), 0),"
                "  COALESCE(SUM(cost), 0), COUNT(*)"
                " FROM log_line WHERE id >= $1 AND id <= $2) WHERE first_id = $1",
                {first_id, last_id}));
  TRY(c.execute("DELETE FROM log_chunk WHERE first_id = $1 AND lines = 0", {first_id}));
  return ok();
}

Result<std::optional<Chunk>> find_chunk(Connection& c, std::string_view sql, Binds binds) {
  std::optional<Chunk> chunk;
  TRY(c.query(sql, binds, [&](const Row& row) {
    chunk = {row.integer(0), row.integer(1), row.integer(2),
             row.integer(3), row.integer(4), row.integer(5)};
    return false;
  }));
  return chunk;
}

// Removes old lines of one chunk; none left to look at: nullopt.
Result<std::optional<std::int64_t>> trim_one_by_age(Connection& c, std::int64_t before_ms) {
  TRY_ASSIGN(const auto chunk,
             find_chunk(c,
                        "SELECT first_id, last_id, min_ms, max_ms, bytes, lines FROM log_chunk "
                        "WHERE min_ms < $1 ORDER BY first_id LIMIT 1",
                        {before_ms}));
  if (!chunk) return std::optional<std::int64_t>();
  if (chunk->max_ms < before_ms) {
    TRY_ASSIGN(const auto removed, drop_whole(c, *chunk));
    return std::optional(removed);
  }
  TRY_ASSIGN(const auto removed,
             c.execute("DELETE FROM log_line WHERE id >= $1 AND id <= $2 AND time_ms < $3",
                       {chunk->first_id, chunk->last_id, before_ms}));
  TRY(recount(c, chunk->first_id, chunk->last_id));
  return std::optional(removed);
}

// Removes the oldest lines of the oldest chunk while there is too much; nullopt: there is not.
Result<std::optional<std::int64_t>> trim_one_by_size(Connection& c, std::int64_t max_bytes) {
  TRY_ASSIGN(const auto total, c.query_integer("SELECT COALESCE(SUM(bytes), 0) FROM log_chunk"));
  if (total <= max_bytes) return std::optional<std::int64_t>();
  TRY_ASSIGN(const auto chunk,
             find_chunk(c,
                        "SELECT first_id, last_id, min_ms, max_ms, bytes, lines FROM log_chunk "
                        "ORDER BY first_id LIMIT 1",
                        {}));
  if (!chunk) return std::optional<std::int64_t>();
  if (total - chunk->bytes >= max_bytes) {
    TRY_ASSIGN(const auto removed, drop_whole(c, *chunk));
    return std::optional(removed);
  }
  std::int64_t excess = total - max_bytes;
  std::int64_t last = chunk->first_id;
  TRY(c.query("SELECT id, cost FROM log_line WHERE id >= $1 AND id <= $2 ORDER BY id",
              {chunk->first_id, chunk->last_id}, [&](const Row& row) {
                last = row.integer(0);
                excess -= row.integer(1);
                return excess > 0;
              }));
  TRY_ASSIGN(const auto removed, c.execute("DELETE FROM log_line WHERE id >= $1 AND id <= $2",
                                           {chunk->first_id, last}));
  TRY(recount(c, chunk->first_id, chunk->last_id));
  return std::optional(removed);
}

Result<void> tidy_streams(Connection& c) {
  TRY(
      c.execute("DELETE FROM log_stream WHERE NOT EXISTS "
                "(SELECT 1 FROM log_line WHERE log_line.stream_id = log_stream.id)"));
  TRY(
      c.execute("UPDATE log_stream SET first_ms = (SELECT time_ms FROM log_line "
                "WHERE log_line.stream_id = log_stream.id ORDER BY log_line.id LIMIT 1) "
                "WHERE first_ms < (SELECT MIN(min_ms) FROM log_chunk)"));
  return ok();
}

}  // namespace

Result<std::uint64_t> trim_log(Database& database, WallTime before, std::uint64_t max_bytes) {
  const std::int64_t before_ms = to_unix_ms(before);
  const auto bytes =
      static_cast<std::int64_t>(std::min<std::uint64_t>(max_bytes, std::uint64_t{1} << 62));
  std::uint64_t removed = 0;
  // A transaction a chunk, so that appends get their turn.
  const auto repeat = [&](auto step) -> Result<void> {
    for (;;) {
      TRY_ASSIGN(const std::optional<std::int64_t> count, database.write_blocking(step));
      if (!count) return ok();
      removed += static_cast<std::uint64_t>(*count);
    }
  };
  TRY(repeat([=](Connection& c) { return trim_one_by_age(c, before_ms); }));
  TRY(repeat([=](Connection& c) { return trim_one_by_size(c, bytes); }));
  if (removed == 0) return removed;
  TRY(database.write_blocking([](Connection& c) { return tidy_streams(c); }));
  TRY(database.shrink());
  return removed;
}

}  // namespace sallyport::state
