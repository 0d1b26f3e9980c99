#include "app/ssh_policy.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "ssh/algorithms.h"
#include "ssh/kex_method.h"

namespace sallyport::app {
namespace {

using Names = std::vector<std::string_view>;

// Strongest first: clients choose host keys by their own order, users' agents by this one.
constexpr std::string_view kSignatureOrder[] = {"ssh-ed25519",
                                                "ecdsa-sha2-nistp256",
                                                "ecdsa-sha2-nistp384",
                                                "ecdsa-sha2-nistp521",
                                                "rsa-sha2-512",
                                                "rsa-sha2-256",
                                                "ssh-rsa"};

void warn_once(std::string_view name, std::string_view policy) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> warned;
  const std::lock_guard lock(mutex);
  if (!warned.emplace(name).second) return;
  spdlog::warn("{} of security policy {} is not offered: this build's OpenSSL does not have it",
               name, policy);
}

template <class Known>
std::vector<std::string> known_names(const Names& names, std::string_view policy,
                                     const Known& known) {
  std::vector<std::string> out;
  for (const std::string_view name : names) {
    if (known(name)) {
      out.emplace_back(name);
    } else {
      warn_once(name, policy);
    }
  }
  return out;
}

}  // namespace

void apply_security_policy(const model::SecurityPolicy& policy, ssh::ServerSettings& settings) {
  const auto has_kex = [](std::string_view n) { return ssh::find_kex_method(n) != nullptr; };
  const auto has_cipher = [](std::string_view n) { return ssh::find_cipher(n) != nullptr; };
  const auto has_mac = [](std::string_view n) { return ssh::find_mac(n) != nullptr; };
  settings.kex = known_names(policy.ssh_kexs, policy.name, has_kex);
  settings.ciphers = known_names(policy.ssh_ciphers, policy.name, has_cipher);
  settings.macs = known_names(policy.ssh_macs, policy.name, has_mac);
  settings.host_key_algorithms.clear();
  for (const std::string_view name : kSignatureOrder) {
    for (const std::string_view allowed : policy.ssh_host_key_algorithms)
      if (allowed == name) settings.host_key_algorithms.emplace_back(name);
  }
  settings.public_key_algorithms = settings.host_key_algorithms;
}

}  // namespace sallyport::app
