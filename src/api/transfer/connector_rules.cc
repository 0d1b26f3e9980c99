#include <fmt/format.h>

#include "api/transfer/connector_form.h"
#include "api/transfer/context.h"
#include "http/url.h"
#include "model/security_policy.h"
#include "ssh/public_key.h"

namespace sallyport::api {

namespace {

using model::Connector;

constexpr std::int64_t kMaxConnections = 5;

// "sftp://host[:port]"
bool is_sftp_url(std::string_view url) {
  constexpr std::string_view kScheme = "sftp://";
  if (!url.starts_with(kScheme)) return false;
  const auto parsed = http::parse_url("http://" + std::string(url.substr(kScheme.size())));
  return parsed.ok() && parsed->target == "/";
}

Outcome<Done> required(bool there, std::string_view what, std::string_view of) {
  if (there) return done();
  return invalid_request(fmt::format("{} required for {}", what, of));
}

Outcome<Done> check_mdn(const model::As2Config& as2) {
  if (as2.mdn_response != "ASYNC") {
    if (as2.async_mdn)
      return invalid_request("AsyncMdnConfig unsupported for MdnResponse: " + as2.mdn_response);
    return done();
  }
  TRY(required(as2.async_mdn.has_value(), "AsyncMdnConfig", "MdnResponse: ASYNC"));
  TRY(required(!as2.async_mdn->server_ids.empty(), "ServerIds", "AsyncMdnConfig"));
  if (!http::parse_url(as2.async_mdn->url).ok())
    return invalid_request("AsyncMdnConfig Url must be an http or https URL");
  return done();
}

Outcome<Done> check_as2(const Connector& connector) {
  constexpr std::string_view kKind = "AS2 connectors";
  const model::As2Config& as2 = *connector.as2;
  TRY(required(!as2.local_profile_id.empty(), "LocalProfileId", kKind));
  TRY(required(!as2.partner_profile_id.empty(), "PartnerProfileId", kKind));
  TRY(required(!as2.compression.empty(), "Compression", kKind));
  TRY(required(!as2.encryption_algorithm.empty(), "EncryptionAlgorithm", kKind));
  TRY(required(!as2.signing_algorithm.empty(), "SigningAlgorithm", kKind));
  TRY(required(!as2.mdn_response.empty(), "MdnResponse", kKind));
  TRY(check_mdn(as2));
  if (connector.vpc_lattice) return invalid_request("EgressConfig unsupported for AS2 connectors");
  if (!connector.security_policy_name.empty())
    return invalid_request("SecurityPolicyName unsupported for AS2 connectors");
  const auto url = http::parse_url(connector.url);
  if (!url.ok()) return invalid_request("Url must be an http or https URL for AS2 connectors");
  if (url->scheme != "https") {
    if (as2.encryption_algorithm == "NONE")
      return invalid_request("EncryptionAlgorithm: NONE requires an https Url");
    if (!as2.basic_auth_secret_id.empty())
      return invalid_request("BasicAuthSecretId requires an https Url");
  }
  return done();
}

// "[host ]type base64". The managed service knows RSA and ECDSA keys only.
bool is_trusted_key(std::string_view text, bool host_allowed) {
  const auto is_type = [](std::string_view word) {
    return word == "ssh-rsa" || word.starts_with("ecdsa-sha2-nistp");
  };
  const auto word_end = text.find(' ');
  if (host_allowed && word_end != std::string_view::npos && !is_type(text.substr(0, word_end)))
    text.remove_prefix(word_end + 1);
  const auto type_end = text.find(' ');
  if (type_end == std::string_view::npos || !is_type(text.substr(0, type_end))) return false;
  // A comment would come behind a further space.
  if (text.find(' ', type_end + 1) != std::string_view::npos) return false;
  return ssh::PublicKey::from_authorized_key(text).ok();
}

Outcome<Done> check_sftp(const Connector& connector) {
  const model::SftpConfig& sftp = *connector.sftp;
  TRY(required(!sftp.user_secret_id.empty(), "UserSecretId", "SFTP connectors"));
  if (sftp.max_concurrent_connections > kMaxConnections)
    return quota_exceeded("MaxConcurrentConnections", kMaxConnections);
  TRY(check_unique(sftp.secret_version_stages, "OrderedUserSecretVersionStages"));
  for (const std::string& key : sftp.trusted_host_keys)
    if (!is_trusted_key(key, !connector.vpc_lattice))
      return invalid_request("Invalid host key format.");
  if (connector.vpc_lattice) {
    TRY(required(!connector.vpc_lattice->resource_configuration_arn.empty(),
                 "ResourceConfigurationArn", "EgressConfig"));
    if (!connector.url.empty()) return invalid_request("Url unsupported with EgressConfig");
  } else if (!is_sftp_url(connector.url)) {
    return invalid_request("Url must be sftp://host[:port] for SFTP connectors");
  }
  const auto* policy = model::find_security_policy(connector.security_policy_name);
  if (policy == nullptr || policy->type != model::SecurityPolicyType::kConnector)
    return invalid_request("Unknown security policy " + connector.security_policy_name);
  return done();
}

}  // namespace

Outcome<Done> check_connector(const Connector& connector) {
  return connector.as2 ? check_as2(connector) : check_sftp(connector);
}

}  // namespace sallyport::api
