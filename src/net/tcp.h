// TCP streams and listeners as coroutines.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/loop.h"

namespace sallyport::net {

// A connected stream socket on one loop. All calls on that loop, except cancel(), which any thread
// may make. At most one read and one write wait at a time. The destructor closes the socket and
// REQUIRES that nothing waits on it.
// Errors: kClosed (peer gone, or after close()), kCancelled (cancel()), kTimeout (deadline), kIo.
class TcpStream {
 public:
  // Takes over a connected, non-blocking descriptor. TCP_NODELAY is set.
  TcpStream(Loop& loop, int fd);
  ~TcpStream();
  TcpStream(TcpStream&&) noexcept;
  TcpStream& operator=(TcpStream&&) noexcept;

  static Task<Result<TcpStream>> connect(Endpoint to, std::chrono::milliseconds timeout);

  // At least one byte unless the peer ended its side: then 0.
  Task<Result<std::size_t>> read_some(MutableBytes into);
  // At least one byte of what the list holds.
  Task<Result<std::size_t>> write_some(std::span<const iovec> from);
  Task<Result<void>> write_all(ByteView from);

  // The same without waiting: nullopt when it would block.
  std::optional<Result<std::size_t>> try_read(MutableBytes into);
  std::optional<Result<std::size_t>> try_write(std::span<const iovec> from);
  // Wait until the next try may succeed.
  Task<Result<void>> readable();
  Task<Result<void>> writable();

  // From this moment on waiting operations fail with kTimeout once `deadline` has passed.
  // Cheap to call often. SteadyTime::max() takes it away. After a timeout the stream can go on with a
  // new deadline.
  void set_deadline(SteadyTime deadline);
  // A passed deadline calls this, on the loop, instead of ending what waits; it may set a new one.
  void on_deadline(std::function<void()> callback);

  // Ends the sending side (FIN).
  void shutdown_send();
  void close();
  // Wakes what waits with kCancelled and lets everything later fail likewise. Thread-safe.
  void cancel();
  // A handle that can cancel the stream even after it has ended (then it does nothing). Thread-safe.
  std::function<void()> canceller();

  Endpoint local() const;
  Endpoint remote() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Calls back for every accepted connection, on the loop it was opened on.
class TcpListener {
 public:
  struct Accepted {
    int fd;  // non-blocking, close-on-exec; owned by the callee
    Endpoint remote;
  };
  // Binds and listens. Errors: kUnavailable "address already in use", kPermissionDenied, kInvalidArgument.
  // Port 0 takes any free port. SO_REUSEADDR is set, SO_REUSEPORT is not.
  static Result<std::unique_ptr<TcpListener>> open(Loop& loop, Endpoint at,
                                                   std::function<void(Accepted)> on_accept);
  // Stops accepting and frees the port. REQUIRES: on its loop, or with the loop stopped.
  ~TcpListener();
  Endpoint local() const;
  // From now on connection requests of other sources are dropped without an answer. An empty list
  // lets everyone in. Errors: kLimitExceeded, kPermissionDenied, kIo. Thread-safe.
  Result<void> set_allowed(const AllowList& allowed);

 private:
  struct Impl;
  explicit TcpListener(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> impl_;
};

}  // namespace sallyport::net
