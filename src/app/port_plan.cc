#include "app/port_plan.h"

#include <algorithm>
#include <charconv>

namespace sallyport::app {

Result<std::vector<std::uint16_t>> requested_ports(const model::Server& server) {
  if (const std::string* tag = server.tag("sallyport:sftp-port")) {
    unsigned port = 0;
    const auto [end, ec] = std::from_chars(tag->data(), tag->data() + tag->size(), port);
    if (ec != std::errc{} || end != tag->data() + tag->size() || port < 1 || port > 65535)
      return Error(Errc::kInvalidArgument,
                   "tag sallyport:sftp-port is '" + *tag + "'; a port from 1 to 65535 is expected");
    return std::vector<std::uint16_t>{static_cast<std::uint16_t>(port)};
  }
  std::vector<std::uint16_t> out;
  for (std::uint16_t port : server.protocol_details.sftp_ports)
    if (port != 22) out.push_back(port);
  return out;
}

std::vector<std::uint16_t> candidate_ports(const std::vector<std::uint16_t>& configured,
                                           std::optional<std::uint16_t> previous,
                                           const std::set<std::uint16_t>& taken) {
  std::vector<std::uint16_t> out;
  const auto add = [&](std::uint16_t port) {
    if (!taken.contains(port) && std::find(out.begin(), out.end(), port) == out.end()) out.push_back(port);
  };
  if (previous) add(*previous);
  for (std::uint16_t port : configured) add(port);
  return out;
}

}  // namespace sallyport::app
