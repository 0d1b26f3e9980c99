// Connections to servers that are known by name.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "http/resolver.h"
#include "http/stream.h"
#include "http/url.h"
#include "net/tls_context.h"

namespace sallyport::http {

// Whom a connection leads to (RFC 6454): connections to one origin can stand in for each other.
struct Origin {
  bool tls = false;
  std::string host;  // as in Url
  std::uint16_t port = 0;

  static Origin of(const Url& url) { return {url.scheme == "https", url.host, url.port}; }
  friend auto operator<=>(const Origin&, const Origin&) = default;
  // "https://s3.example:443"
  std::string to_string() const;
};

struct DialOptions {
  std::chrono::milliseconds connect_timeout{10'000};    // for all addresses together
  std::chrono::milliseconds handshake_timeout{10'000};  // of TLS
};

// Plain, without a name. Errors: kUnavailable, kTimeout, kCancelled.
Task<Result<std::unique_ptr<ByteStream>>> dial_endpoint(net::Endpoint server, DialOptions options);

// Thread-safe.
class Dialer {
 public:
  // `resolver` outlives the dialer. `tls`: a client's, or null where https is not used.
  Dialer(Resolver& resolver, std::shared_ptr<net::TlsContext> tls)
      : resolver_(resolver), tls_(std::move(tls)) {}

  // Tries the host's addresses in their order until one takes the connection, then shakes hands.
  // Errors: kNotFound (no such host); kUnavailable, with a reason of net/tls.h when the server is
  // not to be trusted; kTimeout; kUnsupported (https without TLS); kCancelled.
  Task<Result<std::unique_ptr<ByteStream>>> dial(Origin origin, DialOptions options) const;

 private:
  Task<Result<net::TcpStream>> connect_any(std::string host, std::uint16_t port,
                                           std::chrono::milliseconds timeout) const;

  Resolver& resolver_;
  std::shared_ptr<net::TlsContext> tls_;
};

}  // namespace sallyport::http
