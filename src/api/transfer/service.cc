#include "api/transfer/service.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/decode.h"
#include "api/transfer/service_access.h"
#include "api/transfer/service_audit.h"
#include "api/wire_error.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

const TransferRow* find_row(std::string_view operation) {
  for (const auto& row : transfer_rows())
    if (row.operation == operation) return &row;
  return nullptr;
}

// All references outlive the task.
Task<Outcome<json>> answer(const TransferContext& context, iam::Authorizer& authorizer,
                           const TransferRow& row, const OperationModel& operation,
                           std::string body, const Caller& caller) {
  std::vector<std::string> unknown;
  CO_TRY_ASSIGN(json request, parse_request(body, *operation.input, unknown));
  if (!unknown.empty())
    spdlog::debug("{}: {} unknown member(s) ignored", operation.name, unknown.size());
  note_request(caller.audit, operation, request);
  const bool ask_first = can_ask_first(row, operation, request);
  if (!ask_first) CO_TRY(check_request(request, *operation.input));
  CO_TRY(co_await check_access(authorizer, context, row, operation, request, caller));
  if (ask_first) CO_TRY(check_request(request, *operation.input));
  co_return co_await row.handler(context, std::move(request));
}

}  // namespace

Task<http::HttpResponse> TransferService::handle(std::string target, std::string body,
                                                 const Caller& caller) {
  const std::string_view name = target.starts_with(kTransferTarget)
                                    ? std::string_view(target).substr(kTransferTarget.size())
                                    : std::string_view();
  const TransferRow* row = find_row(name);
  const OperationModel* operation = row == nullptr ? nullptr : transfer_model().operation(name);
  if (operation == nullptr) {
    co_return json_error_response({"UnknownOperationException", 400, "", {}}, caller.request_id);
  }

  note_operation(caller.audit, *operation);
  auto answered = co_await answer(context_, authorizer_, *row, *operation, std::move(body), caller);
  if (!answered.ok()) {
    const Fault& fault = answered.error();
    const WireError error = transfer_error(fault, operation);
    note_error(caller.audit, error);
    if (error.status >= 500 && fault.code != Errc::kUnsupported) {
      spdlog::error("{} failed: {}: {} (request {})", operation->name, errc_name(fault.code),
                    fault.message, caller.request_id);
    }
    co_return json_error_response(error, caller.request_id);
  }
  note_answer(caller.audit, *operation, *answered);

  http::HttpResponse response;
  response.headers.add("Content-Type", "application/x-amz-json-1.1");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  if (!answered->is_null()) response.body = codec::write_json(*answered);
  co_return response;
}

}  // namespace sallyport::api
