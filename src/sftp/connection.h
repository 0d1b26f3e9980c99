// One client's SSH connection with its SFTP channels, from accept to the last log line.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "base/task.h"
#include "identity/principal.h"
#include "model/server.h"
#include "net/address.h"
#include "net/blocking_pool.h"
#include "net/tcp.h"
#include "session/registry.h"
#include "session/session.h"
#include "sftp/host_key_signer.h"
#include "sftp/server.h"
#include "ssh/buffer_pool.h"
#include "ssh/server_settings.h"

namespace sallyport::sftp {

// How many connections may be without a user at one time. Thread-safe.
class PreAuthLimit {
 public:
  explicit PreAuthLimit(std::size_t most) : most_(most) {}

  class Place {
   public:
    Place(Place&& o) noexcept : limit_(std::move(o.limit_)) {}
    Place& operator=(Place&&) = delete;
    ~Place() {
      if (limit_) --limit_->taken_;
    }

   private:
    friend class PreAuthLimit;
    explicit Place(std::shared_ptr<PreAuthLimit> limit) : limit_(std::move(limit)) {}
    std::shared_ptr<PreAuthLimit> limit_;
  };
  // A place to be given up once a user is authenticated; nullopt when all are taken.
  static std::optional<Place> enter(const std::shared_ptr<PreAuthLimit>& limit);

 private:
  const std::size_t most_;
  std::atomic<std::size_t> taken_{0};
};

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
};

// Serves the connection to its end, on the loop the stream belongs to. Ends early, and orderly,
// when the registry asks it to: a storage call that is under way is always awaited, what was
// uploaded so far is kept (PARTIAL_CLOSE), and the session's DISCONNECTED is the last line.
// Log: AUTH_FAILURE once for each refused key of a connection that never authenticated (for an
// unknown user once), KEX_FAILURE, EXIT_REASON when a time-out ended a session, besides what
// Session writes.
Task<void> serve_ssh_connection(net::TcpStream stream, ConnectionContext context);

}  // namespace sallyport::sftp
