#include "app/port_plan.h"

#include <algorithm>

#include "model/port_tag.h"

namespace sallyport::app {
namespace {

constexpr std::uint16_t kManagedPort = 22;

// Without the spaces around them.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    out.push_back(item);
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

std::vector<model::SftpPort> ports_of_details(const model::ProtocolDetails& details) {
  std::vector<model::SftpPort> out;
  bool client_first = false;
  for (const model::SftpPort& port : details.sftp_ports) {
    if (port.port == kManagedPort)
      client_first = port.client_talks_first;
    else
      out.push_back(port);
  }
  if (out.empty()) out.push_back({0, client_first});
  return out;
}

}  // namespace

Result<ListenPlan> listen_plan(const model::Server& server,
                               const std::vector<net::IpAddress>& configured) {
  ListenPlan out;
  TRY_ASSIGN(out.ports, model::tagged_ports(server.tags));
  if (out.ports.empty()) out.ports = ports_of_details(server.protocol_details);
  const bool only_v4 = server.ip_address_type == "IPV4";
  for (const net::IpAddress& address : configured)
    if (address.is_v4() || !only_v4) out.addresses.push_back(address);
  if (out.addresses.empty()) out.addresses = configured;
  return out;
}

Result<std::vector<net::IpAddress>> parse_addresses(std::string_view text) {
  std::vector<net::IpAddress> out;
  for (const std::string_view item : split(text)) {
    TRY_ASSIGN(const net::IpAddress address, net::IpAddress::parse(item));
    if (std::find(out.begin(), out.end(), address) != out.end())
      return Error(Errc::kInvalidArgument, "address '" + std::string(item) + "' is named twice");
    out.push_back(address);
  }
  return out;
}

std::vector<std::uint16_t> candidate_ports(const std::vector<std::uint16_t>& configured,
                                           std::optional<std::uint16_t> previous,
                                           const std::set<std::uint16_t>& taken) {
  std::vector<std::uint16_t> out;
  const auto add = [&](std::uint16_t port) {
    if (!taken.contains(port) && std::find(out.begin(), out.end(), port) == out.end())
      out.push_back(port);
  };
  if (previous) add(*previous);
  for (std::uint16_t port : configured) add(port);
  return out;
}

}  // namespace sallyport::app
