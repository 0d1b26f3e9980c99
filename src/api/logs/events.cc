#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "api/logs/filter.h"
#include "api/logs/request.h"
#include "api/logs/service.h"
#include "events/event_log.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::uint32_t kMaxEvents = 10'000;
// A page looks at no more lines than this, so that a rare pattern cannot hold the store.
constexpr std::uint32_t kMaxLookedAt = 50'000;
constexpr std::uint32_t kBatch = 5'000;
// Of the messages of one page, as in the managed service.
constexpr std::size_t kMaxPageBytes = 1024 * 1024;

json show_event(const state::LogLine& line, bool filtered) {
  json out = {{"timestamp", to_unix_ms(line.time)},
              {"message", line.message},
              {"ingestionTime", to_unix_ms(line.time)}};
  if (filtered) {
    out["logStreamName"] = line.stream;
    out["eventId"] = fmt::format("{:056}", line.id);
  }
  return out;
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// startTime is inclusive; endTime is too for FilterLogEvents, and exclusive for GetLogEvents.
Outcome<state::LogQuery> read_range(const json& request, std::string group, bool end_inclusive) {
  state::LogQuery query;
  query.group = std::move(group);
  TRY_ASSIGN(const auto start, log_integer(request, "startTime"));
  TRY_ASSIGN(const auto end, log_integer(request, "endTime"));
  constexpr std::int64_t kMaxTime = 253'402'300'799'999;  // the year 9999
  if ((start && (*start < 0 || *start > kMaxTime)) || (end && (*end < 0 || *end > kMaxTime)))
    return invalid_log_parameter("startTime and endTime are milliseconds since the epoch");
  if (start) query.from = from_unix_ms(*start);
  if (end) query.until = from_unix_ms(*end + (end_inclusive ? 1 : 0));
  return query;
}

Task<Outcome<Done>> require_group(const LogsContext& context, std::string group) {
  CO_TRY_ASSIGN(const auto groups, co_await context.log.groups());
  if (std::find(groups.begin(), groups.end(), group) == groups.end())
    co_return Fault(Errc::kNotFound, "The specified log group does not exist.");
  co_return done();
}

struct Filtered {
  std::vector<state::LogLine> lines;
  std::uint64_t last_looked_at = 0;
  bool more = false;
};

// Lines of the query that are in one of `streams` (all when empty) and match, until `limit`.
Task<Outcome<Filtered>> collect(const LogsContext& context, state::LogQuery query,
                                std::vector<std::string> streams, LogFilter filter,
                                std::uint32_t limit) {
  Filtered out;
  std::size_t bytes = 0;
  std::uint32_t looked_at = 0;
  while (true) {
    query.limit = kBatch;
    CO_TRY_ASSIGN(auto batch, co_await context.log.query(query));
    for (auto& line : batch) {
      const bool wanted = (streams.empty() || std::find(streams.begin(), streams.end(),
                                                        line.stream) != streams.end()) &&
                          filter.matches(line.message);
      if (wanted && (out.lines.size() == limit || bytes > kMaxPageBytes)) {
        out.more = true;
        co_return out;
      }
      out.last_looked_at = query.after_id = line.id;
      if (!wanted) continue;
      bytes += line.message.size();
      out.lines.push_back(std::move(line));
    }
    if (batch.size() < kBatch) co_return out;
    looked_at += kBatch;
    if (looked_at >= kMaxLookedAt) {
      out.more = true;
      co_return out;
    }
  }
}

}  // namespace

Task<Outcome<json>> filter_log_events(const LogsContext& context, json request) {
  CO_TRY_ASSIGN(const auto group, log_group_name(request));
  CO_TRY_ASSIGN(auto streams, log_texts(request, "logStreamNames"));
  CO_TRY_ASSIGN(const auto prefix, log_text(request, "logStreamNamePrefix"));
  CO_TRY_ASSIGN(const auto pattern, log_text(request, "filterPattern"));
  CO_TRY_ASSIGN(const std::uint32_t limit, log_limit(request, kMaxEvents, kMaxEvents));
  CO_TRY_ASSIGN(const auto token, log_text(request, "nextToken"));
  CO_TRY_ASSIGN(auto filter, LogFilter::parse(pattern.value_or("")));
  CO_TRY_ASSIGN(auto query, read_range(request, group, true));
  if (prefix && !streams.empty())
    co_return invalid_log_parameter("logStreamNamePrefix and logStreamNames are exclusive");
  query.stream_prefix = prefix.value_or("");
  if (streams.size() == 1) query.stream = streams.front();
  const std::string listing = "FilterLogEvents|" + group;
  if (token) {
    auto after = context.tokens.open(*token, listing);
    if (!after.ok()) co_return invalid_log_parameter("The specified nextToken is invalid.");
    query.after_id = to_number(*after);
  }
  CO_TRY(co_await require_group(context, group));
  CO_TRY_ASSIGN(const auto found, co_await collect(context, std::move(query), std::move(streams),
                                                   std::move(filter), limit));
  json events = json::array();
  for (const auto& line : found.lines) events.push_back(show_event(line, true));
  json answer = {{"events", std::move(events)}, {"searchedLogStreams", json::array()}};
  if (found.more)
    answer["nextToken"] = context.tokens.make(listing, std::to_string(found.last_looked_at));
  co_return answer;
}

// Tokens say "f/<id>" or "b/<id>": go on behind that line, or in front of it. A page at either end
// answers with the token it was asked with, which is how clients know that it is the end.
Task<Outcome<json>> get_log_events(const LogsContext& context, json request) {
  CO_TRY_ASSIGN(const auto group, log_group_name(request));
  CO_TRY_ASSIGN(const auto stream, log_text(request, "logStreamName"));
  CO_TRY_ASSIGN(const std::uint32_t limit, log_limit(request, kMaxEvents, kMaxEvents));
  CO_TRY_ASSIGN(const bool from_head, log_flag(request, "startFromHead", false));
  CO_TRY_ASSIGN(const auto token, log_text(request, "nextToken"));
  CO_TRY_ASSIGN(auto query, read_range(request, group, false));
  if (!stream) co_return invalid_log_parameter("logStreamName must be given");
  query.stream = *stream;
  const std::string listing = fmt::format("GetLogEvents|{}|{}", group, *stream);
  std::string position = from_head ? "f/0" : "b/";
  if (token) {
    auto opened = context.tokens.open(*token, listing);
    if (!opened.ok() || opened->size() < 2)
      co_return invalid_log_parameter("The specified nextToken is invalid.");
    position = std::move(*opened);
  }
  CO_TRY_ASSIGN(const auto streams, co_await context.log.streams(group));
  const bool known = std::any_of(streams.begin(), streams.end(),
                                 [&](const auto& info) { return info.stream == *stream; });
  if (!known) co_return Fault(Errc::kNotFound, "The specified log stream does not exist.");

  const bool forward = position.starts_with("f/");
  const std::uint64_t at = to_number(std::string_view(position).substr(2));
  const std::uint64_t before = forward || position == "b/" ? UINT64_MAX : at;
  query.after_id = forward ? at : 0;
  std::vector<state::LogLine> lines;
  for (bool more = true; more;) {
    query.limit = forward ? limit : kBatch;
    CO_TRY_ASSIGN(auto batch, co_await context.log.query(query));
    more = !forward && batch.size() == kBatch && batch.back().id < before;
    for (auto& line : batch) {
      query.after_id = line.id;
      if (line.id < before) lines.push_back(std::move(line));
    }
    if (lines.size() > limit)
      lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
  }

  json events = json::array();
  for (const auto& line : lines) events.push_back(show_event(line, false));
  const std::uint64_t first = lines.empty() ? (forward ? at + 1 : at) : lines.front().id;
  const std::uint64_t last =
      lines.empty() ? (forward ? at : (at == 0 ? 0 : at - 1)) : lines.back().id;
  co_return json{{"events", std::move(events)},
                 {"nextForwardToken", context.tokens.make(listing, fmt::format("f/{}", last))},
                 {"nextBackwardToken", context.tokens.make(listing, fmt::format("b/{}", first))}};
}

}  // namespace sallyport::api
