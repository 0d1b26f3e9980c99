#include "api/logs/service.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/logs/request.h"
#include "api/wire_error.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;
using LogsHandler = Task<Outcome<json>> (*)(const LogsContext&, json);

enum class LogsTarget : std::uint8_t { kAll, kGroup, kStream };

struct LogsRow {
  std::string_view operation;
  LogsTarget target;
  LogsHandler handler;
};

constexpr LogsRow kRows[] = {
    {"DescribeLogGroups", LogsTarget::kAll, &describe_log_groups},
    {"DescribeLogStreams", LogsTarget::kGroup, &describe_log_streams},
    {"FilterLogEvents", LogsTarget::kGroup, &filter_log_events},
    {"GetLogEvents", LogsTarget::kStream, &get_log_events},
};

const LogsRow* find_row(std::string_view operation) {
  for (const auto& row : kRows)
    if (row.operation == operation) return &row;
  return nullptr;
}

// As the service's refusals name what they are about, also where no group or stream is named.
Outcome<std::string> target_arn(const LogsContext& context, LogsTarget target,
                                const json& request) {
  std::string out = "arn:aws:logs:" + context.place.region + ":" + context.place.account;
  out += ":log-group:";
  if (target != LogsTarget::kAll) {
    TRY_ASSIGN(const std::string group, log_group_name(request));
    out += group;
  }
  out += ":log-stream:";
  if (target == LogsTarget::kStream) {
    TRY_ASSIGN(const auto stream, log_text(request, "logStreamName"));
    out += stream.value_or("");
  }
  return out;
}

// All references outlive the task.
Task<Outcome<json>> answer(const LogsContext& context, iam::Authorizer& authorizer,
                           const LogsRow& row, std::string body, const Caller& caller) {
  json request = json::object();
  if (!body.empty()) {
    auto parsed = codec::parse_json(body);
    if (!parsed.ok()) co_return serialization_fault(parsed.error().message);
    if (!parsed->is_object())
      co_return serialization_fault("Unexpected value where a structure was expected.");
    request = std::move(*parsed);
  }
  if (caller.audit != nullptr && !request.empty())
    caller.audit->request_parameters = codec::write_json(request);
  std::string action = "logs:" + std::string(row.operation);
  CO_TRY_ASSIGN(std::string resource, target_arn(context, row.target, request));
  CO_TRY(co_await may(authorizer, caller, std::move(action), std::move(resource)));
  co_return co_await row.handler(context, std::move(request));
}

}  // namespace

bool is_logs_operation(std::string_view name) {
  return find_row(name) != nullptr;
}

Task<http::HttpResponse> LogsService::handle(std::string target, std::string body,
                                             const Caller& caller) {
  const LogsRow* row = target.starts_with(kLogsTarget)
                           ? find_row(std::string_view(target).substr(kLogsTarget.size()))
                           : nullptr;
  if (row == nullptr)
    co_return json_error_response({"UnknownOperationException", 400, "", {}}, caller.request_id);
  AuditNote unheard;
  AuditNote& note = caller.audit == nullptr ? unheard : *caller.audit;
  note.event_source = "logs.amazonaws.com";
  note.event_name = row->operation;
  note.read_only = true;

  auto answered = co_await answer(context_, authorizer_, *row, std::move(body), caller);
  if (!answered.ok()) {
    const WireError error = logs_error(answered.error());
    note.error_code = error.code;
    note.error_message = error.message;
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
