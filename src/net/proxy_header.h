// The binary header of the PROXY protocol, version 2: whom a balancer speaks for, told before the
// first byte of the connection itself (haproxy's proxy-protocol.txt, section 2.2). Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/address.h"

namespace sallyport::net {

// Signature, version and command, family, length of the rest.
inline constexpr std::size_t kProxyHeaderStart = 16;
// What a whole header may have, its parameters (TLVs) included. Balancers send some hundred bytes.
inline constexpr std::size_t kMaxProxyHeader = 16 * 1024;

// Whether `first` can be the beginning of a header; of nothing it can.
bool may_be_proxy_header(ByteView first);

struct ProxyHeader {
  // Whom the connection is from. None: the balancer speaks for itself (LOCAL, as health checks do)
  // or knows no TCP address; the connection's own address counts then.
  std::optional<Endpoint> source;
};

// The size of the whole header, from its first kProxyHeaderStart bytes. REQUIRES: so many.
// Errors: kInvalidArgument (no header of version 2), kLimitExceeded.
Result<std::size_t> proxy_header_size(ByteView start);

// A whole header, and nothing behind it. Parameters are skipped, save that a checksum must be
// right. Errors: kInvalidArgument, kLimitExceeded; kCorrupt (checksum).
Result<ProxyHeader> parse_proxy_header(ByteView header);

}  // namespace sallyport::net
