// A file transfer server, as CreateServer makes it and DescribeServer shows it
// (AWS Transfer Family API reference, DescribedServer). Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"

namespace sallyport::model {

struct Tag {
  std::string key;
  std::string value;
};

enum class ServerState : std::uint8_t {
  kOffline,
  kOnline,
  kStarting,
  kStopping,
  kStartFailed,
  kStopFailed,
};
// "OFFLINE", "ONLINE", "STARTING", "STOPPING", "START_FAILED", "STOP_FAILED"
std::string_view server_state_name(ServerState state);
std::optional<ServerState> server_state_from(std::string_view name);

// A port of ProtocolDetails.SftpPorts.
struct SftpPort {
  std::uint16_t port = 22;
  // CommunicationMode CLIENT_TALK_FIRST: the server waits for the client's identification.
  bool client_talks_first = false;
  friend bool operator==(const SftpPort&, const SftpPort&) = default;
};
std::string_view communication_mode_name(bool client_talks_first);

struct ProtocolDetails {
  std::string passive_ip = "AUTO";
  std::string tls_session_resumption_mode = "ENFORCED";
  std::string set_stat_option = "DEFAULT";  // or ENABLE_NO_OP
  std::vector<std::string> as2_transports;
  // Members newer than the service model; empty when never given.
  std::vector<SftpPort> sftp_ports;
  std::string proxy_sftp_mode;  // NONE or PROXY_PROTOCOL_V2_ENFORCED
};

struct EndpointDetails {
  std::vector<std::string> address_allocation_ids;
  std::vector<std::string> subnet_ids;
  std::string vpc_endpoint_id;
  std::string vpc_id;
  std::vector<std::string> security_group_ids;
};

struct IdentityProviderDetails {
  std::string url;
  std::string invocation_role;
  std::string directory_id;
  std::string function;
  std::string sftp_authentication_methods;
};

struct WorkflowDetail {
  std::string workflow_id;
  std::string execution_role;
};

struct Server {
  ServerId id;
  std::string arn;
  std::string domain = "S3";
  std::string endpoint_type = "PUBLIC";
  std::optional<EndpointDetails> endpoint_details;
  std::string identity_provider_type = "SERVICE_MANAGED";
  std::optional<IdentityProviderDetails> identity_provider_details;
  std::string certificate;
  std::string logging_role;
  std::vector<std::string> protocols{"SFTP"};
  ProtocolDetails protocol_details;
  std::string security_policy_name = "TransferSecurityPolicy-2024-01";
  std::string pre_authentication_login_banner;
  std::string post_authentication_login_banner;
  std::vector<std::string> structured_log_destinations;  // ARNs of log groups, ":*" at the end
  std::string directory_listing_optimization = "DISABLED";
  std::string ip_address_type = "IPV4";
  std::vector<WorkflowDetail> on_upload;
  std::vector<WorkflowDetail> on_partial_upload;
  std::string host_key_fingerprint;  // of the RSA host key: "SHA256:" and padded base64
  std::vector<Tag> tags;
  ServerState state = ServerState::kStarting;
  std::string state_reason;  // why START_FAILED or STOP_FAILED; for logs and `endpoints`
  WallTime created{};

  // The value of a tag, or null.
  const std::string* tag(std::string_view key) const;
};

// A server's host key as stored. `sealed_private_key` is text of crypto::SecretBox.
struct HostKeyRecord {
  HostKeyId id;
  ServerId server_id;
  std::string type;  // SSH key type name, e.g. "ssh-rsa"
  std::string fingerprint;
  std::string sealed_private_key;
  std::string description;
  std::vector<Tag> tags;
  WallTime date_imported{};
};

// Document form of the state store (our own; members named as in the API where it has them).
std::string to_document(const Server& server);
Result<Server> server_from_document(std::string_view document);
std::string to_document(const HostKeyRecord& key);
Result<HostKeyRecord> host_key_from_document(std::string_view document);

}  // namespace sallyport::model
