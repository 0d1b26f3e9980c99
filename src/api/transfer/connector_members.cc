#include <nlohmann/json.hpp>

#include "api/transfer/connector_form.h"
#include "api/transfer/context.h"

namespace sallyport::api {

namespace {

using model::Connector;
using nlohmann::json;

void apply_as2(const json& in, model::As2Config& out) {
  if (in.contains("LocalProfileId"))
    out.local_profile_id = model::ProfileId(text_of(in, "LocalProfileId"));
  if (in.contains("PartnerProfileId"))
    out.partner_profile_id = model::ProfileId(text_of(in, "PartnerProfileId"));
  set_text(in, "MessageSubject", out.message_subject);
  set_text(in, "Compression", out.compression);
  set_text(in, "EncryptionAlgorithm", out.encryption_algorithm);
  set_text(in, "SigningAlgorithm", out.signing_algorithm);
  set_text(in, "MdnSigningAlgorithm", out.mdn_signing_algorithm);
  set_text(in, "MdnResponse", out.mdn_response);
  set_text(in, "BasicAuthSecretId", out.basic_auth_secret_id);
  set_text(in, "PreserveContentType", out.preserve_content_type);
  if (in.contains("AsyncMdnConfig")) {
    const json& given = in["AsyncMdnConfig"];
    if (!out.async_mdn) out.async_mdn.emplace();
    set_text(given, "Url", out.async_mdn->url);
    set_texts(given, "ServerIds", out.async_mdn->server_ids);
  } else if (out.mdn_response != "ASYNC") {
    out.async_mdn.reset();
  }
}

void apply_sftp(const json& in, model::SftpConfig& out) {
  set_text(in, "UserSecretId", out.user_secret_id);
  set_texts(in, "TrustedHostKeys", out.trusted_host_keys);
  out.max_concurrent_connections =
      in.value("MaxConcurrentConnections", out.max_concurrent_connections);
  set_texts(in, "OrderedUserSecretVersionStages", out.secret_version_stages);
}

// A connector has a URL or an egress of its own, and either takes the place of the other (user
// guide, "Managing SFTP connectors": its type of egress can be switched).
void apply_egress(const json& request, Connector& out) {
  const json in = request.value("EgressConfig", json::object());
  if (request.contains("Url") && in.empty()) out.vpc_lattice.reset();
  if (!in.contains("VpcLattice")) return;
  if (!request.contains("Url")) out.url.clear();
  const json& given = in["VpcLattice"];
  if (!out.vpc_lattice) out.vpc_lattice.emplace();
  set_text(given, "ResourceConfigurationArn", out.vpc_lattice->resource_configuration_arn);
  out.vpc_lattice->port = given.value("PortNumber", out.vpc_lattice->port);
}

json as2_json(const model::As2Config& as2) {
  json out = {{"LocalProfileId", as2.local_profile_id.str()},
              {"PartnerProfileId", as2.partner_profile_id.str()}};
  put_text(out, "MessageSubject", as2.message_subject);
  put_text(out, "Compression", as2.compression);
  put_text(out, "EncryptionAlgorithm", as2.encryption_algorithm);
  put_text(out, "SigningAlgorithm", as2.signing_algorithm);
  put_text(out, "MdnSigningAlgorithm", as2.mdn_signing_algorithm);
  put_text(out, "MdnResponse", as2.mdn_response);
  put_text(out, "BasicAuthSecretId", as2.basic_auth_secret_id);
  put_text(out, "PreserveContentType", as2.preserve_content_type);
  if (as2.async_mdn)
    out["AsyncMdnConfig"] = {{"Url", as2.async_mdn->url}, {"ServerIds", as2.async_mdn->server_ids}};
  return out;
}

json sftp_json(const model::SftpConfig& sftp) {
  json out = {{"UserSecretId", sftp.user_secret_id},
              {"MaxConcurrentConnections", sftp.max_concurrent_connections}};
  put_texts(out, "TrustedHostKeys", sftp.trusted_host_keys);
  put_texts(out, "OrderedUserSecretVersionStages", sftp.secret_version_stages);
  return out;
}

}  // namespace

Outcome<Done> apply_connector_members(const json& request, Connector& connector) {
  if (request.contains("As2Config")) {
    if (!connector.as2) return invalid_request("As2Config unsupported for SFTP connectors");
    apply_as2(request["As2Config"], *connector.as2);
  }
  if (request.contains("SftpConfig")) {
    if (!connector.sftp) return invalid_request("SftpConfig unsupported for AS2 connectors");
    apply_sftp(request["SftpConfig"], *connector.sftp);
  }
  apply_egress(request, connector);
  set_text(request, "Url", connector.url);
  set_text(request, "AccessRole", connector.access_role);
  set_text(request, "LoggingRole", connector.logging_role);
  set_text(request, "SecurityPolicyName", connector.security_policy_name);
  set_text(request, "IpAddressType", connector.ip_address_type);
  return done();
}

json listed_connector(const model::Place& place, const Connector& connector) {
  json out = {{"Arn", model::arn_of(place, connector.id)}, {"ConnectorId", connector.id.str()}};
  put_text(out, "Url", connector.url);
  return out;
}

json described_connector(const model::Place& place, const Connector& connector) {
  json out = listed_connector(place, connector);
  if (connector.as2) out["As2Config"] = as2_json(*connector.as2);
  if (connector.sftp) out["SftpConfig"] = sftp_json(*connector.sftp);
  out["AccessRole"] = connector.access_role;
  put_text(out, "LoggingRole", connector.logging_role);
  put_text(out, "SecurityPolicyName", connector.security_policy_name);
  out["IpAddressType"] = connector.ip_address_type;
  out["EgressType"] = "SERVICE_MANAGED";
  out["Status"] = "ACTIVE";
  if (connector.vpc_lattice) {
    json egress = {{"ResourceConfigurationArn", connector.vpc_lattice->resource_configuration_arn}};
    if (connector.vpc_lattice->port != 0) egress["PortNumber"] = connector.vpc_lattice->port;
    out["EgressConfig"]["VpcLattice"] = std::move(egress);
    out["EgressType"] = "VPC_LATTICE";
    out["Status"] = "ERRORED";
    out["ErrorMessage"] = "VPC Lattice is not available in this version of Sallyport.";
  }
  if (!connector.tags.empty()) out["Tags"] = tags_json(connector.tags);
  return out;
}

}  // namespace sallyport::api
