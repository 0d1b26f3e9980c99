// IP addresses, endpoints and allow lists. Values; pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::net {

// IPv4 or IPv6. An IPv4-mapped IPv6 address is turned into the IPv4 it stands for.
class IpAddress {
 public:
  static Result<IpAddress> parse(std::string_view text);
  static IpAddress from_v4(std::array<std::uint8_t, 4> octets);
  static IpAddress from_v6(std::array<std::uint8_t, 16> octets);

  bool is_v4() const { return v4_; }
  bool is_loopback() const;
  std::string to_string() const;
  // 16 octets; an IPv4 address occupies the first four.
  const std::array<std::uint8_t, 16>& octets() const { return octets_; }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> octets_{};
  bool v4_ = true;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  // "127.0.0.1:22", "[::1]:22"
  std::string to_string() const;
  // The same forms.
  static Result<Endpoint> parse(std::string_view text);
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// RFC 4632 prefix; a bare address is a prefix of full length.
class Cidr {
 public:
  // Errors: kInvalidArgument, also when bits beyond the prefix are set.
  static Result<Cidr> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  const IpAddress& base() const { return base_; }
  unsigned prefix() const { return prefix_; }
  std::string to_string() const;

 private:
  IpAddress base_;
  unsigned prefix_ = 0;
};

// Who may connect. An empty list lets everyone in.
class AllowList {
 public:
  AllowList() = default;
  explicit AllowList(std::vector<Cidr> allowed) : allowed_(std::move(allowed)) {}
  bool allows(const IpAddress& address) const;
  bool empty() const { return allowed_.empty(); }
  const std::vector<Cidr>& networks() const { return allowed_; }

 private:
  std::vector<Cidr> allowed_;
};

}  // namespace sallyport::net
