#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/server.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

json to_json(const std::vector<SftpPort>& ports) {
  json list = json::array();
  for (const SftpPort& port : ports) {
    list.push_back({{"SftpPort", port.port},
                    {"CommunicationMode", communication_mode_name(port.client_talks_first)}});
  }
  return list;
}

json to_json(const ProtocolDetails& details) {
  return {{"PassiveIp", details.passive_ip},
          {"TlsSessionResumptionMode", details.tls_session_resumption_mode},
          {"SetStatOption", details.set_stat_option},
          {"As2Transports", details.as2_transports},
          {"SftpPorts", to_json(details.sftp_ports)},
          {"ProxySftpMode", details.proxy_sftp_mode}};
}

// A port alone is how documents had it before there were modes.
void read_port(FieldReader& parent, const json& element, SftpPort& out) {
  const json object = element.is_object() ? element : json{{"SftpPort", element}};
  FieldReader fields(object, "SftpPorts");
  std::int64_t port = 0;
  std::string mode(communication_mode_name(false));
  fields.integer("SftpPort", port);
  fields.text("CommunicationMode", mode);
  out.client_talks_first = mode == communication_mode_name(true);
  if (port < 1 || port > 65535) fields.fail("SftpPort", "a port");
  if (mode != communication_mode_name(out.client_talks_first))
    fields.fail("CommunicationMode", "who talks first");
  out.port = static_cast<std::uint16_t>(port);
  parent.absorb(fields);
}

void read_ports(FieldReader& fields, const json& details, std::vector<SftpPort>& out) {
  const auto list = details.find("SftpPorts");
  if (list == details.end()) return;
  if (!list->is_array()) return fields.fail("SftpPorts", "a list of ports");
  for (const json& element : *list) read_port(fields, element, out.emplace_back());
}

void read(FieldReader& parent, const json& object, ProtocolDetails& out) {
  FieldReader fields(object, "ProtocolDetails");
  fields.text("PassiveIp", out.passive_ip);
  fields.text("TlsSessionResumptionMode", out.tls_session_resumption_mode);
  fields.text("SetStatOption", out.set_stat_option);
  fields.texts("As2Transports", out.as2_transports);
  read_ports(fields, object, out.sftp_ports);
  fields.text("ProxySftpMode", out.proxy_sftp_mode);
  parent.absorb(fields);
}

json to_json(const EndpointDetails& details) {
  return {{"AddressAllocationIds", details.address_allocation_ids},
          {"SubnetIds", details.subnet_ids},
          {"VpcEndpointId", details.vpc_endpoint_id},
          {"VpcId", details.vpc_id},
          {"SecurityGroupIds", details.security_group_ids}};
}

void read(FieldReader& parent, const json& object, EndpointDetails& out) {
  FieldReader fields(object, "EndpointDetails");
  fields.texts("AddressAllocationIds", out.address_allocation_ids);
  fields.texts("SubnetIds", out.subnet_ids);
  fields.text("VpcEndpointId", out.vpc_endpoint_id);
  fields.text("VpcId", out.vpc_id);
  fields.texts("SecurityGroupIds", out.security_group_ids);
  parent.absorb(fields);
}

json to_json(const IdentityProviderDetails& details) {
  return {{"Url", details.url},
          {"InvocationRole", details.invocation_role},
          {"DirectoryId", details.directory_id},
          {"Function", details.function},
          {"SftpAuthenticationMethods", details.sftp_authentication_methods}};
}

void read(FieldReader& parent, const json& object, IdentityProviderDetails& out) {
  FieldReader fields(object, "IdentityProviderDetails");
  fields.text("Url", out.url);
  fields.text("InvocationRole", out.invocation_role);
  fields.text("DirectoryId", out.directory_id);
  fields.text("Function", out.function);
  fields.text("SftpAuthenticationMethods", out.sftp_authentication_methods);
  parent.absorb(fields);
}

json to_json(const std::vector<WorkflowDetail>& details) {
  json list = json::array();
  for (const WorkflowDetail& detail : details) {
    list.push_back({{"WorkflowId", detail.workflow_id}, {"ExecutionRole", detail.execution_role}});
  }
  return list;
}

void read_workflows(FieldReader& parent, const char* name, std::vector<WorkflowDetail>& out) {
  for (const json* element : parent.objects(name)) {
    FieldReader fields(*element, "WorkflowDetail");
    WorkflowDetail& detail = out.emplace_back();
    fields.text("WorkflowId", detail.workflow_id);
    fields.text("ExecutionRole", detail.execution_role);
    parent.absorb(fields);
  }
}

void read_state(FieldReader& fields, ServerState& out) {
  std::string name(server_state_name(out));
  fields.text("State", name);
  const auto state = server_state_from(name);
  if (!state) return fields.fail("State", "a state of a server");
  out = *state;
}

void read_nested(FieldReader& fields, Server& out) {
  if (const json* details = fields.object("ProtocolDetails")) {
    read(fields, *details, out.protocol_details);
  }
  if (const json* details = fields.object("EndpointDetails")) {
    read(fields, *details, out.endpoint_details.emplace());
  }
  if (const json* details = fields.object("IdentityProviderDetails")) {
    read(fields, *details, out.identity_provider_details.emplace());
  }
  read_workflows(fields, "OnUpload", out.on_upload);
  read_workflows(fields, "OnPartialUpload", out.on_partial_upload);
  fields.tags("Tags", out.tags);
}

}  // namespace

std::string to_document(const Server& server) {
  json document = {
      {"ServerId", server.id.str()},
      {"Arn", server.arn},
      {"Domain", server.domain},
      {"EndpointType", server.endpoint_type},
      {"IdentityProviderType", server.identity_provider_type},
      {"Certificate", server.certificate},
      {"LoggingRole", server.logging_role},
      {"Protocols", server.protocols},
      {"ProtocolDetails", to_json(server.protocol_details)},
      {"SecurityPolicyName", server.security_policy_name},
      {"PreAuthenticationLoginBanner", server.pre_authentication_login_banner},
      {"PostAuthenticationLoginBanner", server.post_authentication_login_banner},
      {"StructuredLogDestinations", server.structured_log_destinations},
      {"DirectoryListingOptimization", server.directory_listing_optimization},
      {"IpAddressType", server.ip_address_type},
      {"OnUpload", to_json(server.on_upload)},
      {"OnPartialUpload", to_json(server.on_partial_upload)},
      {"HostKeyFingerprint", server.host_key_fingerprint},
      {"Tags", tags_to_json(server.tags)},
      {"State", std::string(server_state_name(server.state))},
      {"StateReason", server.state_reason},
      {"CreatedMs", to_unix_ms(server.created)},
  };
  if (server.endpoint_details) document["EndpointDetails"] = to_json(*server.endpoint_details);
  if (server.identity_provider_details) {
    document["IdentityProviderDetails"] = to_json(*server.identity_provider_details);
  }
  return codec::write_json(document);
}

Result<Server> server_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "server"));
  FieldReader fields(object, "server");
  Server server;
  fields.id("ServerId", server.id);
  fields.text("Arn", server.arn);
  fields.text("Domain", server.domain);
  fields.text("EndpointType", server.endpoint_type);
  fields.text("IdentityProviderType", server.identity_provider_type);
  fields.text("Certificate", server.certificate);
  fields.text("LoggingRole", server.logging_role);
  fields.texts("Protocols", server.protocols);
  fields.text("SecurityPolicyName", server.security_policy_name);
  fields.text("PreAuthenticationLoginBanner", server.pre_authentication_login_banner);
  fields.text("PostAuthenticationLoginBanner", server.post_authentication_login_banner);
  fields.texts("StructuredLogDestinations", server.structured_log_destinations);
  fields.text("DirectoryListingOptimization", server.directory_listing_optimization);
  fields.text("IpAddressType", server.ip_address_type);
  fields.text("HostKeyFingerprint", server.host_key_fingerprint);
  fields.text("StateReason", server.state_reason);
  fields.time("CreatedMs", server.created);
  read_state(fields, server.state);
  read_nested(fields, server);
  TRY(fields.result());
  return server;
}

std::string to_document(const HostKeyRecord& key) {
  return codec::write_json(json{
      {"HostKeyId", key.id.str()},
      {"ServerId", key.server_id.str()},
      {"Type", key.type},
      {"HostKeyFingerprint", key.fingerprint},
      {"SealedPrivateKey", key.sealed_private_key},
      {"Description", key.description},
      {"Tags", tags_to_json(key.tags)},
      {"DateImportedMs", to_unix_ms(key.date_imported)},
  });
}

Result<HostKeyRecord> host_key_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "host key"));
  FieldReader fields(object, "host key");
  HostKeyRecord key;
  fields.id("HostKeyId", key.id);
  fields.id("ServerId", key.server_id);
  fields.text("Type", key.type);
  fields.text("HostKeyFingerprint", key.fingerprint);
  fields.text("SealedPrivateKey", key.sealed_private_key);
  fields.text("Description", key.description);
  fields.tags("Tags", key.tags);
  fields.time("DateImportedMs", key.date_imported);
  TRY(fields.result());
  return key;
}

}  // namespace sallyport::model
