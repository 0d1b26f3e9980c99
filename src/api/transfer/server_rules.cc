#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "api/transfer/context.h"
#include "api/transfer/server_form.h"
#include "model/security_policy.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

Outcome<Done> check_endpoint(const model::Server& server) {
  const bool given = server.endpoint_details.has_value();
  if (server.endpoint_type == "PUBLIC") {
    if (given) return invalid_request("EndpointDetails invalid for PUBLIC endpoints");
    return done();
  }
  const model::EndpointDetails details = server.endpoint_details.value_or(model::EndpointDetails{});
  if (server.endpoint_type == "VPC_ENDPOINT") {
    if (details.vpc_endpoint_id.empty())
      return invalid_request("VPC Endpoint ID required for EndpointType: VPC_ENDPOINT");
    if (!details.subnet_ids.empty())
      return invalid_request("Subnet IDs unsupported for EndpointType: VPC_ENDPOINT");
    return done();
  }
  if (!details.vpc_endpoint_id.empty())
    return invalid_request("VPC Endpoint ID unsupported for EndpointType: VPC");
  if (details.vpc_id.empty()) return invalid_request("VpcId required for EndpointType: VPC");
  return done();
}

Outcome<Done> check_identity_provider(const model::Server& server) {
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
  return done();
}

Outcome<Done> check_protocols(const model::Server& server) {
  const auto& protocols = server.protocols;
  if (std::set<std::string>(protocols.begin(), protocols.end()).size() != protocols.size())
    return invalid_request("Protocols must be unique");
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

bool same_items(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

Outcome<Done> check_vpc_change(const json& details, const model::EndpointDetails& before,
                               const model::Server& server_before) {
  if (details.contains("VpcId") && !before.vpc_id.empty() &&
      text_of(details, "VpcId") != before.vpc_id)
    return invalid_request("Changing VpcId is not supported");
  if (details.contains("SecurityGroupIds") &&
      !same_items(texts_of(details, "SecurityGroupIds"), before.security_group_ids))
    return invalid_request("Changing Security Group is not supported");
  const bool addresses_change =
      details.contains("AddressAllocationIds") &&
      !same_items(texts_of(details, "AddressAllocationIds"), before.address_allocation_ids);
  if (addresses_change && server_before.state != model::ServerState::kOffline)
    return invalid_request("Server must be OFFLINE to change AddressAllocationIds");
  const bool subnets_change = details.contains("SubnetIds") &&
                              !same_items(texts_of(details, "SubnetIds"), before.subnet_ids);
  const bool addresses_stay = !before.address_allocation_ids.empty() &&
                              !(details.contains("AddressAllocationIds") &&
                                texts_of(details, "AddressAllocationIds").empty());
  if (subnets_change && addresses_stay && !addresses_change)
    return invalid_request("AddressAllocationIds must be removed before SubnetIds can be modified");
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
  if (request.contains("EndpointDetails") &&
      !texts_of(request["EndpointDetails"], "AddressAllocationIds").empty())
    return invalid_request("AddressAllocationIds cannot be set in CreateServer");
  return check_server(server);
}

Outcome<Done> check_server_change(const json& request, const model::Server& before,
                                  const model::Server& after) {
  const json details = request.value("EndpointDetails", json::object());
  if (after.endpoint_type != before.endpoint_type) {
    if (before.state != model::ServerState::kOffline)
      return invalid_request("Server must be OFFLINE to change EndpointType");
    if (after.endpoint_type == "VPC" && !texts_of(details, "AddressAllocationIds").empty()) {
      return invalid_request(
          "Cannot specify AddressAllocationids when updating server to EndpointType: VPC");
    }
  } else if (after.endpoint_type == "VPC" && before.endpoint_details) {
    TRY(check_vpc_change(details, *before.endpoint_details, before));
  }
  return check_server(after);
}

}  // namespace sallyport::api
