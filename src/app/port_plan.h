// Which port a server listens on: the one its tag or ProtocolDetails name, else the one it had before,
// else the next free one of the configured list. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/server.h"

namespace sallyport::app {

// The ports that the server itself asks for (tag sallyport:sftp-port, then ProtocolDetails.SftpPorts
// where they are not the managed service's 22); empty: any.
// Errors: kInvalidArgument (the tag is no port).
Result<std::vector<std::uint16_t>> requested_ports(const model::Server& server);

// Candidates in the order to try: `previous` first, then `configured` without those in `taken`.
std::vector<std::uint16_t> candidate_ports(const std::vector<std::uint16_t>& configured,
                                           std::optional<std::uint16_t> previous,
                                           const std::set<std::uint16_t>& taken);

}  // namespace sallyport::app
