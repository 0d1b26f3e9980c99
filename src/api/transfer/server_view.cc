#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/server_form.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

// SecurityGroupIds is not shown, as in the managed service.
json endpoint_details_json(const model::EndpointDetails& details) {
  json out = json::object();
  put_texts(out, "AddressAllocationIds", details.address_allocation_ids);
  put_texts(out, "SubnetIds", details.subnet_ids);
  put_text(out, "VpcEndpointId", details.vpc_endpoint_id);
  put_text(out, "VpcId", details.vpc_id);
  return out;
}

json identity_provider_details_json(const model::IdentityProviderDetails& details) {
  json out = json::object();
  put_text(out, "Url", details.url);
  put_text(out, "InvocationRole", details.invocation_role);
  put_text(out, "DirectoryId", details.directory_id);
  put_text(out, "Function", details.function);
  put_text(out, "SftpAuthenticationMethods", details.sftp_authentication_methods);
  return out;
}

json protocol_details_json(const model::ProtocolDetails& details) {
  json out = {{"PassiveIp", details.passive_ip},
              {"TlsSessionResumptionMode", details.tls_session_resumption_mode},
              {"SetStatOption", details.set_stat_option}};
  put_texts(out, "As2Transports", details.as2_transports);
  for (const model::SftpPort& port : details.sftp_ports)
    out["SftpPorts"].push_back(
        {{"SftpPort", port.port},
         {"CommunicationMode", model::communication_mode_name(port.client_talks_first)}});
  if (!details.proxy_sftp_mode.empty()) out["ProxyConfig"]["SftpMode"] = details.proxy_sftp_mode;
  return out;
}

json workflow_json(const std::vector<model::WorkflowDetail>& details) {
  json out = json::array();
  for (const auto& detail : details)
    out.push_back({{"WorkflowId", detail.workflow_id}, {"ExecutionRole", detail.execution_role}});
  return out;
}

}  // namespace

json described_server(const model::Server& server, std::uint64_t user_count) {
  json out = {{"Arn", server.arn},
              {"Domain", server.domain},
              {"EndpointType", server.endpoint_type},
              {"IdentityProviderType", server.identity_provider_type},
              {"IpAddressType", server.ip_address_type},
              {"ProtocolDetails", protocol_details_json(server.protocol_details)},
              {"Protocols", server.protocols},
              {"SecurityPolicyName", server.security_policy_name},
              {"ServerId", server.id.str()},
              {"State", model::server_state_name(server.state)},
              {"StructuredLogDestinations", server.structured_log_destinations},
              {"Tags", tags_json(server.tags)},
              {"UserCount", user_count}};
  put_text(out, "Certificate", server.certificate);
  put_text(out, "HostKeyFingerprint", server.host_key_fingerprint);
  put_text(out, "LoggingRole", server.logging_role);
  put_text(out, "PreAuthenticationLoginBanner", server.pre_authentication_login_banner);
  put_text(out, "PostAuthenticationLoginBanner", server.post_authentication_login_banner);
  if (server.domain == "S3") {
    out["S3StorageOptions"]["DirectoryListingOptimization"] = server.directory_listing_optimization;
  }
  if (server.endpoint_details)
    out["EndpointDetails"] = endpoint_details_json(*server.endpoint_details);
  if (server.identity_provider_details) {
    out["IdentityProviderDetails"] =
        identity_provider_details_json(*server.identity_provider_details);
  }
  if (!server.on_upload.empty())
    out["WorkflowDetails"]["OnUpload"] = workflow_json(server.on_upload);
  if (!server.on_partial_upload.empty())
    out["WorkflowDetails"]["OnPartialUpload"] = workflow_json(server.on_partial_upload);
  return out;
}

json listed_server(const model::Server& server, std::uint64_t user_count) {
  json out = {{"Arn", server.arn},
              {"Domain", server.domain},
              {"EndpointType", server.endpoint_type},
              {"IdentityProviderType", server.identity_provider_type},
              {"ServerId", server.id.str()},
              {"State", model::server_state_name(server.state)},
              {"UserCount", user_count}};
  put_text(out, "LoggingRole", server.logging_role);
  return out;
}

}  // namespace sallyport::api
