#include "sftp/proxy_preface.h"

#include <algorithm>
#include <utility>

#include "events/metrics.h"
#include "net/proxy_header.h"
#include "sftp/connection.h"

namespace sallyport::sftp {
namespace {

// Reads until `bytes` has `size` bytes, or can no longer be a header. False: the latter.
Task<Result<bool>> fill(net::TcpStream& stream, Bytes& bytes, std::size_t size) {
  std::size_t have = bytes.size();
  while (have < size) {
    // As it comes: a length that lies costs no memory.
    bytes.resize(std::min(size, have + 1024));
    const auto got = co_await stream.read_some(MutableBytes(bytes).subspan(have));
    bytes.resize(have + (got.ok() ? *got : 0));
    if (!got.ok()) co_return got.error();
    if (*got == 0) co_return Error(Errc::kClosed, "the peer closed the connection");
    have = bytes.size();
    if (!net::may_be_proxy_header(bytes)) co_return false;
  }
  co_return true;
}

Task<Result<ProxyPreface>> read_header(net::TcpStream& stream, bool enforced) {
  ProxyPreface out;
  Bytes bytes;
  CO_TRY_ASSIGN(const bool begins, co_await fill(stream, bytes, net::kProxyHeaderStart));
  if (!begins) {
    if (enforced) co_return Error(Errc::kInvalidArgument, "there is no PROXY header of version 2");
    out.unread = std::move(bytes);
    co_return out;
  }
  CO_TRY_ASSIGN(const std::size_t size, net::proxy_header_size(bytes));
  CO_TRY(co_await fill(stream, bytes, size));
  CO_TRY_ASSIGN(const net::ProxyHeader header, net::parse_proxy_header(bytes));
  out.note = enforced ? "applied" : "ignored";
  if (enforced && header.source) out.source = header.source->address;
  co_return out;
}

bool is_header_error(Errc code) {
  return code == Errc::kInvalidArgument || code == Errc::kCorrupt || code == Errc::kLimitExceeded;
}

}  // namespace

bool proxy_header_enforced(const model::Server& server) {
  return server.protocol_details.proxy_sftp_mode == "PROXY_PROTOCOL_V2_ENFORCED";
}

Task<Result<ProxyPreface>> read_proxy_preface(net::TcpStream& stream,
                                              const ConnectionContext& context) {
  const bool enforced = proxy_header_enforced(*context.server);
  events::Metrics& metrics = context.services.metrics;
  Result<ProxyPreface> preface = co_await read_header(stream, enforced);
  if (!preface.ok()) {
    if (is_header_error(preface.error().code))
      metrics.add(events::metric::kConnectionsRefused, "proxy_header");
    co_return preface;
  }
  const net::IpAddress from = preface->source.value_or(context.remote.address);
  const net::AllowList* const allowed = context.allowed_through_proxy.get();
  if (enforced && allowed != nullptr && !allowed->allows(from)) {
    metrics.add(events::metric::kConnectionsRefused, "source");
    co_return Error(Errc::kPermissionDenied, "the source is not on the allow list");
  }
  co_return preface;
}

}  // namespace sallyport::sftp
