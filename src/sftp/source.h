// What counts as one source of connections: an IPv4 address, or an IPv6 network of 64 bits, which
// is what one customer holds.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "net/address.h"

namespace sallyport::sftp {

using Source = std::pair<bool, std::array<std::uint8_t, 16>>;  // IPv4, octets

inline Source source_of(const net::IpAddress& address) {
  Source out{address.is_v4(), address.octets()};
  if (!address.is_v4()) std::fill(out.second.begin() + 8, out.second.end(), 0);
  return out;
}

}  // namespace sallyport::sftp
