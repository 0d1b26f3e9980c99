#include "api/transfer/service.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/decode.h"
#include "api/wire_error.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

constexpr TransferRow kRows[] = {
    {"CreateAccess", nullptr},
    {"CreateAgreement", nullptr},
    {"CreateConnector", nullptr},
    {"CreateProfile", nullptr},
    {"CreateServer", &create_server},
    {"CreateUser", &create_user},
    {"CreateWebApp", nullptr},
    {"CreateWorkflow", nullptr},
    {"DeleteAccess", nullptr},
    {"DeleteAgreement", nullptr},
    {"DeleteCertificate", nullptr},
    {"DeleteConnector", nullptr},
    {"DeleteHostKey", &delete_host_key},
    {"DeleteProfile", nullptr},
    {"DeleteServer", &delete_server},
    {"DeleteSshPublicKey", &delete_ssh_public_key},
    {"DeleteUser", &delete_user},
    {"DeleteWebApp", nullptr},
    {"DeleteWebAppCustomization", nullptr},
    {"DeleteWorkflow", nullptr},
    {"DescribeAccess", nullptr},
    {"DescribeAgreement", nullptr},
    {"DescribeCertificate", nullptr},
    {"DescribeConnector", nullptr},
    {"DescribeExecution", nullptr},
    {"DescribeHostKey", &describe_host_key},
    {"DescribeProfile", nullptr},
    {"DescribeSecurityPolicy", &describe_security_policy},
    {"DescribeServer", &describe_server},
    {"DescribeUser", &describe_user},
    {"DescribeWebApp", nullptr},
    {"DescribeWebAppCustomization", nullptr},
    {"DescribeWorkflow", nullptr},
    {"ImportCertificate", nullptr},
    {"ImportHostKey", &import_host_key},
    {"ImportSshPublicKey", &import_ssh_public_key},
    {"ListAccesses", nullptr},
    {"ListAgreements", nullptr},
    {"ListCertificates", nullptr},
    {"ListConnectors", nullptr},
    {"ListExecutions", nullptr},
    {"ListFileTransferResults", nullptr},
    {"ListHostKeys", &list_host_keys},
    {"ListProfiles", nullptr},
    {"ListSecurityPolicies", &list_security_policies},
    {"ListServers", &list_servers},
    {"ListTagsForResource", &list_tags_for_resource},
    {"ListUsers", &list_users},
    {"ListWebApps", nullptr},
    {"ListWorkflows", nullptr},
    {"SendWorkflowStepState", nullptr},
    {"StartDirectoryListing", nullptr},
    {"StartFileTransfer", nullptr},
    {"StartRemoteDelete", nullptr},
    {"StartRemoteMove", nullptr},
    {"StartServer", &start_server},
    {"StopServer", &stop_server},
    {"TagResource", &tag_resource},
    {"TestConnection", nullptr},
    {"TestIdentityProvider", nullptr},
    {"UntagResource", &untag_resource},
    {"UpdateAccess", nullptr},
    {"UpdateAgreement", nullptr},
    {"UpdateCertificate", nullptr},
    {"UpdateConnector", nullptr},
    {"UpdateHostKey", &update_host_key},
    {"UpdateProfile", nullptr},
    {"UpdateServer", &update_server},
    {"UpdateUser", &update_user},
    {"UpdateWebApp", nullptr},
    {"UpdateWebAppCustomization", nullptr},
};

const TransferRow* find_row(std::string_view operation) {
  for (const auto& row : kRows)
    if (row.operation == operation) return &row;
  return nullptr;
}

Task<Outcome<json>> answer(const TransferContext& context, const OperationModel& operation,
                           TransferHandler handler, std::string body) {
  std::vector<std::string> unknown;
  CO_TRY_ASSIGN(json request, decode_request(body, *operation.input, unknown));
  if (!unknown.empty())
    spdlog::debug("{}: {} unknown member(s) ignored", operation.name, unknown.size());
  if (handler == nullptr) {
    co_return Fault(
        Errc::kUnsupported,
        fmt::format("{} is not available in this version of Sallyport.", operation.name));
  }
  co_return co_await handler(context, std::move(request));
}

}  // namespace

std::span<const TransferRow> transfer_rows() {
  return kRows;
}

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

  auto answered = co_await answer(context_, *operation, row->handler, std::move(body));
  if (!answered.ok()) {
    const Fault& fault = answered.error();
    const WireError error = transfer_error(fault, operation);
    if (error.status >= 500 && fault.code != Errc::kUnsupported) {
      spdlog::error("{} failed: {}: {} (request {})", operation->name, errc_name(fault.code),
                    fault.message, caller.request_id);
    }
    co_return json_error_response(error, caller.request_id);
  }

  http::HttpResponse response;
  response.headers.add("Content-Type", "application/x-amz-json-1.1");
  response.headers.add("x-amzn-RequestId", caller.request_id);
  if (!answered->is_null()) response.body = codec::write_json(*answered);
  co_return response;
}

}  // namespace sallyport::api
