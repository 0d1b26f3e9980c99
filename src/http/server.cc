#include "http/server.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "base/unique_fd.h"

namespace sallyport::http {
namespace {

// What was cut has only to return from what it is at.
constexpr std::chrono::seconds kCutTime(3);

struct Live {
  ConnectionControl control;
  std::function<void()> cancel;
};

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  // The connections of one loop, touched on that loop only.
  struct PerLoop {
    net::Loop* loop;
    std::list<Live> live;
  };

  Impl(net::LoopGroup& group, Handler& h, const Clock& c, ServerOptions o)
      : loops(group), handler(h), clock(c), options(std::move(o)) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      per_loop.push_back(std::make_unique<PerLoop>());
      per_loop.back()->loop = &group.at(i);
    }
  }

  void accepted(net::TcpListener::Accepted connection) {
    UniqueFd fd(connection.fd);
    if (stopping) return;
    {
      const std::lock_guard lock(mutex);
      ++open;
    }
    ++total;
    PerLoop& home = *per_loop[turn++ % per_loop.size()];
    home.loop->post(std::function<void()>(
        [self = shared_from_this(), &home, raw = fd.release()] { self->start(home, raw); }));
  }

  // On the connection's loop.
  void start(PerLoop& home, int fd) {
    net::TcpStream stream(*home.loop, fd);
    const auto at = home.live.emplace(home.live.end());
    at->cancel = stream.canceller();
    at->control.stopping = stopping;
    net::start_on(
        *home.loop,
        serve_connection(tcp_byte_stream(std::move(stream)), handler, options, clock, at->control),
        [self = shared_from_this(), &home, at] {
          self->requests += at->control.requests;
          home.live.erase(at);
          const std::lock_guard lock(self->mutex);
          if (--self->open == 0) self->all_ended.notify_all();
        });
  }

  // Asks the connections of every loop to end: the idle ones, or all of them, at once.
  void ask(bool everyone) {
    for (auto& home : per_loop) {
      home->loop->post(std::function<void()>([self = shared_from_this(), h = home.get(), everyone] {
        for (Live& one : h->live) {
          one.control.stopping = true;
          if (everyone || one.control.idle) one.cancel();
        }
      }));
    }
  }

  // A listener ends on its own loop.
  void close_listener() {
    if (!listener) return;
    std::promise<void> closed;
    loops.at(0).post(std::function<void()>([this, &closed] {
      listener.reset();
      closed.set_value();
    }));
    closed.get_future().wait();
  }

  bool stop(std::chrono::milliseconds grace) {
    const std::lock_guard one_at_a_time(stop_mutex);
    stopping = true;
    close_listener();
    ask(false);
    std::unique_lock lock(mutex);
    if (all_ended.wait_for(lock, grace, [this] { return open == 0; })) return true;
    lock.unlock();
    ask(true);
    lock.lock();
    return all_ended.wait_for(lock, kCutTime, [this] { return open == 0; });
  }

  net::LoopGroup& loops;
  Handler& handler;
  const Clock& clock;
  const ServerOptions options;
  std::vector<std::unique_ptr<PerLoop>> per_loop;
  std::unique_ptr<net::TcpListener> listener;
  net::Endpoint local;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> total{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::size_t> turn{0};
  std::mutex stop_mutex;
  mutable std::mutex mutex;
  std::condition_variable all_ended;
  std::uint64_t open = 0;  // guarded by mutex
};

Server::Server(net::LoopGroup& loops, Handler& handler, const Clock& clock, ServerOptions options)
    : impl_(std::make_shared<Impl>(loops, handler, clock, std::move(options))) {}

Server::~Server() {
  impl_->stop(std::chrono::milliseconds(0));
}

Result<void> Server::listen(net::Endpoint at) {
  std::weak_ptr<Impl> weak = impl_;
  TRY_ASSIGN(impl_->listener, net::TcpListener::open(impl_->loops.at(0), at,
                                                     [weak](net::TcpListener::Accepted connection) {
                                                       if (auto impl = weak.lock()) {
                                                         impl->accepted(connection);
                                                       } else {
                                                         UniqueFd(connection.fd);
                                                       }
                                                     }));
  impl_->local = impl_->listener->local();
  return ok();
}

net::Endpoint Server::local() const {
  return impl_->local;
}

bool Server::stop(std::chrono::milliseconds grace) {
  return impl_->stop(grace);
}

ServerStats Server::stats() const {
  const std::lock_guard lock(impl_->mutex);
  return {impl_->total, impl_->open, impl_->requests};
}

}  // namespace sallyport::http
