#include "http/dialer.h"

#include <algorithm>
#include <utility>

namespace sallyport::http {
namespace {

Task<Result<net::TcpStream>> connect_endpoint(net::Endpoint server,
                                              std::chrono::milliseconds timeout) {
  auto stream = co_await net::TcpStream::connect(server, timeout);
  if (stream.ok() || stream.error().code == Errc::kCancelled) co_return stream;
  if (stream.error().code == Errc::kTimeout)
    co_return Error(Errc::kTimeout, "connecting to " + server.to_string() + " took too long");
  co_return Error(Errc::kUnavailable, std::move(stream).error().message);
}

}  // namespace

std::string Origin::to_string() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (v6 ? "[" + host + "]" : host) + ":" +
         std::to_string(port);
}

Task<Result<std::unique_ptr<ByteStream>>> dial_endpoint(net::Endpoint server, DialOptions options) {
  CO_TRY_ASSIGN(net::TcpStream stream, co_await connect_endpoint(server, options.connect_timeout));
  co_return tcp_byte_stream(std::move(stream));
}

Task<Result<net::TcpStream>> Dialer::connect_any(std::string host, std::uint16_t port,
                                                 std::chrono::milliseconds timeout) const {
  CO_TRY_ASSIGN(const std::vector<net::Endpoint> endpoints, co_await resolver_.resolve(host, port));
  const SteadyTime end = std::chrono::steady_clock::now() + timeout;
  std::string failures;
  Errc code = Errc::kUnavailable;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    // A silent address leaves the ones behind it their share of the time.
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    const auto share = left / static_cast<std::int64_t>(endpoints.size() - i);
    if (share.count() <= 0) break;
    auto stream = co_await connect_endpoint(endpoints[i], share);
    if (stream.ok() || stream.error().code == Errc::kCancelled) co_return stream;
    code = stream.error().code;
    failures += (failures.empty() ? "" : "; ") + stream.error().message;
  }
  resolver_.forget(host, port);
  co_return Error(code, host + ": " + failures);
}

Task<Result<std::unique_ptr<ByteStream>>> Dialer::dial(Origin origin, DialOptions options) const {
  if (origin.tls && tls_ == nullptr)
    co_return Error(Errc::kUnsupported, "https is not set up: " + origin.to_string());
  CO_TRY_ASSIGN(net::TcpStream stream,
                co_await connect_any(origin.host, origin.port, options.connect_timeout));
  if (!origin.tls) co_return tcp_byte_stream(std::move(stream));
  auto secured = co_await net::TlsStream::start(std::move(stream), tls_, origin.host,
                                                options.handshake_timeout);
  if (!secured.ok()) {
    Error error = std::move(secured).error();
    // Nothing of a request was sent yet: the same as a server that cannot be reached.
    if (error.code == Errc::kClosed || error.code == Errc::kIo) error.code = Errc::kUnavailable;
    co_return error;
  }
  co_return tls_byte_stream(std::move(*secured));
}

}  // namespace sallyport::http
