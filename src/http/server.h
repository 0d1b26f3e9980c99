// The HTTP/1.1 server: a coroutine per connection, requests in order, bodies streamed both ways.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "http/head_parser.h"
#include "http/message.h"
#include "http/stream.h"
#include "net/loop.h"
#include "net/tcp.h"

namespace sallyport::http {

struct RequestContext {
  net::Endpoint peer;
};

// Called on the loop of the connection, concurrently from many loops: thread-safe.
class Handler {
 public:
  virtual ~Handler() = default;
  // Answers one request. `request` and `body` live until the task has ended; a stream in the
  // response may go on reading neither. What is left of the body is discarded by the server.
  // A client that sent `Expect: 100-continue` is told to go on at the first read of the body.
  virtual Task<HttpResponse> handle(HttpRequest& request, BodyReader& body,
                                    const RequestContext& context) = 0;
};

struct ServerOptions {
  HeadLimits head;
  std::chrono::milliseconds head_timeout{30'000};  // from a head's first byte to its last
  std::chrono::milliseconds keep_alive_timeout{
      75'000};  // idle between requests, and before the first
  std::chrono::milliseconds body_idle_timeout{60'000};   // without a byte of a request body
  std::chrono::milliseconds write_idle_timeout{60'000};  // without progress of a response
  std::uint64_t max_drain = 256 * 1024;    // unread body bytes that are read to keep a connection
  std::size_t stream_buffer = 256 * 1024;  // piece size of streamed responses, bytes
};

// Numbers since the start. Thread-safe.
struct ServerStats {
  std::uint64_t connections = 0;
  std::uint64_t open_connections = 0;
  std::uint64_t requests = 0;
};

// What a connection and its owner tell each other; both on the connection's loop.
struct ConnectionControl {
  bool stopping = false;       // set by the owner: end after the request at hand
  bool idle = true;            // set by the connection: it waits for the first byte of a request
  std::uint64_t requests = 0;  // counted by the connection
};

// Serves one connection until it ends. Everything referenced outlives the task.
Task<void> serve_connection(std::unique_ptr<ByteStream> stream, Handler& handler,
                            const ServerOptions& options, const Clock& clock,
                            ConnectionControl& control);

// Listens and serves on the loops of a group. start() and stop() from one thread outside the loops.
class Server {
 public:
  // `handler`, `clock` and `loops` outlive the server.
  Server(net::LoopGroup& loops, Handler& handler, const Clock& clock, ServerOptions options = {});
  // Stops without grace when it has not been stopped.
  ~Server();

  // Errors as of TcpListener::open.
  Result<void> listen(net::Endpoint at);
  // Where it listens; the port is the real one. REQUIRES: listen() succeeded.
  net::Endpoint local() const;

  // No new connections; idle ones are closed; the others may finish the request they are at for
  // `grace`, then they are cut. Blocks until all have ended: the loops must be running, and the
  // caller must not be on one of them. False: what handles a request has not ended for some seconds
  // more, and the server and its loops must not be destroyed. Safe to call twice.
  bool stop(std::chrono::milliseconds grace);

  ServerStats stats() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace sallyport::http
