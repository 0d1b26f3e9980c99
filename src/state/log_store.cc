#include "state/log_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "state/database.h"
#include "state/log_chunk.h"

namespace sallyport::state {
namespace {

// What a line costs beside its text; for the bound on bytes.
constexpr std::int64_t kLineOverhead = 64;
// Lines whose range of times is kept in one row of log_chunk.
constexpr std::int64_t kChunkLines = 4096;

std::int64_t cost_of(const LogLine& line) {
  return static_cast<std::int64_t>(line.message.size()) + kLineOverhead;
}

// --- append

struct StreamSpan {
  std::int64_t id = 0;
  std::int64_t first_ms = 0, last_ms = 0;
};
using StreamSpans = std::map<std::pair<std::string_view, std::string_view>, StreamSpan>;

Result<void> touch_stream(Connection& c, std::string_view group, std::string_view stream,
                          StreamSpan& span) {
  TRY(
      c.query("INSERT INTO log_stream (group_name, stream_name, first_ms, last_ms) "
              "VALUES ($1, $2, $3, $4) ON CONFLICT (group_name, stream_name) DO UPDATE SET "
              " first_ms = CASE WHEN excluded.first_ms < log_stream.first_ms"
              "  THEN excluded.first_ms ELSE log_stream.first_ms END,"
              " last_ms = CASE WHEN excluded.last_ms > log_stream.last_ms"
              "  THEN excluded.last_ms ELSE log_stream.last_ms END "
              "RETURNING id",
              {group, stream, span.first_ms, span.last_ms},
              [&](const Row& row) { span.id = row.integer(0); }));
  return ok();
}

// The open chunk that takes the next line, which gets `id`.
Result<Chunk> open_chunk(Connection& c) {
  Chunk chunk;
  TRY(
      c.query("SELECT first_id, last_id, min_ms, max_ms, bytes, lines FROM log_chunk "
              "ORDER BY first_id DESC LIMIT 1",
              {}, [&](const Row& row) {
                chunk = {row.integer(0), row.integer(1), row.integer(2),
                         row.integer(3), row.integer(4), row.integer(5)};
              }));
  if (chunk.lines >= kChunkLines) return Chunk{};
  return chunk;
}

Result<void> store_chunk(Connection& c, const Chunk& chunk) {
  if (chunk.lines == 0) return ok();
  TRY(c.execute(
      "INSERT INTO log_chunk (first_id, last_id, min_ms, max_ms, bytes, lines) "
      "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (first_id) DO UPDATE SET "
      " last_id = excluded.last_id, min_ms = excluded.min_ms,"
      " max_ms = excluded.max_ms, bytes = excluded.bytes, lines = excluded.lines",
      {chunk.first_id, chunk.last_id, chunk.min_ms, chunk.max_ms, chunk.bytes, chunk.lines}));
  return ok();
}

void add_to(Chunk& chunk, std::int64_t id, std::int64_t ms, std::int64_t cost) {
  if (chunk.lines == 0) chunk = {id, id, ms, ms, 0, 0};
  chunk.last_id = id;
  chunk.min_ms = std::min(chunk.min_ms, ms);
  chunk.max_ms = std::max(chunk.max_ms, ms);
  chunk.bytes += cost;
  ++chunk.lines;
}

Result<void> append_all(Connection& c, const std::vector<LogLine>& lines) {
  StreamSpans streams;
  for (const LogLine& line : lines) {
    const std::int64_t ms = to_unix_ms(line.time);
    const auto [it, fresh] = streams.try_emplace({line.group, line.stream}, StreamSpan{0, ms, ms});
    it->second.first_ms = std::min(it->second.first_ms, ms);
    it->second.last_ms = std::max(it->second.last_ms, ms);
  }
  for (auto& [name, span] : streams) TRY(touch_stream(c, name.first, name.second, span));

  TRY_ASSIGN(Chunk chunk, open_chunk(c));
  for (const LogLine& line : lines) {
    const std::int64_t ms = to_unix_ms(line.time);
    std::int64_t id = 0;
    TRY(
        c.query("INSERT INTO log_line (stream_id, time_ms, cost, message) VALUES ($1, $2, $3, $4) "
                "RETURNING id",
                {streams.at({line.group, line.stream}).id, ms, cost_of(line), line.message},
                [&](const Row& row) { id = row.integer(0); }));
    add_to(chunk, id, ms, cost_of(line));
    if (chunk.lines >= kChunkLines) {
      TRY(store_chunk(c, chunk));
      chunk = {};
    }
  }
  return store_chunk(c, chunk);
}

// --- query

// The least text above all that begin with `prefix`; none if there is no such text.
std::optional<std::string> end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

// Collects conditions and their parameters; the parameters borrow from the query.
struct Conditions {
  std::string sql;
  std::vector<Bind> binds;

  void add(std::string_view left, Bind value) {
    binds.push_back(value);
    sql += fmt::format("{}{}${}", sql.empty() ? "" : " AND ", left, binds.size());
  }
};

Result<std::vector<LogLine>> select_lines(Connection& c, const LogQuery& query) {
  const std::int64_t from = query.from ? to_unix_ms(*query.from) : 0;
  const std::int64_t until = query.until ? to_unix_ms(*query.until) : 0;
  // Times rise only nearly with ids: chunks bound the ids that a range of times can have.
  std::int64_t above = static_cast<std::int64_t>(
      std::min<std::uint64_t>(query.after_id, static_cast<std::uint64_t>(INT64_MAX)));
  std::int64_t up_to = INT64_MAX;
  if (query.from) {
    TRY_ASSIGN(const auto first,
               c.query_integer("SELECT COALESCE(MIN(first_id), $2) FROM log_chunk "
                               "WHERE max_ms >= $1",
                               {from, INT64_MAX}));
    above = std::max(above, first - 1);
  }
  if (query.until) {
    TRY_ASSIGN(up_to, c.query_integer("SELECT COALESCE(MAX(last_id), 0) FROM log_chunk "
                                      "WHERE min_ms < $1",
                                      {until}));
  }

  Conditions streams;
  const auto prefix_end = end_of_prefix(query.stream_prefix);
  if (!query.group.empty()) streams.add("group_name = ", query.group);
  if (query.stream) streams.add("stream_name = ", *query.stream);
  if (!query.stream_prefix.empty()) {
    streams.add("stream_name >= ", query.stream_prefix);
    if (prefix_end) streams.add("stream_name < ", *prefix_end);
  }

  Conditions lines{{}, streams.binds};
  lines.add("id > ", above);
  lines.add("id <= ", up_to);
  if (query.from) lines.add("time_ms >= ", from);
  if (query.until) lines.add("time_ms < ", until);
  if (!streams.sql.empty()) {
    lines.sql += fmt::format(" AND stream_id IN (SELECT id FROM log_stream WHERE {})", streams.sql);
  }
  lines.binds.emplace_back(std::int64_t{query.limit});
  // The inner query runs on the index alone and finds the ids; only those rows are then read.
  const std::string sql = fmt::format(
      "SELECT l.id, s.group_name, s.stream_name, l.time_ms, l.message FROM log_line l "
      "JOIN log_stream s ON s.id = l.stream_id "
      "WHERE l.id IN (SELECT id FROM log_line WHERE {} ORDER BY id LIMIT ${}) ORDER BY l.id",
      lines.sql, lines.binds.size());

  std::vector<LogLine> found;
  TRY(c.query_with(sql, lines.binds, [&](const Row& row) {
    found.push_back({row.string(1), row.string(2), from_unix_ms(row.integer(3)), row.string(4),
                     static_cast<std::uint64_t>(row.integer(0))});
  }));
  return found;
}

}  // namespace

MigrationSet log_schema() {
  static constexpr Migration kMigrations[] = {
      {1,
       "CREATE TABLE log_stream (id INTEGER PRIMARY KEY AUTOINCREMENT,"
       " group_name TEXT NOT NULL, stream_name TEXT NOT NULL,"
       " first_ms BIGINT NOT NULL, last_ms BIGINT NOT NULL,"
       " UNIQUE (group_name, stream_name));"
       "CREATE TABLE log_line (id INTEGER PRIMARY KEY AUTOINCREMENT,"
       " stream_id BIGINT NOT NULL, time_ms BIGINT NOT NULL, cost BIGINT NOT NULL,"
       " message TEXT NOT NULL);"
       "CREATE INDEX log_line_by_stream ON log_line (stream_id, id, time_ms);"
       "CREATE TABLE log_chunk (first_id BIGINT NOT NULL PRIMARY KEY, last_id BIGINT NOT NULL,"
       " min_ms BIGINT NOT NULL, max_ms BIGINT NOT NULL,"
       " bytes BIGINT NOT NULL, lines BIGINT NOT NULL)"},
  };
  return {"log", kMigrations};
}

struct LogStore::Impl {
  std::unique_ptr<Database> database;
};

LogStore::LogStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LogStore::~LogStore() = default;

Result<std::unique_ptr<LogStore>> LogStore::open(const std::string& path, LogStoreOptions options) {
  const MigrationSet sets[] = {log_schema()};
  DatabaseOptions database;
  database.sync = DatabaseOptions::Sync::kNormal;
  database.max_bytes = options.max_file_bytes;
  database.incremental_vacuum = true;
  TRY_ASSIGN(auto opened, Database::open_sqlite(path, database, sets));
  return std::unique_ptr<LogStore>(new LogStore(std::make_unique<Impl>(Impl{std::move(opened)})));
}

Result<void> LogStore::append(const std::vector<LogLine>& lines) {
  if (lines.empty()) return ok();
  return impl_->database->write_blocking([&](Connection& c) { return append_all(c, lines); });
}

Result<std::vector<LogLine>> LogStore::query(const LogQuery& query) {
  return impl_->database->read_blocking([&](Connection& c) { return select_lines(c, query); });
}

Result<std::vector<std::string>> LogStore::groups() {
  using Names = std::vector<std::string>;
  return impl_->database->read_blocking([](Connection& c) -> Result<Names> {
    Names names;
    TRY(c.query("SELECT DISTINCT group_name FROM log_stream ORDER BY group_name", {},
                [&](const Row& row) { names.push_back(row.string(0)); }));
    return names;
  });
}

Result<std::vector<LogStreamInfo>> LogStore::streams(const std::string& group) {
  using Streams = std::vector<LogStreamInfo>;
  return impl_->database->read_blocking([&](Connection& c) -> Result<Streams> {
    Streams streams;
    TRY(
        c.query("SELECT stream_name, first_ms, last_ms FROM log_stream WHERE group_name = $1 "
                "ORDER BY stream_name",
                {group}, [&](const Row& row) {
                  streams.push_back({group, row.string(0), from_unix_ms(row.integer(1)),
                                     from_unix_ms(row.integer(2))});
                }));
    return streams;
  });
}

Result<std::uint64_t> LogStore::trim(WallTime before, std::uint64_t max_bytes) {
  return trim_log(*impl_->database, before, max_bytes);
}

}  // namespace sallyport::state
