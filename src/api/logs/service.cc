#include "api/logs/service.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/wire_error.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;
using LogsHandler = Task<Outcome<json>> (*)(const LogsContext&, json);

struct LogsRow {
  std::string_view operation;
  LogsHandler handler;
};

constexpr LogsRow kRows[] = {
    {"DescribeLogGroups", &describe_log_groups},
    {"DescribeLogStreams", &describe_log_streams},
    {"FilterLogEvents", &filter_log_events},
    {"GetLogEvents", &get_log_events},
};

Task<Outcome<json>> answer(const LogsContext& context, LogsHandler handler, std::string body) {
  json request = json::object();
  if (!body.empty()) {
    auto parsed = codec::parse_json(body);
    if (!parsed.ok()) co_return serialization_fault(parsed.error().message);
    if (!parsed->is_object())
      co_return serialization_fault("Unexpected value where a structure was expected.");
    request = std::move(*parsed);
  }
  co_return co_await handler(context, std::move(request));
}

}  // namespace

Task<http::HttpResponse> LogsService::handle(std::string target, std::string body,
                                             const Caller& caller) {
  LogsHandler handler = nullptr;
  for (const auto& row : kRows)
    if (target.starts_with(kLogsTarget) && target.substr(kLogsTarget.size()) == row.operation)
      handler = row.handler;
  if (handler == nullptr)
    co_return json_error_response({"UnknownOperationException", 400, "", {}}, caller.request_id);

  auto answered = co_await answer(context_, handler, std::move(body));
  if (!answered.ok()) {
    const WireError error = logs_error(answered.error());
    if (error.status >= 500) {
      spdlog::error("{} failed: {}: {} (request {})", target, errc_name(answered.error().code),
                    answered.error().message, caller.request_id);
    }
    co_return json_error_response(error, caller.request_id);
  }
  http::HttpResponse response;
  response.headers.add("Content-Type", "application/x-amz-json-1.1");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  response.body = codec::write_json(*answered);
  co_return response;
}

}  // namespace sallyport::api
