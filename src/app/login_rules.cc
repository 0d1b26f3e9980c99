#include "app/login_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::app {
namespace {

// "10.0.0.0/8, ::1": white space around a network is ignored, and so is an empty list.
Result<std::vector<net::Cidr>> parse_networks(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<net::Cidr> out;
  if (text.find_first_not_of(kBlank) == std::string_view::npos) return out;
  for (;;) {
    const auto comma = text.find(',');
    std::string_view one = text.substr(0, comma);
    one.remove_prefix(std::min(one.find_first_not_of(kBlank), one.size()));
    one = one.substr(0, one.find_last_not_of(kBlank) + 1);
    TRY_ASSIGN(const net::Cidr network, net::Cidr::parse(one));
    out.push_back(network);
    if (comma == std::string_view::npos) return out;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<TrustedUserCas> TrustedUserCas::parse(const config::Settings& settings) {
  TrustedUserCas out;
  for (const auto& [id, section] : settings.servers) {
    std::vector<ssh::PublicKey> keys;
    for (std::size_t i = 0; i < section.trusted_user_ca.size(); ++i) {
      auto key = ssh::PublicKey::from_authorized_key(section.trusted_user_ca[i]);
      if (!key.ok()) {
        return std::move(key).error().with_context(
            fmt::format("servers.{}.trusted_user_ca, key {}", id, i + 1));
      }
      keys.push_back(std::move(*key));
    }
    out.sections_.emplace(id, std::make_shared<const std::vector<ssh::PublicKey>>(std::move(keys)));
  }
  return out;
}

std::shared_ptr<const std::vector<ssh::PublicKey>> TrustedUserCas::of(
    const std::string& server_id) const {
  if (const auto own = sections_.find(server_id); own != sections_.end()) return own->second;
  if (const auto common = sections_.find("default"); common != sections_.end())
    return common->second;
  return nullptr;
}

Result<std::shared_ptr<sftp::SourceGuard>> make_source_guard(const config::Settings& settings,
                                                             const Clock& clock) {
  auto trusted = parse_networks(settings.sftp_trusted_sources);
  if (!trusted.ok())
    return std::move(trusted).error().with_context("setting 'sftp.trusted_sources'");
  sftp::SourceGuardSettings out;
  out.slow = static_cast<double>(settings.sftp_source_failures_slow);
  out.refuse = static_cast<double>(settings.sftp_source_failures_refuse);
  out.window = std::chrono::seconds(settings.sftp_source_failures_window);
  out.delay = std::chrono::seconds(settings.sftp_source_delay);
  out.trusted = std::move(*trusted);
  return std::make_shared<sftp::SourceGuard>(std::move(out), clock);
}

}  // namespace sallyport::app
