#include "net/tcp.h"

#include <gtest/gtest.h>

namespace sallyport::net {
namespace {

// A listener on a free loopback port that keeps what it accepted.
struct Pair {
  std::vector<TcpStream> accepted;
  std::unique_ptr<TcpListener> listener;

  Result<void> open() {
    Loop* const loop = Loop::current();
    TRY_ASSIGN(listener, TcpListener::open(*loop, *Endpoint::parse("127.0.0.1:0"), [this, loop](auto a) {
                 accepted.emplace_back(*loop, a.fd);
               }));
    return ok();
  }
  Task<Result<TcpStream>> connect() {
    CO_TRY_ASSIGN(TcpStream client,
                  co_await TcpStream::connect(listener->local(), std::chrono::seconds(5)));
    while (accepted.empty()) co_await sleep_for(std::chrono::milliseconds(1));
    co_return std::move(client);
  }
};

Task<void> echo_all(TcpStream& stream, std::size_t& total) {
  Bytes buffer(65536);
  for (;;) {
    auto n = co_await stream.read_some(buffer);
    if (!n.ok() || *n == 0) break;
    total += *n;
    if (!(co_await stream.write_all(ByteView(buffer).first(*n))).ok()) break;
  }
  stream.shutdown_send();
}

Task<void> send_all(TcpStream& stream, const Bytes& data) {
  EXPECT_TRUE((co_await stream.write_all(data)).ok());
  stream.shutdown_send();
}

Task<Bytes> receive_all(TcpStream& stream) {
  Bytes all, buffer(10000);
  for (;;) {
    auto n = co_await stream.read_some(buffer);
    if (!n.ok() || *n == 0) co_return all;
    all.insert(all.end(), buffer.begin(), buffer.begin() + std::ptrdiff_t(*n));
  }
}

Task<bool> round_trip() {
  Pair pair;
  EXPECT_TRUE(pair.open().ok());
  auto client = co_await pair.connect();
  if (!client.ok()) co_return false;
  Bytes data(3 << 20);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = std::uint8_t(i * 31 >> 3);
  std::size_t echoed = 0;
  TaskScope scope;
  scope.spawn(echo_all(pair.accepted[0], echoed));
  scope.spawn(send_all(*client, data));
  const Bytes back = co_await receive_all(*client);
  co_await scope.join();
  co_return back == data && echoed == data.size();
}

TEST(TcpStream, CarriesMoreThanTheSocketBuffersHold) { EXPECT_TRUE(sync_wait(round_trip())); }

Task<Errc> read_with_deadline() {
  Pair pair;
  EXPECT_TRUE(pair.open().ok());
  auto client = co_await pair.connect();
  client->set_deadline(std::chrono::steady_clock::now() + std::chrono::hours(1));
  client->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  Bytes buffer(10);
  auto n = co_await client->read_some(buffer);
  co_return n.ok() ? Errc::kInternal : n.error().code;
}

TEST(TcpStream, FailsAWaitingReadAtItsDeadline) {
  EXPECT_EQ(sync_wait(read_with_deadline()), Errc::kTimeout);
}

Task<void> cancel_soon(std::function<void()> cancel) {
  co_await sleep_for(std::chrono::milliseconds(5));
  cancel();
}

Task<Errc> read_cancelled() {
  Pair pair;
  EXPECT_TRUE(pair.open().ok());
  auto client = co_await pair.connect();
  TaskScope scope;
  scope.spawn(cancel_soon(client->canceller()));
  Bytes buffer(10);
  auto n = co_await client->read_some(buffer);
  co_await scope.join();
  const auto cancel_late = client->canceller();
  client->close();
  cancel_late();
  co_return n.ok() ? Errc::kInternal : n.error().code;
}

TEST(TcpStream, CancelWakesAReader) { EXPECT_EQ(sync_wait(read_cancelled()), Errc::kCancelled); }

Task<Errc> connect_refused() {
  Endpoint gone;
  {
    Pair pair;
    EXPECT_TRUE(pair.open().ok());
    gone = pair.listener->local();
  }
  auto client = co_await TcpStream::connect(gone, std::chrono::seconds(5));
  co_return client.ok() ? Errc::kInternal : client.error().code;
}

TEST(TcpStream, ConnectFailsWhereNobodyListens) { EXPECT_EQ(sync_wait(connect_refused()), Errc::kIo); }

Task<Errc> bind_twice() {
  Pair first, second;
  EXPECT_TRUE(first.open().ok());
  auto again = TcpListener::open(*Loop::current(), first.listener->local(), [](auto) {});
  co_return again.ok() ? Errc::kInternal : again.error().code;
}

TEST(TcpListener, RefusesAPortInUse) { EXPECT_EQ(sync_wait(bind_twice()), Errc::kUnavailable); }

AllowList networks(std::initializer_list<const char*> texts) {
  std::vector<Cidr> out;
  for (const char* text : texts) out.push_back(*Cidr::parse(text));
  return AllowList(std::move(out));
}

Task<Errc> connect_with(AllowList allowed, const char* listen_at) {
  auto listener = TcpListener::open(*Loop::current(), *Endpoint::parse(listen_at), [](auto a) { ::close(a.fd); });
  EXPECT_TRUE(listener.ok());
  EXPECT_TRUE((*listener)->set_allowed(allowed).ok());
  auto client = co_await TcpStream::connect((*listener)->local(), std::chrono::milliseconds(300));
  co_return client.ok() ? Errc::kInternal : client.error().code;
}

TEST(TcpListener, DropsConnectionRequestsOfSourcesThatAreNotAllowed) {
  EXPECT_EQ(sync_wait(connect_with(networks({"10.0.0.0/8", "127.0.0.2"}), "127.0.0.1:0")), Errc::kTimeout);
  EXPECT_EQ(sync_wait(connect_with(networks({"10.0.0.0/8", "2001:db8::/32"}), "[::1]:0")), Errc::kTimeout);
}

TEST(TcpListener, LetsAllowedSourcesInAndEveryoneWithAnEmptyList) {
  EXPECT_EQ(sync_wait(connect_with(networks({"10.0.0.0/8", "127.0.0.0/9"}), "127.0.0.1:0")), Errc::kInternal);
  EXPECT_EQ(sync_wait(connect_with(networks({"2001:db8::/32", "::1"}), "[::1]:0")), Errc::kInternal);
  EXPECT_EQ(sync_wait(connect_with(AllowList(), "127.0.0.1:0")), Errc::kInternal);
}

TEST(TcpListener, RefusesAnAllowListLargerThanAFilter) {
  std::vector<Cidr> many(2000, *Cidr::parse("10.0.0.0/8"));
  const auto refused = [](AllowList list) -> Task<bool> {
    auto listener = TcpListener::open(*Loop::current(), *Endpoint::parse("127.0.0.1:0"), [](auto) {});
    co_return !(*listener)->set_allowed(list).ok();
  };
  EXPECT_TRUE(sync_wait(refused(AllowList(std::move(many)))));
}

}  // namespace
}  // namespace sallyport::net
