#include "api/query/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "api/wire_error.h"

namespace sallyport::api {

namespace {

constexpr QueryRow kRows[] = {
    {QueryApi::kIam, "AttachRolePolicy", false, &attach_role_policy},
    {QueryApi::kIam, "CreateRole", true, &create_role},
    {QueryApi::kIam, "DeleteRole", false, &delete_role},
    {QueryApi::kIam, "DeleteRolePolicy", false, &delete_role_policy},
    {QueryApi::kIam, "DetachRolePolicy", false, &detach_role_policy},
    {QueryApi::kIam, "GetRole", true, &get_role},
    {QueryApi::kIam, "GetRolePolicy", true, &get_role_policy},
    {QueryApi::kIam, "ListAttachedRolePolicies", true, &list_attached_role_policies},
    {QueryApi::kIam, "ListInstanceProfilesForRole", true, &list_instance_profiles_for_role},
    {QueryApi::kIam, "ListRolePolicies", true, &list_role_policies},
    {QueryApi::kIam, "ListRoles", true, &list_roles},
    {QueryApi::kIam, "PutRolePolicy", false, &put_role_policy},
    {QueryApi::kIam, "UpdateAssumeRolePolicy", false, &update_assume_role_policy},
    {QueryApi::kSts, "GetCallerIdentity", true, &get_caller_identity},
};

const QueryRow* find_row(QueryApi api, std::string_view action) {
  for (const auto& row : kRows)
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
    co_return Fault(Errc::kUnsupported,
                    fmt::format("The action {} is not available in this version of Sallyport.",
                                action.substr(0, 64)),
                    "InvalidAction");
  }
  codec::XmlWriter xml;
  xml.open(fmt::format("{}Response", row->action), query_xmlns(api));
  if (row->has_result) xml.open(fmt::format("{}Result", row->action));
  const QueryCall call{context, caller, *form};
  CO_TRY(co_await row->handler(call, xml));
  if (row->has_result) xml.close();
  xml.open("ResponseMetadata").element("RequestId", caller.request_id);
  co_return xml.take();
}

}  // namespace

std::span<const QueryRow> query_rows() {
  return kRows;
}

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
    co_return query_error_response(error, query_xmlns(api), caller.request_id);
  }
  http::HttpResponse response;
  response.headers.add("Content-Type", "text/xml");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  response.body = std::move(*answered);
  co_return response;
}

}  // namespace sallyport::api
