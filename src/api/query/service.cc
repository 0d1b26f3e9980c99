#include "api/query/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "api/query/audit_note.h"
#include "api/query/permission.h"
#include "api/wire_error.h"

namespace sallyport::api {

namespace {

const QueryRow* find_row(QueryApi api, std::string_view action) {
  for (const auto& row : query_rows())
    if (row.api == api && row.action == action) return &row;
  return nullptr;
}

Task<Outcome<std::string>> answer(const QueryContext& context, QueryApi api, std::string form_text,
                                  const Caller& caller) {
  auto form = codec::parse_form(form_text);
  if (!form.ok()) co_return Fault(Errc::kInvalidArgument, form.error().message, "ValidationError");
  const std::string_view action = form->get("Action");
  if (action.empty())
    co_return Fault(Errc::kInvalidArgument, "The Action parameter is missing.", "MissingParameter");
  const QueryRow* row = find_row(api, action);
  if (row == nullptr) {
    note_unknown_action(caller, api, action);
    co_return Fault(Errc::kUnsupported,
                    fmt::format("The action {} is not available in this version of Sallyport.",
                                action.substr(0, 64)),
                    "InvalidAction");
  }
  const QueryCall call{context, caller, *form, *row};
  note_request(call);
  CO_TRY(co_await ask_permission(call));

  codec::XmlWriter xml;
  xml.open(fmt::format("{}Response", row->action), query_xmlns(api));
  if (row->has_result) xml.open(fmt::format("{}Result", row->action));
  CO_TRY(co_await row->handler(call, xml));
  if (row->has_result) xml.close();
  xml.open("ResponseMetadata").element("RequestId", caller.request_id);
  std::string text = xml.take();
  note_answer(call, text);
  co_return text;
}

}  // namespace

std::string_view query_xmlns(QueryApi api) {
  switch (api) {
    case QueryApi::kIam: return "https://iam.amazonaws.com/doc/2010-05-08/";
    case QueryApi::kSts: return "https://sts.amazonaws.com/doc/2011-06-15/";
  }
  return "";
}

Task<http::HttpResponse> QueryService::handle(QueryApi api, std::string form_text,
                                              const Caller& caller) {
  auto answered = co_await answer(context_, api, std::move(form_text), caller);
  if (!answered.ok()) {
    const WireError error = query_error(answered.error());
    if (error.status >= 500) {
      spdlog::error("{}: {} (request {})", errc_name(answered.error().code),
                    answered.error().message, caller.request_id);
    }
    note_error(caller, error);
    co_return query_error_response(error, query_xmlns(api), caller.request_id);
  }
  http::HttpResponse response;
  response.headers.add("Content-Type", "text/xml");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  response.body = std::move(*answered);
  co_return response;
}

}  // namespace sallyport::api
