// One client's SSH connection with its SFTP channels, from accept to the last log line.
#pragma once

#include <chrono>
#include <memory>

#include "base/task.h"
#include "identity/principal.h"
#include "model/server.h"
#include "net/address.h"
#include "net/blocking_pool.h"
#include "net/tcp.h"
#include "session/registry.h"
#include "session/session.h"
#include "sftp/host_key_signer.h"
#include "sftp/pre_auth_limit.h"
#include "sftp/server.h"
#include "ssh/buffer_pool.h"
#include "ssh/server_settings.h"

namespace sallyport::sftp {

struct ConnectionSettings {
  // From accept until a user is authenticated.
  std::chrono::milliseconds login_timeout = std::chrono::seconds(120);
  // Without a request, a running one included.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(1800);
  // Without any sign of life; one is asked for (keepalive@openssh.com) after half of it.
  std::chrono::milliseconds dead_peer_timeout = std::chrono::seconds(300);
  ServerSettings sftp;
};

// What a connection works with. Everything referred to outlives the connection; the pointers share.
struct ConnectionContext {
  // As it stood when the connection was accepted.
  std::shared_ptr<const model::Server> server;
  // Algorithms, banner and the public halves of the host keys.
  std::shared_ptr<const ssh::ServerSettings> ssh;
  // Holds the private halves, in the same order.
  std::shared_ptr<HostKeySigner> signer;
  session::SessionServices services;
  identity::ServiceManaged& identity;
  session::Registry& registry;
  // For key exchanges.
  net::BlockingPool& crypto;
  // The loop's; null: the connection has its own.
  std::shared_ptr<ssh::BufferPool> buffers;
  // Null: no limit.
  std::shared_ptr<PreAuthLimit> pre_auth;
  // Outlives the connection like the rest.
  const ConnectionSettings& settings;
  net::Endpoint remote;
  // Who may connect, where a balancer's header says who that is (PROXY_PROTOCOL_V2_ENFORCED);
  // null: everyone. Other sources were looked at when they were accepted.
  std::shared_ptr<const net::AllowList> allowed_through_proxy;
};

// Serves the connection to its end, on the loop the stream belongs to. Ends early, and orderly,
// when the registry asks it to: a storage call that is under way is always awaited, what was
// uploaded so far is kept (PARTIAL_CLOSE), and the session's DISCONNECTED is the last line.
// A PROXY protocol header before the client's first byte is thrown away, or, where the server
// demands one, names the source; a connection without a valid one is then closed without an answer.
// A server whose LoggingRole cannot be assumed closes the connection when the client first wants to
// log in (logging_role.h), without a line.
// Log: AUTH_FAILURE once for each refused key of a connection that never authenticated (for an
// unknown user once), KEX_FAILURE, EXIT_REASON when a time-out ended a session, besides what
// Session writes.
Task<void> serve_ssh_connection(net::TcpStream stream, ConnectionContext context);

}  // namespace sallyport::sftp
