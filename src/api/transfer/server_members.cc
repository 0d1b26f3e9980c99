#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/server_form.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

void apply_endpoint_details(const json& in, std::optional<model::EndpointDetails>& out) {
  if (in.empty()) return;
  if (!out) out.emplace();
  set_texts(in, "AddressAllocationIds", out->address_allocation_ids);
  set_texts(in, "SubnetIds", out->subnet_ids);
  set_text(in, "VpcEndpointId", out->vpc_endpoint_id);
  set_text(in, "VpcId", out->vpc_id);
  set_texts(in, "SecurityGroupIds", out->security_group_ids);
}

void apply_identity_provider_details(const json& in,
                                     std::optional<model::IdentityProviderDetails>& out) {
  if (in.empty()) return;
  if (!out) out.emplace();
  set_text(in, "Url", out->url);
  set_text(in, "InvocationRole", out->invocation_role);
  set_text(in, "DirectoryId", out->directory_id);
  set_text(in, "Function", out->function);
  set_text(in, "SftpAuthenticationMethods", out->sftp_authentication_methods);
}

Outcome<Done> apply_sftp_ports(const json& in, model::ProtocolDetails& out) {
  out.sftp_ports.clear();
  std::vector<int> ports;
  for (const auto& entry : in) {
    const int port = entry["SftpPort"].get<int>();
    if (port != 22 && port < 2000)
      return invalid_request("SftpPort must be 22 or between 2000 and 65535");
    ports.push_back(port);
    const bool client_first =
        text_of(entry, "CommunicationMode") == model::communication_mode_name(true);
    out.sftp_ports.push_back({static_cast<std::uint16_t>(port), client_first});
  }
  return check_unique(ports, "SftpPort");
}

Outcome<Done> apply_protocol_details(const json& in, model::ProtocolDetails& out) {
  set_text(in, "PassiveIp", out.passive_ip);
  set_text(in, "TlsSessionResumptionMode", out.tls_session_resumption_mode);
  set_text(in, "SetStatOption", out.set_stat_option);
  set_texts(in, "As2Transports", out.as2_transports);
  if (in.contains("SftpPorts")) TRY(apply_sftp_ports(in["SftpPorts"], out));
  if (in.contains("ProxyConfig")) set_text(in["ProxyConfig"], "SftpMode", out.proxy_sftp_mode);
  return done();
}

std::vector<model::WorkflowDetail> workflow_details(const json& in) {
  std::vector<model::WorkflowDetail> out;
  for (const auto& entry : in)
    out.push_back({text_of(entry, "WorkflowId"), text_of(entry, "ExecutionRole")});
  return out;
}

void apply_workflow_details(const json& in, model::Server& server) {
  if (in.contains("OnUpload")) server.on_upload = workflow_details(in["OnUpload"]);
  if (in.contains("OnPartialUpload"))
    server.on_partial_upload = workflow_details(in["OnPartialUpload"]);
}

// A provider of its own authenticates with either, unless told otherwise.
void default_authentication_methods(model::Server& server) {
  if (server.identity_provider_type != "API_GATEWAY" &&
      server.identity_provider_type != "AWS_LAMBDA")
    return;
  if (server.identity_provider_details &&
      server.identity_provider_details->sftp_authentication_methods.empty())
    server.identity_provider_details->sftp_authentication_methods = "PUBLIC_KEY_OR_PASSWORD";
}

}  // namespace

Outcome<Done> apply_server_members(const json& request, model::Server& server) {
  set_text(request, "EndpointType", server.endpoint_type);
  if (request.contains("EndpointDetails"))
    apply_endpoint_details(request["EndpointDetails"], server.endpoint_details);
  set_text(request, "IdentityProviderType", server.identity_provider_type);
  if (request.contains("IdentityProviderDetails")) {
    apply_identity_provider_details(request["IdentityProviderDetails"],
                                    server.identity_provider_details);
  }
  default_authentication_methods(server);
  set_text(request, "Certificate", server.certificate);
  set_text(request, "LoggingRole", server.logging_role);
  set_texts(request, "Protocols", server.protocols);
  if (request.contains("ProtocolDetails"))
    TRY(apply_protocol_details(request["ProtocolDetails"], server.protocol_details));
  set_text(request, "SecurityPolicyName", server.security_policy_name);
  set_text(request, "PreAuthenticationLoginBanner", server.pre_authentication_login_banner);
  set_text(request, "PostAuthenticationLoginBanner", server.post_authentication_login_banner);
  set_texts(request, "StructuredLogDestinations", server.structured_log_destinations);
  if (request.contains("S3StorageOptions")) {
    set_text(request["S3StorageOptions"], "DirectoryListingOptimization",
             server.directory_listing_optimization);
  }
  set_text(request, "IpAddressType", server.ip_address_type);
  if (request.contains("WorkflowDetails"))
    apply_workflow_details(request["WorkflowDetails"], server);
  return done();
}

}  // namespace sallyport::api
