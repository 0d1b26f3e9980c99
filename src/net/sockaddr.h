// Between Endpoint and the sockets API.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <utility>

#include "net/address.h"

namespace sallyport::net {

inline std::pair<sockaddr_storage, socklen_t> sockaddr_from(const Endpoint& endpoint) {
  sockaddr_storage storage{};
  if (endpoint.address.is_v4()) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.octets().data(), 4);
    return {storage, sizeof v4};
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(endpoint.port);
  std::memcpy(&v6.sin6_addr, endpoint.address.octets().data(), 16);
  return {storage, sizeof v6};
}

inline Endpoint endpoint_from(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(storage);
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &v4.sin_addr, 4);
    return {IpAddress::from_v4(octets), ntohs(v4.sin_port)};
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(storage);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &v6.sin6_addr, 16);
    return {IpAddress::from_v6(octets), ntohs(v6.sin6_port)};
  }
  return {};
}

}  // namespace sallyport::net
