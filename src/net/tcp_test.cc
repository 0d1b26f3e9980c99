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

}  // namespace
}  // namespace sallyport::net
