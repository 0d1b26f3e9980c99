// What the API works with and what it is told: handed in by the program that wires it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/support/host_facts.h"
#include "api/support/stores_elsewhere.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"
#include "model/ids.h"

namespace sallyport::state {
class ResourceStore;
}
namespace sallyport::iam {
class Authorizer;
class CredentialStore;
}  // namespace sallyport::iam
namespace sallyport::storage {
class BucketStore;
}
namespace sallyport::events {
class EventLog;
class Metrics;
}  // namespace sallyport::events
namespace sallyport::session {
class Registry;
}
namespace sallyport::process {
class KeyVault;
}
namespace sallyport::crypto {
class SecretBox;
}
namespace sallyport::net {
class BlockingPool;
}

namespace sallyport::api {

// A port that one protocol of one server listens on, or why there is none.
struct ListeningEndpoint {
  model::ServerId server_id;
  std::string protocol;  // "SFTP"
  std::string address;   // "" while it does not listen
  std::uint16_t port = 0;
  std::string state;   // name of model::ServerState
  std::string reason;  // of a failed state
  // Of a port that listens: names of CommunicationMode and of ProxyConfig.SftpMode.
  std::string communication_mode = "SERVER_TALK_FIRST";
  std::string proxy_mode = "NONE";
};

// Implemented by the data plane's supervisor. Thread-safe; must not wait.
class EndpointDirectory {
 public:
  virtual ~EndpointDirectory() = default;
  virtual std::vector<ListeningEndpoint> endpoints() const = 0;
  // Addresses that are refused at present because their logins failed again and again.
  virtual std::size_t refused_sources() const { return 0; }
};

// Quotas (AWS General Reference, AWS Transfer Family); the numbers are the managed service's.
struct TransferLimits {
  std::uint32_t servers = 50;
  std::uint32_t users_per_server = 10'000;
  std::uint32_t ssh_keys_per_user = 50;
  std::uint32_t host_keys_per_server = 10;
  std::uint32_t home_directory_mappings = 2'000;
  std::uint32_t session_policy_characters = 2'048;
  std::uint32_t tags_per_resource = 50;
  std::uint32_t accesses_per_server = 100;
  std::uint32_t agreements_per_server = 100;
  std::uint32_t certificates = 1'000;
  std::uint32_t certificates_per_profile = 10;
  std::uint32_t connectors = 100;  // of AS2, and as many of SFTP
  std::uint32_t profiles = 1'000;
  std::uint32_t workflows = 10;
  std::uint32_t web_apps = 10;
  std::uint32_t units_per_web_app = 4;
  std::uint32_t vpc_endpoint_servers = 10;          // of EndpointType VPC_ENDPOINT
  std::uint32_t access_mappings_bytes = 2'100'000;  // of HomeDirectoryMappings as JSON
};

// All outlive the API.
struct ApiServices {
  state::ResourceStore& resources;
  iam::Authorizer& authorizer;
  iam::CredentialStore& credentials;
  storage::BucketStore& objects;
  events::EventLog& log;
  events::Metrics& metrics;
  session::Registry& sessions;
  process::KeyVault& host_keys;  // under host_key_seal_context()
  net::BlockingPool& crypto_pool;
  const Clock& clock;
  Random& random;
  const EndpointDirectory& endpoints;
  const crypto::SecretBox& secrets;  // seals what callers entrust to the service
};

struct ApiOptions {
  model::Place place;
  // Authenticates page tokens, at least 32 bytes. Tokens of another key are refused, so nodes that
  // answer for one another share it.
  SecretString page_token_key;
  TransferLimits limits;
  // Whether servers of EndpointType VPC_ENDPOINT, which AWS has withdrawn, may be made.
  bool allow_vpc_endpoint_type = false;
  // Tells the master key from others, so that a backup is restored under its own. Not a secret.
  std::string key_check;
  bool audit_data_events = true;  // events of S3 objects in the audit log
  // Calls of one access key to the control plane (everything but S3): on average a second (0: no
  // limit), and at once after a pause.
  double calls_per_second = 0, calls_at_once = 1;
  // Of JSON and Query requests, bytes. The longest is a certificate with a chain of 2 MiB.
  std::size_t max_request_body = 4 * 1024 * 1024;
  // Host names under which "<bucket>.<name>" means a bucket (virtual-hosted style).
  std::vector<std::string> s3_host_names{"localhost", "s3.localhost"};
  // For `sallyport doctor`: called on `host_pool`, as it may block for as long as a file system
  // hangs. Empty: the machine is not looked at.
  std::function<HostFacts()> host_facts;
  net::BlockingPool* host_pool = nullptr;  // outlives the API; null: that of cryptography
  StoresElsewhere stores;  // for the same
};

// The context under which a host key's private half is sealed (process::SealedKey).
std::string host_key_seal_context(const model::ServerId& server, const model::HostKeyId& key);

}  // namespace sallyport::api
