// The security policies of servers and connectors (AWS Transfer Family user guide, "Security
// policies for AWS Transfer Family servers" and "… for SFTP connectors"), as data. Names of
// algorithms are IANA's or OpenSSH's, in the documented order.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::model {

enum class SecurityPolicyType : bool { kServer, kConnector };

struct SecurityPolicy {
  std::string_view name;
  SecurityPolicyType type = SecurityPolicyType::kServer;
  bool fips = false;
  std::vector<std::string_view> ssh_ciphers;
  std::vector<std::string_view> ssh_kexs;
  std::vector<std::string_view> ssh_macs;
  // Signature algorithms of host keys; for servers also of users' keys.
  std::vector<std::string_view> ssh_host_key_algorithms;
  std::vector<std::string_view> tls_ciphers;                 // of servers
  std::vector<std::string_view> content_encryption_ciphers;  // of servers, for AS2
  std::vector<std::string_view> hash_algorithms;             // of servers, for AS2
  std::vector<std::string_view> protocols;
};

// All of them, in name order. Immutable.
std::span<const SecurityPolicy> security_policies();
// Null when there is none of that name.
const SecurityPolicy* find_security_policy(std::string_view name);

}  // namespace sallyport::model
