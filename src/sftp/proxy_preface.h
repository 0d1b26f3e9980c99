// What a balancer says before the client's first byte (PROXY protocol version 2).
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/task.h"
#include "model/server.h"
#include "net/address.h"
#include "net/tcp.h"

namespace sallyport::sftp {

// ProtocolDetails.ProxyConfig.SftpMode.
bool proxy_header_enforced(const model::Server& server);

struct ProxyPreface {
  // The log's field proxy-protocol-v2-header; empty when there was no header.
  std::string_view note;
  // Whom the connection counts as; none: its own address.
  std::optional<net::IpAddress> source;
  // What was read beyond, at most kProxyHeaderStart bytes: the client's own.
  Bytes unread;
};

// Reads a header if the stream begins with one. `enforced`: it must, and the address in it counts;
// otherwise it is thrown away. No byte behind a header is read. The stream outlives the task.
// Errors: kInvalidArgument, kCorrupt, kLimitExceeded (the header); kClosed, kTimeout, kCancelled,
// kIo.
Task<Result<ProxyPreface>> read_proxy_preface(net::TcpStream& stream, bool enforced);

}  // namespace sallyport::sftp
