// Where a server listens: the ports that its tag or ProtocolDetails name, else the one it had
// before, else the next free one of the configured list, at the configured addresses. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/server.h"
#include "net/address.h"

namespace sallyport::app {

struct ListenPlan {
  std::vector<net::IpAddress> addresses;
  // Port 0 stands for one of the configured list.
  std::vector<model::SftpPort> ports;
  friend bool operator==(const ListenPlan&, const ListenPlan&) = default;
};

// The ports that the server itself asks for: those of its tag sallyport:sftp-port ("2222" or
// "2222,2223/client-first"), else ProtocolDetails.SftpPorts without the managed service's 22. When
// that leaves none, one of the configured list, in the mode of the 22. Addresses are the configured
// ones; with IpAddressType IPV4 those of IPv4 only, if there are. Errors: kInvalidArgument (the tag
// names no ports, or one twice).
Result<ListenPlan> listen_plan(const model::Server& server,
                               const std::vector<net::IpAddress>& configured);

// "127.0.0.1" or "0.0.0.0,::". Errors: kInvalidArgument.
Result<std::vector<net::IpAddress>> parse_addresses(std::string_view text);

// Candidates in the order to try: `previous` first, then `configured` without those in `taken`.
std::vector<std::uint16_t> candidate_ports(const std::vector<std::uint16_t>& configured,
                                           std::optional<std::uint16_t> previous,
                                           const std::set<std::uint16_t>& taken);

}  // namespace sallyport::app
