#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/server_endpoint.h"
#include "api/transfer/server_form.h"
#include "model/security_policy.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Which types a member of IdentityProviderDetails is for.
struct DetailRule {
  const char* member;
  std::string model::IdentityProviderDetails::*value;
  std::vector<std::string> types;
};

Outcome<Done> check_identity_provider(const model::Server& server) {
  static const DetailRule kRules[] = {
      {"Url", &model::IdentityProviderDetails::url, {"API_GATEWAY"}},
      {"InvocationRole", &model::IdentityProviderDetails::invocation_role, {"API_GATEWAY"}},
      {"DirectoryId", &model::IdentityProviderDetails::directory_id, {"AWS_DIRECTORY_SERVICE"}},
      {"Function", &model::IdentityProviderDetails::function, {"AWS_LAMBDA"}},
      {"SftpAuthenticationMethods",
       &model::IdentityProviderDetails::sftp_authentication_methods,
       {"API_GATEWAY", "AWS_LAMBDA"}},
  };
  const auto& details = server.identity_provider_details;
  const std::string& type = server.identity_provider_type;
  if (type == "SERVICE_MANAGED") {
    if (details)
      return invalid_request("Must specify IdentityProviderType with IdentityProviderDetails");
    return done();
  }
  if (type == "API_GATEWAY" &&
      (!details || details->url.empty() || details->invocation_role.empty()))
    return invalid_request("Must specify Url and InvocationRole for IdP type: API_GATEWAY");
  if (type == "AWS_LAMBDA" && (!details || details->function.empty()))
    return invalid_request("Must specify Function for IdP type: AWS_LAMBDA");
  if (type == "AWS_DIRECTORY_SERVICE" && (!details || details->directory_id.empty()))
    return invalid_request("Must specify DirectoryId for IdP type: AWS_DIRECTORY_SERVICE");
  for (const DetailRule& rule : kRules)
    if (!((*details).*rule.value).empty() && !has(rule.types, type))
      return invalid_request(fmt::format("{} unsupported for IdP type: {}", rule.member, type));
  return done();
}

Outcome<Done> check_protocols(const model::Server& server) {
  const auto& protocols = server.protocols;
  TRY(check_unique(protocols, "Protocols"));
  const bool ftp = has(protocols, "FTP");
  const bool ftps = has(protocols, "FTPS");
  if ((ftp || ftps) && server.endpoint_type != "VPC")
    return invalid_request("FTP and FTPS protocols require EndpointType: VPC");
  if ((ftp || ftps) && server.identity_provider_type == "SERVICE_MANAGED")
    return invalid_request("FTP and FTPS protocols are unsupported for IdP type: SERVICE_MANAGED");
  if (ftps && server.certificate.empty())
    return invalid_request("Certificate required for protocol: FTPS");
  if (ftp && server.endpoint_details && !server.endpoint_details->address_allocation_ids.empty())
    return invalid_request("AddressAllocationIds unsupported for protocol: FTP");
  if (has(protocols, "AS2") && server.endpoint_type != "VPC")
    return invalid_request("AS2 protocol requires EndpointType: VPC");
  if (has(protocols, "AS2") && server.domain != "S3")
    return invalid_request("AS2 protocol requires Domain: S3");
  return done();
}

Outcome<Done> check_log_destinations(const model::Server& server) {
  for (const auto& arn : server.structured_log_destinations) {
    if (arn.find(":logs:") == std::string::npos || arn.find(":log-group:") == std::string::npos)
      return invalid_request("StructuredLogDestinations must be ARNs of log groups");
  }
  return done();
}

}  // namespace

Outcome<Done> check_server(const model::Server& server) {
  TRY(check_endpoint(server));
  TRY(check_identity_provider(server));
  TRY(check_protocols(server));
  TRY(check_log_destinations(server));
  const auto* policy = model::find_security_policy(server.security_policy_name);
  if (policy == nullptr || policy->type != model::SecurityPolicyType::kServer)
    return invalid_request("Unknown security policy " + server.security_policy_name);
  return done();
}

Outcome<Done> check_new_server(const json& request, const model::Server& server) {
  TRY(check_new_endpoint(request, server));
  return check_server(server);
}

Outcome<Done> check_server_change(const json& request, const model::Server& before,
                                  const model::Server& after) {
  TRY(check_endpoint_change(request, before, after));
  return check_server(after);
}

}  // namespace sallyport::api
