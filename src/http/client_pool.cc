#include "http/client_pool.h"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "net/loop.h"

namespace sallyport::http {
namespace {

// The explanation that comes with a passing failure; longer ones cost the connection.
constexpr std::size_t kMaxFailureText = 64 * 1024;

// Whether an attempt that ended with `error` may be followed by another. A server that is not to be
// trusted, and a pool that is too small, will be so the next time.
bool may_pass(const Error& error) {
  switch (error.code) {
    case Errc::kUnavailable: return error.reason.empty();
    case Errc::kTimeout:
    case Errc::kClosed:
    case Errc::kIo: return true;
    default: return false;
  }
}

}  // namespace

// The connections of one loop; used on that loop only.
struct ClientPool::OnLoop {
  struct Idle {
    Client client;
    SteadyTime since;
  };
  struct Waiter {
    net::CancellableSleep sleep;
    bool granted = false;
    std::optional<Client> client;
  };
  struct Connections {
    std::size_t taken = 0;
    std::vector<Idle> idle;  // longest idle first
    std::deque<Waiter*> waiters;
  };

  std::map<Origin, Connections> origins;

  void close_idle(SteadyTime since) {
    for (auto at = origins.begin(); at != origins.end();) {
      auto& idle = at->second.idle;
      const auto keep = std::find_if(idle.begin(), idle.end(),
                                     [since](const Idle& i) { return i.since >= since; });
      idle.erase(idle.begin(), keep);
      const bool unused = at->second.taken == 0 && idle.empty() && at->second.waiters.empty();
      at = unused ? origins.erase(at) : std::next(at);
    }
  }
};

struct ClientPool::Impl {
  const Dialer& dialer;
  const Clock& clock;
  Random& random;
  PoolOptions options;
  Sleep sleep;
  std::mutex mutex;
  std::map<net::Loop*, std::unique_ptr<OnLoop>> loops;

  // The wait before another attempt, or nullopt when there is none.
  std::optional<std::chrono::milliseconds> after(RetryPlan& plan, const PooledRequest& request,
                                                 const Error& error, bool sent) {
    if (!may_pass(error) || (sent && !request.repeatable)) return std::nullopt;
    return plan.next();
  }
  std::optional<std::chrono::milliseconds> after(RetryPlan& plan, const PooledRequest& request,
                                                 int status, const Headers& headers) {
    if (!is_passing_status(status) || !request.repeatable) return std::nullopt;
    return plan.next(retry_after(headers, clock.wall()));
  }
};

struct ClientPool::Leased {
  Impl& pool;
  OnLoop::Connections& connections;
  std::optional<Client> client;

  Leased(Impl& p, OnLoop::Connections& c, Client taken)
      : pool(p), connections(c), client(std::move(taken)) {}
  ~Leased() {
    if (!client->idle()) client.reset();
    if (!connections.waiters.empty()) {
      OnLoop::Waiter& next = *connections.waiters.front();
      connections.waiters.pop_front();
      next.client = std::move(client);
      next.granted = true;
      next.sleep.cancel();
      return;
    }
    --connections.taken;
    if (client) connections.idle.push_back({std::move(*client), pool.clock.steady()});
  }
};

// Gives the connection back as soon as the body has ended.
class ClientPool::LeasedBody final : public BodyReader {
 public:
  LeasedBody(Lease lease, std::unique_ptr<BodyReader> body)
      : lease_(std::move(lease)), body_(std::move(body)), length_(body_->length()) {}

  Task<Result<std::size_t>> read(MutableBytes into) override {
    if (body_ == nullptr) co_return std::size_t{0};
    auto n = co_await body_->read(into);
    if (n.ok() && *n == 0) {
      body_.reset();
      lease_.reset();
    }
    co_return n;
  }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::optional<Lease> lease_;  // outlives the body
  std::unique_ptr<BodyReader> body_;
  std::optional<std::uint64_t> length_;
};

ClientPool::Lease::Lease(std::unique_ptr<Leased> leased) : leased_(std::move(leased)) {}
ClientPool::Lease::~Lease() = default;
ClientPool::Lease::Lease(Lease&&) noexcept = default;
ClientPool::Lease& ClientPool::Lease::operator=(Lease&&) noexcept = default;
Client& ClientPool::Lease::client() {
  return *leased_->client;
}

ClientPool::ClientPool(const Dialer& dialer, const Clock& clock, Random& random,
                       PoolOptions options, Sleep sleep)
    : impl_(new Impl{dialer, clock, random, options, std::move(sleep), {}, {}}) {}
ClientPool::~ClientPool() = default;

ClientPool::OnLoop& ClientPool::here() {
  const std::lock_guard lock(impl_->mutex);
  std::unique_ptr<OnLoop>& mine = impl_->loops[net::Loop::current()];
  if (mine == nullptr) mine = std::make_unique<OnLoop>();
  return *mine;
}

void ClientPool::close_idle() {
  here().close_idle(impl_->clock.steady() - impl_->options.idle_time);
}

Task<Result<ClientPool::Lease>> ClientPool::acquire(Origin origin) {
  close_idle();
  OnLoop::Connections& connections = here().origins[origin];
  const auto lease = [&](Client client) {
    return Lease(std::make_unique<Leased>(*impl_, connections, std::move(client)));
  };
  const auto fresh = [&] { return Client(origin, impl_->dialer, impl_->options.client); };
  if (connections.waiters.empty()) {
    // The latest first, so that those that are not needed grow old.
    while (!connections.idle.empty()) {
      Client client = std::move(connections.idle.back().client);
      connections.idle.pop_back();
      if (!client.idle()) continue;
      ++connections.taken;
      co_return lease(std::move(client));
    }
    if (connections.taken < impl_->options.max_connections) {
      ++connections.taken;
      co_return lease(fresh());
    }
  }
  OnLoop::Waiter waiter;
  connections.waiters.push_back(&waiter);
  co_await waiter.sleep.wait(impl_->options.wait_timeout);
  if (!waiter.granted) {
    std::erase(connections.waiters, &waiter);
    co_return Error(Errc::kUnavailable,
                    "all " + std::to_string(impl_->options.max_connections) + " connections to " +
                        origin.to_string() + " are in use",
                    std::string(kAllInUse));
  }
  if (waiter.client) co_return lease(std::move(*waiter.client));
  co_return lease(fresh());
}

Task<Result<StreamedResponse>> ClientPool::attempt(const PooledRequest& request, bool& sent) {
  CO_TRY_ASSIGN(Lease lease, co_await acquire(request.origin));
  CO_TRY(co_await lease.client().connect());
  sent = true;
  Client& client = lease.client();
  auto exchange = request.source ? client.upload(request.request, request.source())
                                 : client.exchange(request.request, request.body,
                                                   request.repeatable, request.slow);
  CO_TRY_ASSIGN(StreamedResponse response, co_await std::move(exchange));
  response.body = std::make_unique<LeasedBody>(std::move(lease), std::move(response.body));
  co_return response;
}

Task<Result<StreamedResponse>> ClientPool::send_streamed(const PooledRequest& request) {
  RetryPlan plan(impl_->options.retry, impl_->clock, impl_->random);
  while (true) {
    bool sent = false;
    auto response = co_await attempt(request, sent);
    const auto wait = response.ok()
                          ? impl_->after(plan, request, response->status, response->headers)
                          : impl_->after(plan, request, response.error(), sent);
    if (!wait) co_return response;
    if (response.ok()) {
      // To its end, so that the connection can be used again.
      (void)co_await read_all(*response->body, kMaxFailureText);
      response->body.reset();
    }
    co_await impl_->sleep(*wait);
  }
}

Task<Result<HttpResponse>> ClientPool::send(const PooledRequest& request) {
  RetryPlan plan(impl_->options.retry, impl_->clock, impl_->random);
  while (true) {
    bool sent = false;
    auto response = co_await attempt(request, sent);
    Result<std::string> text = std::string();
    if (response.ok())
      text = co_await read_all(*response->body, impl_->options.client.max_body);
    else
      text = response.error();
    const auto wait = text.ok() ? impl_->after(plan, request, response->status, response->headers)
                                : impl_->after(plan, request, text.error(), sent);
    if (!wait && !text.ok()) co_return std::move(text).error();
    if (!wait) {
      HttpResponse whole;
      whole.status = response->status;
      whole.headers = std::move(response->headers);
      whole.body = std::move(*text);
      co_return std::move(whole);
    }
    if (response.ok()) response->body.reset();
    co_await impl_->sleep(*wait);
  }
}

}  // namespace sallyport::http
