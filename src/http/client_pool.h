// Kept-alive connections to many servers, and requests that are tried again.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "http/client.h"
#include "http/dialer.h"
#include "http/retry.h"

namespace sallyport::http {

struct PoolOptions {
  ClientOptions client;
  std::size_t max_connections = 16;             // to one origin from one loop, idle ones included
  std::chrono::milliseconds idle_time{20'000};  // an idle connection is not used after that
  std::chrono::milliseconds wait_timeout{30'000};  // for a connection while all are in use
  RetryOptions retry;
};

// A request and where it goes. A plain value, except that the body is the caller's.
struct PooledRequest {
  Origin origin;
  HttpRequest request;             // with Host, signed if it has to be
  std::span<const ByteView> body;  // outlives the task
  // In place of `body`, of a length that is known: a new one for each attempt.
  std::function<std::unique_ptr<BodySource>()> source = {};
  // Sending it twice does what sending it once does. Without it nothing is tried again that may
  // have reached the server.
  bool repeatable = false;
  bool slow = false;  // ClientOptions::work_time is for it
};

// Any loop may use one pool: it keeps the connections of each loop apart, since a socket belongs to
// a loop for life, so a session finds its own loop's without a hop or a lock held while waiting;
// the limits count for each loop. Thread-safe in that sense. Waiting takes turns in order of
// coming. Errors: as of Client, and kUnavailable with the reason kAllInUse when no connection came
// free. The destructor REQUIRES that no lease, response or task is left, and that the loops have
// stopped or that it runs on the only one that used the pool.
class ClientPool {
  struct Origins;
  struct OnLoop;
  struct Leased;

 public:
  using Sleep = std::function<Task<void>(std::chrono::milliseconds)>;
  static constexpr std::string_view kAllInUse = "ConnectionsInUse";

  // What is given outlives the pool. `sleep`: how the time before another attempt passes.
  ClientPool(const Dialer& dialer, const Clock& clock, Random& random, PoolOptions options = {},
             Sleep sleep = net::sleep_for);
  ~ClientPool();

  // The right to use one connection. Its end gives the connection back if the last response was
  // read to its end, and closes it otherwise. Ends on the loop it was acquired on.
  class Lease {
   public:
    explicit Lease(std::unique_ptr<Leased> leased);
    ~Lease();
    Lease(Lease&&) noexcept;
    Lease& operator=(Lease&&) noexcept;
    Client& client();

   private:
    std::unique_ptr<Leased> leased_;
  };
  // May or may not be connected yet. Nothing done with it is tried again.
  Task<Result<Lease>> acquire(Origin origin);

  // The first answer that is not a passing failure, or the last one. `request` outlives the task.
  // The body holds the connection until it has been read to its end or is destroyed.
  Task<Result<StreamedResponse>> send_streamed(const PooledRequest& request);
  // The same with the body read, at most ClientOptions::max_body bytes.
  Task<Result<HttpResponse>> send(const PooledRequest& request);

  // Closes the calling loop's connections that were idle for too long; acquire() does so as well.
  void close_idle();

 private:
  class LeasedBody;
  OnLoop& here();
  Task<Result<StreamedResponse>> attempt(const PooledRequest& request, bool& sent);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::http
