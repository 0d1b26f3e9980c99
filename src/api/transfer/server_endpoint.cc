#include "api/transfer/server_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using model::EndpointDetails;
using nlohmann::json;

// Each is in an Availability Zone of its own.
constexpr std::size_t kMaxSubnets = 3;

bool same_items(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  return a == b;
}

Outcome<Done> check_vpc_endpoint(const EndpointDetails& details) {
  if (details.vpc_endpoint_id.empty())
    return invalid_request("VPC Endpoint ID required for EndpointType: VPC_ENDPOINT");
  if (!details.subnet_ids.empty())
    return invalid_request("Subnet IDs unsupported for EndpointType: VPC_ENDPOINT");
  if (!details.vpc_id.empty())
    return invalid_request("VPC ID unsupported for EndpointType: VPC_ENDPOINT");
  if (!details.address_allocation_ids.empty())
    return invalid_request("Address Allocation IDs unsupported for EndpointType: VPC_ENDPOINT");
  if (!details.security_group_ids.empty())
    return invalid_request("Security Group IDs unsupported for EndpointType: VPC_ENDPOINT");
  return done();
}

Outcome<Done> check_vpc(const EndpointDetails& details, const std::string& ip_address_type) {
  if (details.vpc_id.empty()) return invalid_request("VpcId required for EndpointType: VPC");
  if (details.subnet_ids.size() > kMaxSubnets)
    return invalid_request(fmt::format("At most {} SubnetIds are supported", kMaxSubnets));
  TRY(check_unique(details.subnet_ids, "SubnetIds"));
  const auto& addresses = details.address_allocation_ids;
  TRY(check_unique(addresses, "AddressAllocationIds"));
  if (!addresses.empty() && addresses.size() != details.subnet_ids.size())
    return invalid_request("AddressAllocationIds must be as many as SubnetIds");
  if (!addresses.empty() && ip_address_type == "DUALSTACK")
    return invalid_request("AddressAllocationIds unsupported for IpAddressType: DUALSTACK");
  return done();
}

// A VPC's endpoint is the service's to make.
Outcome<Done> check_no_endpoint_id(const json& details, const model::Server& server) {
  if (server.endpoint_type == "VPC" && details.contains("VpcEndpointId"))
    return invalid_request("VPC Endpoint ID unsupported for EndpointType: VPC");
  return done();
}

Outcome<Done> check_vpc_change(const json& details, const EndpointDetails& before,
                               model::ServerState state) {
  if (details.contains("VpcId") && !before.vpc_id.empty() &&
      text_of(details, "VpcId") != before.vpc_id)
    return invalid_request("Changing VpcId is not supported");
  if (details.contains("SecurityGroupIds") &&
      !same_items(texts_of(details, "SecurityGroupIds"), before.security_group_ids))
    return invalid_request("Changing Security Group is not supported");
  const bool addresses_change =
      details.contains("AddressAllocationIds") &&
      !same_items(texts_of(details, "AddressAllocationIds"), before.address_allocation_ids);
  if (addresses_change && state != model::ServerState::kOffline)
    return invalid_request("Server must be OFFLINE to change AddressAllocationIds");
  const bool subnets_change = details.contains("SubnetIds") &&
                              !same_items(texts_of(details, "SubnetIds"), before.subnet_ids);
  if (subnets_change && !before.address_allocation_ids.empty() && !addresses_change)
    return invalid_request("AddressAllocationIds must be removed before SubnetIds can be modified");
  if (subnets_change && addresses_change && !texts_of(details, "AddressAllocationIds").empty())
    return invalid_request("SubnetIds and AddressAllocationIds cannot be updated simultaneously");
  return done();
}

}  // namespace

Outcome<Done> check_endpoint(const model::Server& server) {
  if (server.endpoint_type == "PUBLIC") {
    if (server.endpoint_details)
      return invalid_request("EndpointDetails invalid for PUBLIC endpoints");
    return done();
  }
  const EndpointDetails details = server.endpoint_details.value_or(EndpointDetails{});
  return server.endpoint_type == "VPC" ? check_vpc(details, server.ip_address_type)
                                       : check_vpc_endpoint(details);
}

Outcome<Done> check_new_endpoint(const json& request, const model::Server& server) {
  const json details = request.value("EndpointDetails", json::object());
  if (!texts_of(details, "AddressAllocationIds").empty())
    return invalid_request("AddressAllocationIds cannot be set in CreateServer");
  return check_no_endpoint_id(details, server);
}

Outcome<Done> check_endpoint_change(const json& request, const model::Server& before,
                                    const model::Server& after) {
  const json details = request.value("EndpointDetails", json::object());
  TRY(check_no_endpoint_id(details, after));
  if (after.ip_address_type != before.ip_address_type &&
      before.state != model::ServerState::kOffline)
    return invalid_request("Server must be OFFLINE to change IpAddressType");
  if (after.endpoint_type != before.endpoint_type) {
    if (before.state != model::ServerState::kOffline)
      return invalid_request("Server must be OFFLINE to change EndpointType");
    if (after.endpoint_type == "VPC" && !texts_of(details, "AddressAllocationIds").empty()) {
      return invalid_request(
          "Cannot specify AddressAllocationids when updating server to EndpointType: VPC");
    }
  } else if (after.endpoint_type == "VPC" && before.endpoint_details) {
    TRY(check_vpc_change(details, *before.endpoint_details, before.state));
  }
  return done();
}

bool is_vpc_endpoint(const model::Server& server) {
  return server.endpoint_type == "VPC_ENDPOINT";
}

Outcome<Done> check_vpc_endpoint_allowed(const TransferContext& context) {
  if (context.allow_vpc_endpoint_type) return done();
  return invalid_request(
      "EndpointType VPC_ENDPOINT has not been available for new servers since May 19, 2021. Use "
      "EndpointType VPC; for servers that are moved here, set api.allow_vpc_endpoint_type.");
}

ResourceChanges within_vpc_endpoint_quota(const TransferContext& context) {
  return within_quota<model::Server>(
      "", "VpcEndpointServersPerAccount", context.limits.vpc_endpoint_servers,
      [](const model::Server& server) { return is_vpc_endpoint(server); });
}

void give_vpc_endpoint(const TransferContext& context, model::Server& server) {
  if (server.endpoint_type == "VPC" && server.endpoint_details &&
      server.endpoint_details->vpc_endpoint_id.empty())
    server.endpoint_details->vpc_endpoint_id = new_id(context, "vpce-");
}

}  // namespace sallyport::api
