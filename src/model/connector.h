// A connector to a partner's AS2 or SFTP endpoint, as CreateConnector makes it and
// DescribeConnector shows it (DescribedConnector). Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/profile.h"
#include "model/server.h"

namespace sallyport::model {

using ConnectorId = StrongString<struct ConnectorIdTag>;  // c- and 17 hexadecimal digits

std::string arn_of(const Place& place, const ConnectorId& id);

struct AsyncMdnConfig {
  std::string url;
  std::vector<std::string> server_ids;
};

// Texts are empty when never given.
struct As2Config {
  ProfileId local_profile_id;
  ProfileId partner_profile_id;
  std::string message_subject;
  std::string compression;            // ZLIB or DISABLED
  std::string encryption_algorithm;   // "AES128_CBC" and the like, or NONE
  std::string signing_algorithm;      // "SHA256" and the like, or NONE
  std::string mdn_signing_algorithm;  // also DEFAULT: the signing algorithm
  std::string mdn_response;           // SYNC, ASYNC or NONE
  std::string basic_auth_secret_id;
  std::string preserve_content_type;  // ENABLED or DISABLED
  std::optional<AsyncMdnConfig> async_mdn;
};

struct SftpConfig {
  std::string user_secret_id;
  std::vector<std::string> trusted_host_keys;  // "[host ]type base64"
  std::int64_t max_concurrent_connections = 1;
  std::vector<std::string> secret_version_stages;  // tried in this order; empty: AWSCURRENT
};

struct VpcLatticeEgress {
  std::string resource_configuration_arn;
  std::int64_t port = 0;  // 0: never given
};

struct Connector {
  ConnectorId id;
  std::string url;  // empty for a VPC Lattice egress
  // One of the two.
  std::optional<As2Config> as2;
  std::optional<SftpConfig> sftp;
  std::string access_role;
  std::string logging_role;
  std::string security_policy_name;  // of an SFTP connector
  std::optional<VpcLatticeEgress> vpc_lattice;
  std::string ip_address_type = "IPV4";  // or DUALSTACK
  std::vector<Tag> tags;
  WallTime created{};
};

std::string to_document(const Connector& connector);
Result<Connector> connector_from_document(std::string_view document);

}  // namespace sallyport::model
