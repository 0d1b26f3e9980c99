#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/logs/request.h"
#include "api/logs/service.h"
#include "events/event_log.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr std::uint32_t kPage = 50;

std::string group_arn(const LogsContext& context, const std::string& group) {
  return fmt::format("arn:aws:logs:{}:{}:log-group:{}", context.place.region, context.place.account,
                     group);
}

// A page of `items`, which are in order of their `name_of`; the token holds the last name told.
template <class T, class NameOf>
Outcome<json> page_of(const LogsContext& context, const std::string& listing, const json& request,
                      const std::vector<T>& items, NameOf name_of, const char* member,
                      json (*show)(const LogsContext&, const T&)) {
  TRY_ASSIGN(const std::uint32_t limit, log_limit(request, kPage, kPage));
  TRY_ASSIGN(const auto token, log_text(request, "nextToken"));
  std::size_t first = 0;
  if (token) {
    auto after = context.tokens.open(*token, listing);
    if (!after.ok()) return invalid_log_parameter("The specified nextToken is invalid.");
    while (first < items.size() && name_of(items[first]) != *after) ++first;
    first = std::min(first + 1, items.size());
  }
  json shown = json::array();
  std::size_t at = first;
  for (; at < items.size() && shown.size() < limit; ++at) shown.push_back(show(context, items[at]));
  json answer = {{member, std::move(shown)}};
  if (at < items.size()) answer["nextToken"] = context.tokens.make(listing, name_of(items[at - 1]));
  return answer;
}

json show_group(const LogsContext& context, const std::string& group) {
  const std::string arn = group_arn(context, group);
  return {{"logGroupName", group},
          {"arn", arn + ":*"},
          {"logGroupArn", arn},
          {"metricFilterCount", 0},
          {"logGroupClass", "STANDARD"}};
}

json show_stream(const LogsContext& context, const state::LogStreamInfo& stream) {
  return {{"logStreamName", stream.stream},
          {"arn", fmt::format("{}:log-stream:{}", group_arn(context, stream.group), stream.stream)},
          {"creationTime", to_unix_ms(stream.first)},
          {"firstEventTimestamp", to_unix_ms(stream.first)},
          {"lastEventTimestamp", to_unix_ms(stream.last)},
          {"lastIngestionTime", to_unix_ms(stream.last)}};
}

}  // namespace

Task<Outcome<json>> describe_log_groups(const LogsContext& context, json request) {
  CO_TRY_ASSIGN(const auto prefix, log_text(request, "logGroupNamePrefix"));
  CO_TRY_ASSIGN(const auto pattern, log_text(request, "logGroupNamePattern"));
  if (prefix && pattern) {
    co_return invalid_log_parameter(
        "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  }
  CO_TRY_ASSIGN(auto groups, co_await context.log.groups());
  std::erase_if(groups, [&](const std::string& group) {
    return !group.starts_with(prefix.value_or("")) ||
           group.find(pattern.value_or("")) == std::string::npos;
  });
  std::sort(groups.begin(), groups.end());
  const std::string listing =
      fmt::format("DescribeLogGroups|{}|{}", prefix.value_or(""), pattern.value_or(""));
  co_return page_of(
      context, listing, request, groups, [](const std::string& group) { return group; },
      "logGroups", &show_group);
}

Task<Outcome<json>> describe_log_streams(const LogsContext& context, json request) {
  CO_TRY_ASSIGN(const auto group, log_group_name(request));
  CO_TRY_ASSIGN(const auto prefix, log_text(request, "logStreamNamePrefix"));
  CO_TRY_ASSIGN(const auto order, log_text(request, "orderBy"));
  CO_TRY_ASSIGN(const bool descending, log_flag(request, "descending", false));
  const bool by_time = order.value_or("LogStreamName") == "LastEventTime";
  if (!by_time && order.value_or("LogStreamName") != "LogStreamName")
    co_return invalid_log_parameter("orderBy must be LogStreamName or LastEventTime");
  if (by_time && prefix)
    co_return invalid_log_parameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
  CO_TRY_ASSIGN(auto streams, co_await context.log.streams(group));
  if (streams.empty()) co_return Fault(Errc::kNotFound, "The specified log group does not exist.");
  std::erase_if(streams, [&](const state::LogStreamInfo& stream) {
    return !stream.stream.starts_with(prefix.value_or(""));
  });
  std::sort(streams.begin(), streams.end(), [&](const auto& a, const auto& b) {
    if (by_time && a.last != b.last) return descending ? b.last < a.last : a.last < b.last;
    return descending ? b.stream < a.stream : a.stream < b.stream;
  });
  const std::string listing = fmt::format("DescribeLogStreams|{}|{}|{}|{}", group,
                                          prefix.value_or(""), by_time, descending);
  co_return page_of(
      context, listing, request, streams,
      [](const state::LogStreamInfo& stream) { return stream.stream; }, "logStreams", &show_stream);
}

}  // namespace sallyport::api
