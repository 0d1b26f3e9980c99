#include "net/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>

#include "base/unique_fd.h"
#include "net/sockaddr.h"
#include "net/socket_filter.h"

namespace sallyport::net {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

// Shared with cancellers and timer callbacks, which may outlive the stream; `open` tells them.
struct TcpStream::Impl : std::enable_shared_from_this<TcpStream::Impl> {
  Impl(Loop& l, int fd) : loop(l), descriptor(l.native(), fd), timer(l.native()) {}

  Loop& loop;
  Descriptor descriptor;
  asio::steady_timer timer;
  SteadyTime deadline = SteadyTime::max();
  std::function<void()> on_deadline;
  bool timer_runs = false;
  bool open = true;
  std::optional<Errc> ended;  // set by cancel() and the deadline; every later call fails with it

  int fd() { return descriptor.native_handle(); }

  Error ended_error() const {
    switch (*ended) {
      case Errc::kTimeout: return Error(Errc::kTimeout, "the connection's time ran out");
      case Errc::kCancelled: return Error(Errc::kCancelled, "the connection was asked to end");
      default: return Error(*ended, "the connection is closed");
    }
  }

  void end(Errc why) {
    if (!open || ended) return;
    ended = why;
    boost::system::error_code ignored;
    descriptor.cancel(ignored);
  }

  void close() {
    if (!open) return;
    open = false;
    on_deadline = {};
    if (!ended) ended = Errc::kClosed;
    boost::system::error_code ignored;
    timer.cancel(ignored);
    descriptor.close(ignored);
  }

  // The timer is armed once and looks at the moving deadline when it fires.
  void arm() {
    if (timer_runs || !open || deadline == SteadyTime::max()) return;
    timer_runs = true;
    timer.expires_at(deadline);
    timer.async_wait([self = shared_from_this()](const boost::system::error_code&) {
      self->timer_runs = false;
      if (!self->open || self->ended) return;
      if (std::chrono::steady_clock::now() < self->deadline) return self->arm();
      if (!self->on_deadline) return self->end(Errc::kTimeout);
      self->deadline = SteadyTime::max();
      // A copy, as the callback may close the stream.
      const auto callback = self->on_deadline;
      callback();
    });
  }
};

namespace {

template <class Impl>
struct WaitAwaiter {
  Impl& impl;
  Descriptor::wait_type what;
  bool await_ready() const noexcept { return impl.ended.has_value(); }
  void await_suspend(std::coroutine_handle<> h) const {
    impl.descriptor.async_wait(what, [h](const boost::system::error_code&) { h.resume(); });
  }
  Result<void> await_resume() const {
    if (impl.ended) return impl.ended_error();
    return ok();
  }
};

Endpoint endpoint_of(int fd, int (*query)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (query(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  return endpoint_from(storage);
}

Result<UniqueFd> open_socket(const IpAddress& family_of) {
  UniqueFd fd(::socket(family_of.is_v4() ? AF_INET : AF_INET6,
                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return errno_error("opening a socket", errno);
  return fd;
}

}  // namespace

TcpStream::TcpStream(Loop& loop, int fd) : impl_(std::make_shared<Impl>(loop, fd)) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

TcpStream::~TcpStream() {
  if (impl_) impl_->close();
}
TcpStream::TcpStream(TcpStream&&) noexcept = default;
TcpStream& TcpStream::operator=(TcpStream&& other) noexcept {
  if (this != &other) {
    if (impl_) impl_->close();
    impl_ = std::move(other.impl_);
  }
  return *this;
}

Task<Result<TcpStream>> TcpStream::connect(Endpoint to, std::chrono::milliseconds timeout) {
  CO_TRY_ASSIGN(UniqueFd fd, open_socket(to.address));
  const auto [address, size] = sockaddr_from(to);
  const int rc = ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), size);
  if (rc != 0 && errno != EINPROGRESS)
    co_return errno_error("connecting to " + to.to_string(), errno);
  TcpStream stream(*Loop::current(), fd.release());
  stream.set_deadline(std::chrono::steady_clock::now() + timeout);
  CO_TRY(co_await stream.writable());
  int error = 0;
  socklen_t error_size = sizeof error;
  ::getsockopt(stream.impl_->fd(), SOL_SOCKET, SO_ERROR, &error, &error_size);
  if (error != 0) co_return errno_error("connecting to " + to.to_string(), error);
  stream.set_deadline(SteadyTime::max());
  co_return std::move(stream);
}

std::optional<Result<std::size_t>> TcpStream::try_read(MutableBytes into) {
  if (impl_->ended) return impl_->ended_error();
  for (;;) {
    const ssize_t n = ::recv(impl_->fd(), into.data(), into.size(), 0);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    return errno_error("receiving", errno);
  }
}

std::optional<Result<std::size_t>> TcpStream::try_write(std::span<const iovec> from) {
  if (impl_->ended) return impl_->ended_error();
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());
  message.msg_iovlen = from.size();
  for (;;) {
    const ssize_t n = ::sendmsg(impl_->fd(), &message, MSG_NOSIGNAL);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return std::nullopt;
    return errno_error("sending", errno);
  }
}

Task<Result<void>> TcpStream::readable() {
  co_return co_await WaitAwaiter<Impl>{*impl_, Descriptor::wait_read};
}
Task<Result<void>> TcpStream::writable() {
  co_return co_await WaitAwaiter<Impl>{*impl_, Descriptor::wait_write};
}

Task<Result<std::size_t>> TcpStream::read_some(MutableBytes into) {
  for (;;) {
    if (auto done = try_read(into)) co_return std::move(*done);
    CO_TRY(co_await readable());
  }
}

Task<Result<std::size_t>> TcpStream::write_some(std::span<const iovec> from) {
  for (;;) {
    if (auto done = try_write(from)) co_return std::move(*done);
    CO_TRY(co_await writable());
  }
}

Task<Result<void>> TcpStream::write_all(ByteView from) {
  while (!from.empty()) {
    const iovec part{const_cast<std::uint8_t*>(from.data()), from.size()};
    CO_TRY_ASSIGN(const std::size_t n, co_await write_some({&part, 1}));
    from = from.subspan(n);
  }
  co_return ok();
}

void TcpStream::set_deadline(SteadyTime deadline) {
  // A new deadline is a new chance: a server still has to say that the time was up.
  if (impl_->ended == Errc::kTimeout) impl_->ended.reset();
  const bool sooner = deadline < impl_->deadline;
  impl_->deadline = deadline;
  if (sooner && impl_->timer_runs) {
    // Wakes the callback, which arms the timer anew for the nearer deadline.
    boost::system::error_code ignored;
    impl_->timer.cancel(ignored);
  } else {
    impl_->arm();
  }
}

void TcpStream::on_deadline(std::function<void()> callback) {
  impl_->on_deadline = std::move(callback);
}

void TcpStream::shutdown_send() {
  if (impl_->open) ::shutdown(impl_->fd(), SHUT_WR);
}

void TcpStream::close() { impl_->close(); }

void TcpStream::cancel() { canceller()(); }

std::function<void()> TcpStream::canceller() {
  return [impl = impl_] {
    impl->loop.post(std::function<void()>([impl] { impl->end(Errc::kCancelled); }));
  };
}

Endpoint TcpStream::local() const { return endpoint_of(impl_->fd(), ::getsockname); }
Endpoint TcpStream::remote() const { return endpoint_of(impl_->fd(), ::getpeername); }

struct TcpListener::Impl : std::enable_shared_from_this<TcpListener::Impl> {
  Impl(Loop& l, int fd, std::function<void(Accepted)> f)
      : loop(l), descriptor(l.native(), fd), retry(l.native()), on_accept(std::move(f)) {}

  Loop& loop;
  Descriptor descriptor;
  asio::steady_timer retry;
  std::function<void(Accepted)> on_accept;
  Endpoint local;
  bool closed = false;

  void wait() {
    descriptor.async_wait(Descriptor::wait_read,
                          [self = shared_from_this()](const boost::system::error_code&) {
                            if (!self->closed) self->accept_ready();
                          });
  }

  void accept_ready() {
    for (int taken = 0; taken < 64 && !closed; ++taken) {
      sockaddr_storage storage{};
      socklen_t size = sizeof storage;
      const int fd = ::accept4(descriptor.native_handle(), reinterpret_cast<sockaddr*>(&storage),
                               &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        on_accept({fd, endpoint_from(storage)});
        continue;
      }
      if (errno == EINTR || errno == ECONNABORTED) continue;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
        return wait_a_little();
      break;
    }
    if (!closed) wait();
  }

  // Out of descriptors: the socket stays readable, so waiting on it would spin.
  void wait_a_little() {
    retry.expires_after(std::chrono::milliseconds(100));
    retry.async_wait([self = shared_from_this()](const boost::system::error_code&) {
      if (!self->closed) self->wait();
    });
  }

  // On the loop, or with the loop stopped.
  void close_here() {
    if (std::exchange(closed, true)) return;
    boost::system::error_code ignored;
    retry.cancel(ignored);
    descriptor.close(ignored);
  }
};

TcpListener::TcpListener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

TcpListener::~TcpListener() { impl_->close_here(); }

Result<std::unique_ptr<TcpListener>> TcpListener::open(Loop& loop, Endpoint at,
                                                       std::function<void(Accepted)> on_accept) {
  TRY_ASSIGN(UniqueFd fd, open_socket(at.address));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!at.address.is_v4()) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const auto [address, size] = sockaddr_from(at);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    const int e = errno;
    if (e == EADDRINUSE)
      return Error(Errc::kUnavailable, at.to_string() + " is in use by another program");
    Error error = errno_error("binding " + at.to_string(), e);
    if (e == EACCES) error.message += "; ports below 1024 want CAP_NET_BIND_SERVICE";
    return error;
  }
  if (::listen(fd.get(), 4096) != 0) return errno_error("listening on " + at.to_string(), errno);
  auto impl = std::make_shared<Impl>(loop, fd.release(), std::move(on_accept));
  impl->local = endpoint_of(impl->descriptor.native_handle(), ::getsockname);
  if (Loop::current() == &loop) {
    impl->wait();
  } else {
    loop.post(std::function<void()>([impl] {
      if (!impl->closed) impl->wait();
    }));
  }
  return std::unique_ptr<TcpListener>(new TcpListener(std::move(impl)));
}

Endpoint TcpListener::local() const { return impl_->local; }

Result<void> TcpListener::set_allowed(const AllowList& allowed) {
  return set_source_filter(impl_->descriptor.native_handle(), allowed);
}

}  // namespace sallyport::net
