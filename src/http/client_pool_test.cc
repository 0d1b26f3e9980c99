#include "http/client_pool.h"

#include <gtest/gtest.h>

#include <future>

#include "http/test_script.h"
#include "http/test_server.h"

namespace sallyport::http {
namespace {

using net::testing_support::LocalServer;
using net::testing_support::TestAuthority;
using std::chrono::milliseconds;
using testing_support::answer_of;
using testing_support::found_addresses;
using testing_support::get_of;
using testing_support::play_plain;
using testing_support::play_tls;
using testing_support::Script;

// Draws the number it was given.
class GivenRandom final : public Random {
 public:
  explicit GivenRandom(std::uint64_t number) : number_(number) {}
  void fill(MutableBytes out) override {
    ASSERT_EQ(out.size(), 8u);
    store_be64(out.data(), number_);
  }

 private:
  const std::uint64_t number_;
};

Task<void> pass_time(ManualClock& clock, std::vector<std::int64_t>& waits, milliseconds time) {
  waits.push_back(time.count());
  clock.advance(time);
  co_return;
}

// A server that plays a script, and a pool that knows no other.
struct Setup {
  explicit Setup(std::vector<std::string> answers, PoolOptions options = {})
      : script{std::move(answers), {}},
        server([this](int fd) { return play_plain(fd, script); }),
        resolver(
            [this](std::string, std::uint16_t) {
              ++looked_up;
              return found_addresses({server.at()});
            },
            clock, std::chrono::hours(1)),
        dialer(resolver, nullptr) {
    pool.emplace(dialer, clock, random, options,
                 [this](milliseconds time) { return pass_time(clock, waits, time); });
  }
  // What the server's tasks wait for is the end of the pool's connections.
  Task<void> end() {
    pool.reset();
    co_await server.join();
  }
  PooledRequest request(bool repeatable = true, std::string method = "GET") {
    PooledRequest out;
    out.origin = {false, "a.example", 80};
    out.request = get_of("/", std::move(method));
    out.repeatable = repeatable;
    return out;
  }

  ManualClock clock;
  GivenRandom random{50};
  std::vector<std::int64_t> waits;  // ms, between attempts
  int looked_up = 0;
  Script script;
  LocalServer server;
  Resolver resolver;
  Dialer dialer;
  std::optional<ClientPool> pool;
};

// --- Connections ---

Task<void> reuse() {
  Setup s({answer_of(200, "body")});
  const PooledRequest request = s.request();
  for (int i = 0; i < 3; ++i) {
    auto response = co_await s.pool->send(request);
    EXPECT_EQ(response.ok() ? response->body : response.error().message, "body");
  }
  EXPECT_EQ(s.server.accepted(), 1);
  PooledRequest other = s.request();
  other.origin.host = "b.example";
  (void)co_await s.pool->send(other);
  EXPECT_EQ(s.server.accepted(), 2);
  co_await s.end();
}

TEST(ClientPool, KeepsAConnectionForEachOrigin) {
  net::sync_wait(reuse());
}

Task<void> leave_unread() {
  Setup s({answer_of(200, std::string(100'000, 'x'))});
  const PooledRequest request = s.request();
  Bytes piece(1000);
  for (int i = 1; i <= 2; ++i) {
    auto response = co_await s.pool->send_streamed(request);
    EXPECT_TRUE((co_await response->body->read(piece)).ok());
    response->body.reset();
    EXPECT_EQ(s.server.accepted(), i);
  }
  // Read to its end it gives the connection back, though the body still lives.
  auto whole = co_await s.pool->send_streamed(request);
  auto text = co_await read_all(*whole->body, 1 << 20);
  EXPECT_EQ(text->size(), 100'000u);
  (void)co_await s.pool->send(request);
  EXPECT_EQ(s.server.accepted(), 3);
  whole->body.reset();
  co_await s.end();
}

TEST(ClientPool, ClosesAConnectionWhoseResponseWasNotReadToItsEnd) {
  net::sync_wait(leave_unread());
}

Task<void> break_one() {
  Setup s({"SSH-2.0-OpenSSH\r\n\r\n", answer_of(200, "")});
  const PooledRequest request = s.request();
  auto broken = co_await s.pool->send(request);
  EXPECT_EQ(broken.ok() ? Errc::kInternal : broken.error().code, Errc::kCorrupt);
  auto next = co_await s.pool->send(request);
  EXPECT_TRUE(next.ok());
  EXPECT_EQ(s.server.accepted(), 2);
  co_await s.end();
}

TEST(ClientPool, ClosesABrokenConnection) {
  net::sync_wait(break_one());
}

Task<void> grow_old() {
  PoolOptions options;
  options.idle_time = milliseconds(1000);
  Setup s({answer_of(200, "")}, options);
  const PooledRequest request = s.request();
  (void)co_await s.pool->send(request);
  s.clock.advance(milliseconds(1000));
  (void)co_await s.pool->send(request);
  EXPECT_EQ(s.server.accepted(), 1);
  s.clock.advance(milliseconds(1001));
  (void)co_await s.pool->send(request);
  EXPECT_EQ(s.server.accepted(), 2);
  co_await s.end();
}

TEST(ClientPool, DoesNotUseAConnectionThatWasIdleForTooLong) {
  net::sync_wait(grow_old());
}

Task<void> take_turn(Setup& s, int number, std::vector<int>& order) {
  const Origin origin{false, "a.example", 80};
  auto lease = co_await s.pool->acquire(origin);
  EXPECT_TRUE(lease.ok());
  order.push_back(number);
  // The others run meanwhile.
  co_await net::sleep_for(milliseconds(0));
}

Task<void> wait_in_order() {
  PoolOptions options;
  options.max_connections = 2;
  Setup s({answer_of(200, "")}, options);
  const Origin origin{false, "a.example", 80};
  std::vector<int> order;
  net::TaskScope scope;
  {
    auto first = co_await s.pool->acquire(origin);
    auto second = co_await s.pool->acquire(origin);
    EXPECT_TRUE(first.ok() && second.ok());
    for (int i = 1; i <= 5; ++i) scope.spawn(take_turn(s, i, order));
    EXPECT_TRUE(order.empty());
  }
  co_await scope.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4, 5}));
  co_await s.end();
}

TEST(ClientPool, LetsThoseWhoWaitTakeTurnsWhenAllConnectionsAreInUse) {
  net::sync_wait(wait_in_order());
}

Task<void> wait_in_vain() {
  PoolOptions options;
  options.max_connections = 1;
  options.wait_timeout = milliseconds(1);
  Setup s({answer_of(200, "")}, options);
  const PooledRequest request = s.request();
  {
    auto lease = co_await s.pool->acquire(request.origin);
    EXPECT_TRUE(lease.ok());
    auto late = co_await s.pool->send(request);
    EXPECT_FALSE(late.ok());
    EXPECT_EQ(late.error().reason, ClientPool::kAllInUse);
    EXPECT_EQ(s.waits.size(), 0u);
  }
  EXPECT_TRUE((co_await s.pool->send(request)).ok());
  co_await s.end();
}

TEST(ClientPool, SaysWhenNoConnectionCameFree) {
  net::sync_wait(wait_in_vain());
}

// --- Attempts ---

struct Attempted {
  Result<HttpResponse> response = Error(Errc::kInternal, "");
  std::size_t requests = 0;
  std::vector<std::int64_t> waits;
};

Task<Attempted> attempt(std::vector<std::string> answers, bool repeatable, std::string method,
                        PoolOptions options) {
  Setup s(std::move(answers), options);
  const PooledRequest request = s.request(repeatable, method);
  Attempted out;
  out.response = co_await s.pool->send(request);
  out.requests = s.script.requests.size();
  out.waits = s.waits;
  co_await s.end();
  co_return out;
}

Attempted attempted(std::vector<std::string> answers, bool repeatable = true,
                    std::string method = "GET", PoolOptions options = {}) {
  return net::sync_wait(attempt(std::move(answers), repeatable, std::move(method), options));
}

int status_of(const Attempted& a) {
  return a.response.ok() ? a.response->status : 0;
}

TEST(ClientPool, TriesAgainWhatMayPass) {
  for (const int status : {429, 500, 502, 503, 504}) {
    const Attempted a = attempted(
        {answer_of(status, "SlowDown"), answer_of(status, "SlowDown"), answer_of(200, "done")});
    EXPECT_EQ(status_of(a), 200) << status;
    EXPECT_EQ(a.requests, 3u);
    EXPECT_EQ(a.waits, (std::vector<std::int64_t>{50, 50}));
  }
  // A POST too, when the caller says that it may.
  EXPECT_EQ(status_of(attempted({answer_of(503, ""), answer_of(200, "")}, true, "POST")), 200);
}

TEST(ClientPool, TriesAgainAfterACutAnswer) {
  const Attempted a =
      attempted({"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\nhalf", "",
                 answer_of(200, "done")});
  EXPECT_EQ(status_of(a), 200);
  EXPECT_EQ(a.requests, 3u);
}

TEST(ClientPool, GivesTheLastAnswerAfterItsAttempts) {
  PoolOptions options;
  options.retry.attempts = 3;
  const Attempted a =
      attempted({answer_of(500, "first"), answer_of(500, "later")}, true, "GET", options);
  EXPECT_EQ(status_of(a), 500);
  EXPECT_EQ(a.response->body, "later");
  EXPECT_EQ(a.requests, 3u);
}

TEST(ClientPool, DoesNotTryAgainWhatWillNotPass) {
  for (const int status : {301, 400, 403, 404, 409, 412, 501}) {
    const Attempted a = attempted({answer_of(status, ""), answer_of(200, "")});
    EXPECT_EQ(status_of(a), status);
    EXPECT_EQ(a.requests, 1u);
  }
}

TEST(ClientPool, DoesNotRepeatWhatTheCallerForbids) {
  for (const char* method : {"POST", "PUT", "DELETE"}) {
    const Attempted busy = attempted({answer_of(503, ""), answer_of(200, "")}, false, method);
    EXPECT_EQ(status_of(busy), 503);
    EXPECT_EQ(busy.requests, 1u);
    const Attempted cut = attempted({"", answer_of(200, "")}, false, method);
    EXPECT_EQ(cut.response.ok() ? Errc::kInternal : cut.response.error().code, Errc::kClosed);
    EXPECT_EQ(cut.requests, 1u);
  }
}

Task<void> hung_up_while_kept() {
  // The second answer never comes, on a connection that was kept.
  Setup s({answer_of(200, ""), "", answer_of(200, "")});
  const PooledRequest first = s.request();
  (void)co_await s.pool->send(first);
  const PooledRequest forbidden = s.request(false, "PUT");
  auto response = co_await s.pool->send(forbidden);
  EXPECT_EQ(response.ok() ? Errc::kInternal : response.error().code, Errc::kClosed);
  EXPECT_EQ(s.script.requests.size(), 2u);
  co_await s.end();
}

TEST(ClientPool, DoesNotRepeatWhatTheCallerForbidsOnAKeptConnectionEither) {
  net::sync_wait(hung_up_while_kept());
}

TEST(ClientPool, WaitsAsLongAsTheServerAsks) {
  const Attempted a = attempted({answer_of(503, "", "Retry-After: 7\r\n"), answer_of(200, "")});
  EXPECT_EQ(status_of(a), 200);
  EXPECT_EQ(a.waits, (std::vector<std::int64_t>{7000}));
  // Not when that is longer than there is time.
  const Attempted long_one =
      attempted({answer_of(503, "", "Retry-After: 3600\r\n"), answer_of(200, "")});
  EXPECT_EQ(status_of(long_one), 503);
  EXPECT_EQ(long_one.requests, 1u);
}

Task<Result<std::vector<net::Endpoint>>> later_found(int& asked, net::Endpoint at) {
  if (++asked <= 2) co_return Error(Errc::kUnavailable, "the resolver is down");
  co_return std::vector<net::Endpoint>{at};
}

Task<void> connect_at_last() {
  Setup s({answer_of(200, "")});
  int asked = 0;
  Resolver resolver([&](std::string, std::uint16_t) { return later_found(asked, s.server.at()); },
                    s.clock, std::chrono::hours(1));
  const Dialer dialer(resolver, nullptr);
  {
    ClientPool pool(dialer, s.clock, s.random, {},
                    [&s](milliseconds time) { return pass_time(s.clock, s.waits, time); });
    // Nothing can have been done twice: even what must not be repeated is tried again.
    const PooledRequest request = s.request(false, "POST");
    auto response = co_await pool.send(request);
    EXPECT_TRUE(response.ok());
    EXPECT_EQ(s.waits.size(), 2u);
    EXPECT_EQ(s.script.requests.size(), 1u);
  }
  co_await s.end();
}

TEST(ClientPool, TriesAgainToConnect) {
  net::sync_wait(connect_at_last());
}

Task<void> hang_up(int fd) {
  ::close(fd);
  co_return;
}

Task<void> handshake_at_last() {
  const TestAuthority authority;
  const auto context = *net::TlsContext::server(authority.issue());
  Script script{{answer_of(200, "")}, {}};
  int connections = 0;
  LocalServer server(
      [&](int fd) { return ++connections <= 2 ? hang_up(fd) : play_tls(fd, script, context); });
  Setup s({""});
  Resolver resolver([&](std::string, std::uint16_t) { return found_addresses({server.at()}); },
                    s.clock, std::chrono::hours(1));
  const Dialer dialer(resolver, *net::TlsContext::client({authority.file(), ""}));
  {
    ClientPool pool(dialer, s.clock, s.random, {},
                    [&s](milliseconds time) { return pass_time(s.clock, s.waits, time); });
    PooledRequest request = s.request(false, "POST");
    request.origin = {true, "localhost", 443};
    auto response = co_await pool.send(request);
    EXPECT_TRUE(response.ok()) << (response.ok() ? "" : response.error().message);
    EXPECT_EQ(connections, 3);
    EXPECT_EQ(script.requests.size(), 1u);
  }
  co_await server.join();
  co_await s.end();
}

TEST(ClientPool, TriesAgainAfterAHandshakeThatWasCut) {
  net::sync_wait(handshake_at_last());
}

Task<void> not_trusted() {
  const TestAuthority ours, theirs("Another authority");
  const auto context = *net::TlsContext::server(theirs.issue());
  Script script{{answer_of(200, "")}, {}};
  LocalServer server([&](int fd) { return play_tls(fd, script, context); });
  Setup s({""});
  Resolver resolver([&](std::string, std::uint16_t) { return found_addresses({server.at()}); },
                    s.clock, std::chrono::hours(1));
  const Dialer dialer(resolver, *net::TlsContext::client({ours.file(), "http/1.1"}));
  {
    ClientPool pool(dialer, s.clock, s.random);
    PooledRequest request = s.request();
    request.origin = {true, "localhost", 443};
    auto response = co_await pool.send(request);
    EXPECT_EQ(response.ok() ? "" : response.error().reason, net::kTlsUnknownAuthority);
  }
  EXPECT_EQ(server.accepted(), 1);
  co_await server.join();
  co_await s.end();
}

TEST(ClientPool, AsksAServerThatIsNotToBeTrustedOnce) {
  net::sync_wait(not_trusted());
}

// --- Loops ---

Task<void> send_some(ClientPool& pool, const PooledRequest& request) {
  for (int i = 0; i < 20; ++i) {
    auto response = co_await pool.send(request);
    EXPECT_EQ(response.ok() ? response->body : response.error().message, "127.0.0.1\n");
  }
}

TEST(ClientPool, KeepsTheConnectionsOfEachLoopApart) {
  testing_support::TestServer server;
  SystemClock clock;
  SystemRandom random;
  net::LoopGroup loops(3);
  loops.start();
  Resolver resolver(
      [&](std::string, std::uint16_t) { return found_addresses({server.server.local()}); }, clock,
      std::chrono::seconds(30));
  const Dialer dialer(resolver, nullptr);
  ClientPool pool(dialer, clock, random);
  PooledRequest request;
  request.origin = {false, "a.example", 80};
  request.request = get_of("/peer");
  std::vector<std::promise<void>> ended(3);
  for (std::size_t i = 0; i < 3; ++i)
    net::start_on(loops.at(i), send_some(pool, request), [&, i] { ended[i].set_value(); });
  for (auto& one : ended) one.get_future().wait();
  EXPECT_EQ(server.server.stats().connections, 3u);
  loops.stop();
}

}  // namespace
}  // namespace sallyport::http
