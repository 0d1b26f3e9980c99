#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/connector.h"
#include "model/document_fields.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

json as2_to_json(const As2Config& as2) {
  json out = {{"LocalProfileId", as2.local_profile_id.str()},
              {"PartnerProfileId", as2.partner_profile_id.str()},
              {"MessageSubject", as2.message_subject},
              {"Compression", as2.compression},
              {"EncryptionAlgorithm", as2.encryption_algorithm},
              {"SigningAlgorithm", as2.signing_algorithm},
              {"MdnSigningAlgorithm", as2.mdn_signing_algorithm},
              {"MdnResponse", as2.mdn_response},
              {"BasicAuthSecretId", as2.basic_auth_secret_id},
              {"PreserveContentType", as2.preserve_content_type}};
  if (as2.async_mdn)
    out["AsyncMdnConfig"] = {{"Url", as2.async_mdn->url}, {"ServerIds", as2.async_mdn->server_ids}};
  return out;
}

void read_as2(FieldReader& parent, std::optional<As2Config>& out) {
  const json* const object = parent.object("As2Config");
  if (object == nullptr) return;
  FieldReader fields(*object, "As2Config");
  As2Config& as2 = out.emplace();
  fields.id("LocalProfileId", as2.local_profile_id);
  fields.id("PartnerProfileId", as2.partner_profile_id);
  fields.text("MessageSubject", as2.message_subject);
  fields.text("Compression", as2.compression);
  fields.text("EncryptionAlgorithm", as2.encryption_algorithm);
  fields.text("SigningAlgorithm", as2.signing_algorithm);
  fields.text("MdnSigningAlgorithm", as2.mdn_signing_algorithm);
  fields.text("MdnResponse", as2.mdn_response);
  fields.text("BasicAuthSecretId", as2.basic_auth_secret_id);
  fields.text("PreserveContentType", as2.preserve_content_type);
  if (const json* const async = fields.object("AsyncMdnConfig")) {
    FieldReader inner(*async, "AsyncMdnConfig");
    AsyncMdnConfig& mdn = as2.async_mdn.emplace();
    inner.required_text("Url", mdn.url);
    inner.texts("ServerIds", mdn.server_ids);
    fields.absorb(inner);
  }
  parent.absorb(fields);
}

void read_sftp(FieldReader& parent, std::optional<SftpConfig>& out) {
  const json* const object = parent.object("SftpConfig");
  if (object == nullptr) return;
  FieldReader fields(*object, "SftpConfig");
  SftpConfig& sftp = out.emplace();
  fields.text("UserSecretId", sftp.user_secret_id);
  fields.texts("TrustedHostKeys", sftp.trusted_host_keys);
  fields.integer("MaxConcurrentConnections", sftp.max_concurrent_connections);
  fields.texts("OrderedUserSecretVersionStages", sftp.secret_version_stages);
  parent.absorb(fields);
}

void read_vpc_lattice(FieldReader& parent, std::optional<VpcLatticeEgress>& out) {
  const json* const object = parent.object("VpcLattice");
  if (object == nullptr) return;
  FieldReader fields(*object, "VpcLattice");
  VpcLatticeEgress& egress = out.emplace();
  fields.required_text("ResourceConfigurationArn", egress.resource_configuration_arn);
  fields.integer("PortNumber", egress.port);
  parent.absorb(fields);
}

}  // namespace

std::string arn_of(const Place& place, const ConnectorId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:connector/{}", place.region, place.account, id.str());
}

std::string to_document(const Connector& connector) {
  json document = {
      {"ConnectorId", connector.id.str()},
      {"Url", connector.url},
      {"AccessRole", connector.access_role},
      {"LoggingRole", connector.logging_role},
      {"SecurityPolicyName", connector.security_policy_name},
      {"IpAddressType", connector.ip_address_type},
      {"Tags", tags_to_json(connector.tags)},
      {"CreatedMs", to_unix_ms(connector.created)},
  };
  if (connector.as2) document["As2Config"] = as2_to_json(*connector.as2);
  if (connector.sftp) {
    document["SftpConfig"] = {
        {"UserSecretId", connector.sftp->user_secret_id},
        {"TrustedHostKeys", connector.sftp->trusted_host_keys},
        {"MaxConcurrentConnections", connector.sftp->max_concurrent_connections},
        {"OrderedUserSecretVersionStages", connector.sftp->secret_version_stages}};
  }
  if (connector.vpc_lattice) {
    document["VpcLattice"] = {
        {"ResourceConfigurationArn", connector.vpc_lattice->resource_configuration_arn},
        {"PortNumber", connector.vpc_lattice->port}};
  }
  return codec::write_json(document);
}

Result<Connector> connector_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "connector"));
  FieldReader fields(object, "connector");
  Connector connector;
  fields.id("ConnectorId", connector.id);
  fields.text("Url", connector.url);
  read_as2(fields, connector.as2);
  read_sftp(fields, connector.sftp);
  fields.text("AccessRole", connector.access_role);
  fields.text("LoggingRole", connector.logging_role);
  fields.text("SecurityPolicyName", connector.security_policy_name);
  read_vpc_lattice(fields, connector.vpc_lattice);
  fields.text("IpAddressType", connector.ip_address_type);
  fields.tags("Tags", connector.tags);
  fields.time("CreatedMs", connector.created);
  if (connector.as2.has_value() == connector.sftp.has_value())
    fields.fail("As2Config", "there or replaced by SftpConfig");
  TRY(fields.result());
  return connector;
}

}  // namespace sallyport::model
