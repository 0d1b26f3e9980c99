#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sallyport::net {
namespace {

std::optional<unsigned> parse_number(std::string_view text, unsigned max) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || value > max) return std::nullopt;
  return value;
}

Error bad(std::string_view what, std::string_view text, std::string_view right) {
  std::string message(what);
  message.append(" '").append(text.substr(0, 80)).append("' is malformed; ").append(right);
  return Error(Errc::kInvalidArgument, std::move(message));
}

}  // namespace

IpAddress IpAddress::from_v4(std::array<std::uint8_t, 4> octets) {
  IpAddress out;
  std::copy(octets.begin(), octets.end(), out.octets_.begin());
  return out;
}

IpAddress IpAddress::from_v6(std::array<std::uint8_t, 16> octets) {
  static constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(std::begin(kMapped), std::end(kMapped), octets.begin()))
    return from_v4({octets[12], octets[13], octets[14], octets[15]});
  IpAddress out;
  out.octets_ = octets;
  out.v4_ = false;
  return out;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string z(text.substr(0, 64));
  std::array<std::uint8_t, 4> v4;
  if (::inet_pton(AF_INET, z.c_str(), v4.data()) == 1) return from_v4(v4);
  std::array<std::uint8_t, 16> v6;
  if (::inet_pton(AF_INET6, z.c_str(), v6.data()) == 1) return from_v6(v6);
  return bad("address", text, "an IPv4 or IPv6 address is expected, e.g. 127.0.0.1 or ::1");
}

bool IpAddress::is_loopback() const {
  if (v4_) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](auto b) { return b == 0; }) &&
         octets_[15] == 1;
}

std::string IpAddress::to_string() const {
  char buffer[INET6_ADDRSTRLEN];
  ::inet_ntop(v4_ ? AF_INET : AF_INET6, octets_.data(), buffer, sizeof buffer);
  return buffer;
}

std::string Endpoint::to_string() const {
  const std::string host = address.to_string();
  return (address.is_v4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  static constexpr std::string_view kRight = "ADDRESS:PORT is expected, e.g. 127.0.0.1:4566 or [::1]:4566";
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad("endpoint", text, kRight);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto port = parse_number(text.substr(colon + 1), 65535);
  if (!port) return bad("endpoint", text, kRight);
  auto address = IpAddress::parse(host == "localhost" ? "127.0.0.1" : host);
  if (!address.ok() || (!address->is_v4() && !bracketed)) return bad("endpoint", text, kRight);
  return Endpoint{*address, static_cast<std::uint16_t>(*port)};
}

Result<Cidr> Cidr::parse(std::string_view text) {
  static constexpr std::string_view kRight =
      "a network such as 10.0.0.0/8 or 2001:db8::/32 is expected, with no bits set beyond the prefix";
  const auto slash = text.find('/');
  auto address = IpAddress::parse(text.substr(0, slash));
  if (!address.ok()) return bad("network", text, kRight);
  Cidr out;
  out.base_ = *address;
  const unsigned width = address->is_v4() ? 32 : 128;
  out.prefix_ = width;
  if (slash != std::string_view::npos) {
    const auto prefix = parse_number(text.substr(slash + 1), width);
    if (!prefix) return bad("network", text, kRight);
    out.prefix_ = *prefix;
  }
  for (unsigned bit = out.prefix_; bit < width; ++bit)
    if (out.base_.octets()[bit / 8] & (0x80u >> (bit % 8))) return bad("network", text, kRight);
  return out;
}

bool Cidr::contains(const IpAddress& address) const {
  if (address.is_v4() != base_.is_v4()) return false;
  const unsigned whole = prefix_ / 8, rest = prefix_ % 8;
  if (std::memcmp(address.octets().data(), base_.octets().data(), whole) != 0) return false;
  if (rest == 0) return true;
  const unsigned mask = (0xff00u >> rest) & 0xff;
  return ((address.octets()[whole] ^ base_.octets()[whole]) & mask) == 0;
}

std::string Cidr::to_string() const { return base_.to_string() + "/" + std::to_string(prefix_); }

bool AllowList::allows(const IpAddress& address) const {
  return allowed_.empty() || std::any_of(allowed_.begin(), allowed_.end(),
                                         [&](const Cidr& c) { return c.contains(address); });
}

}  // namespace sallyport::net
