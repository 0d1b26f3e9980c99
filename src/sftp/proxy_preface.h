// What a balancer says before the client's first byte (PROXY protocol version 2).
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "model/server.h"
#include "net/address.h"
#include "net/tcp.h"

namespace sallyport::sftp {

struct ConnectionContext;

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

// Reads a header if the stream begins with one, and no byte behind it. Where the server demands
// one, there must be one, and the address in it must be on the allow list; elsewhere it is thrown
// away. Stream and context outlive the task. Errors: kInvalidArgument, kCorrupt, kLimitExceeded
// (the header), kPermissionDenied (the allow list): these are counted as refused connections;
// kClosed, kTimeout, kCancelled, kIo.
Task<Result<ProxyPreface>> read_proxy_preface(net::TcpStream& stream,
                                              const ConnectionContext& context);

}  // namespace sallyport::sftp
