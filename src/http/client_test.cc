#include "http/client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "http/test_server.h"
#include "http/url.h"
#include "net/test_tls.h"

namespace sallyport::http {
namespace {

using testing_support::counting_text;
using testing_support::CountingSource;
using testing_support::TestServer;

HttpRequest request_to(std::string method, std::string target) {
  HttpRequest r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.headers.add("Host", "test");
  return r;
}

Task<void> many_requests(net::Endpoint at) {
  Client client(at);
  for (int i = 0; i < 20; ++i) {
    const std::string body(std::size_t(i) * 1000, 'x');
    auto r = co_await client.send(request_to("POST", "/echo?n"), body);
    EXPECT_TRUE(r.ok()) << (r.ok() ? "" : r.error().message);
    if (!r.ok()) co_return;
    EXPECT_EQ(r->status, 200);
    EXPECT_EQ(r->body, body);
    EXPECT_EQ(r->headers.get("x-query"), "n");
  }
  auto none = co_await client.send(request_to("GET", "/none"));
  EXPECT_EQ(none->status, 204);
  auto head = co_await client.send(request_to("HEAD", "/sized"));
  EXPECT_EQ(head->headers.get("Content-Length"), "1048576");
  auto chunked = co_await client.send(request_to("GET", "/chunked"));
  EXPECT_EQ(chunked->body, counting_text(1 << 20));
}

TEST(HttpClient, KeepsOneConnection) {
  TestServer server;
  net::sync_wait(many_requests(server.server.local()));
  EXPECT_EQ(server.server.stats().connections, 1u);
}

Task<void> streams(net::Endpoint at) {
  Client client(at);
  auto r = co_await client.send_streamed(request_to("GET", "/sized"));
  EXPECT_TRUE(r.ok());
  EXPECT_EQ(r->body->length(), std::uint64_t{1 << 20});
  Bytes piece(1000);
  auto n = co_await r->body->read(piece);
  EXPECT_TRUE(n.ok());
  // The rest is left on the wire: the next request takes another connection.
  auto next = co_await client.upload(request_to("PUT", "/echo"),
                                     std::make_unique<CountingSource>(3 << 20, true, false));
  EXPECT_TRUE(next.ok());
  auto text = co_await read_all(*next->body, 8 << 20);
  EXPECT_EQ(*text, counting_text(3 << 20));
  auto unknown = co_await client.upload(request_to("PUT", "/echo"),
                                        std::make_unique<CountingSource>(1, false, false));
  EXPECT_FALSE(unknown.ok());
}

TEST(HttpClient, StreamsBothWays) {
  TestServer server;
  net::sync_wait(streams(server.server.local()));
  EXPECT_EQ(server.server.stats().connections, 2u);
}

Task<void> refusals(net::Endpoint at) {
  ClientOptions options;
  options.max_body = 1000;
  Client client(at, options);
  auto large = co_await client.send(request_to("GET", "/sized"));
  EXPECT_EQ(large.error().code, Errc::kLimitExceeded);
  auto large_chunked = co_await client.send(request_to("GET", "/chunked"));
  EXPECT_EQ(large_chunked.error().code, Errc::kLimitExceeded);
  Client unbounded(at);
  auto broken = co_await unbounded.send(request_to("GET", "/broken"));
  EXPECT_EQ(broken.error().code, Errc::kClosed);
  auto again = co_await unbounded.send(request_to("GET", "/none"));
  EXPECT_TRUE(again.ok());
}

TEST(HttpClient, SaysWhatWentWrong) {
  TestServer server;
  net::sync_wait(refusals(server.server.local()));
}

Task<void> nobody_listens(net::Endpoint at) {
  Client client(at);
  auto r = co_await client.send(request_to("GET", "/"));
  EXPECT_FALSE(r.ok());
  EXPECT_EQ(r.error().code, Errc::kUnavailable);
}

TEST(HttpClient, SaysWhenNobodyListens) {
  net::Endpoint at;
  {
    TestServer server;
    at = server.server.local();
  }
  net::sync_wait(nobody_listens(at));
}

// A server that answers each connection with the next of some prepared bytes, written in Python.
class PreparedServer {
 public:
  explicit PreparedServer(const std::string& answers) {
    const std::string script =
        testing::TempDir() + "sallyport_prepared_server_" + std::to_string(::getpid()) + ".py";
    std::ofstream(script) << R"PY(
import socket, sys
s = socket.create_server(('127.0.0.1', 0))
print(s.getsockname()[1], flush=True)
for answer in )PY" << answers
                          << R"PY(:
    c, _ = s.accept()
    head = b''
    while b'\r\n\r\n' not in head:
        head += c.recv(65536)
    c.sendall(answer)
    c.shutdown(socket.SHUT_WR)
    while c.recv(65536):
        pass
    c.close()
)PY";
    pipe_ = ::popen(("/usr/bin/python3 " + script).c_str(), "r");
    int port = 0;
    if (std::fscanf(pipe_, "%d", &port) != 1) ADD_FAILURE() << "no port";
    endpoint_ = {net::IpAddress::from_v4({127, 0, 0, 1}), std::uint16_t(port)};
  }
  ~PreparedServer() { ::pclose(pipe_); }
  net::Endpoint endpoint() const { return endpoint_; }

 private:
  std::FILE* pipe_ = nullptr;
  net::Endpoint endpoint_;
};

Task<void> odd_answers(net::Endpoint at) {
  Client client(at);
  auto until_close = co_await client.send(request_to("GET", "/"));
  EXPECT_TRUE(until_close.ok());
  EXPECT_EQ(until_close->body, "all of it");
  auto interim = co_await client.send(request_to("GET", "/"));
  EXPECT_TRUE(interim.ok());
  EXPECT_EQ(interim->status, 201);
  EXPECT_EQ(interim->body, "ok");
  // Answered on a connection that was kept and then closed: opened again without a word.
  std::vector<Errc> codes;
  for (int i = 0; i < 4; ++i) {
    auto bad = co_await client.send(request_to("GET", "/"));
    codes.push_back(bad.ok() ? Errc::kInternal : bad.error().code);
  }
  EXPECT_EQ(codes, (std::vector<Errc>{Errc::kCorrupt, Errc::kCorrupt, Errc::kClosed,
                                      Errc::kInvalidArgument}));
}

TEST(HttpClient, ReadsOddAnswersAndRefusesWrongOnes) {
  const PreparedServer server(R"([
    b'HTTP/1.0 200 OK\r\n\r\nall of it',
    b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok',
    b'SSH-2.0-OpenSSH\r\n\r\n',
    b'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
    b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  ])");
  net::sync_wait(odd_answers(server.endpoint()));
}

// --- URLs ---

// A body that never ends and never pauses for long.
Task<void> drip(int fd, std::string head) {
  net::TcpStream stream(*net::Loop::current(), fd);
  const std::string crumb = "1\r\nx\r\n";
  auto sent = co_await stream.write_all(as_bytes(head));
  while (sent.ok()) {
    sent = co_await stream.write_all(as_bytes(crumb));
    co_await net::sleep_for(std::chrono::milliseconds(2));
  }
}

Task<void> read_drips(std::string head) {
  net::testing_support::LocalServer server([&head](int fd) { return drip(fd, head); });
  {
    ClientOptions options;
    options.idle_timeout = std::chrono::milliseconds(100);
    Client client(server.at(), options);
    const auto r = co_await client.send(request_to("GET", "/"));
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.error().code, Errc::kTimeout);
  }
  co_await server.join();
}

TEST(HttpClient, GivesABodyThatComesInCrumbsUp) {
  for (const char* framing : {"Content-Length: 1000000", "Transfer-Encoding: chunked", "X: y"})
    net::sync_wait(read_drips("HTTP/1.1 200 OK\r\n" + std::string(framing) + "\r\n\r\n"));
}

// Blanks for longer than the idle time, then the answer.
Task<void> work_slowly(int fd) {
  net::TcpStream stream(*net::Loop::current(), fd);
  Bytes request(4096);
  const auto asked = co_await stream.read_some(request);
  EXPECT_TRUE(asked.ok());
  const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", blank = " ",
                    end = "done";
  auto sent = co_await stream.write_all(as_bytes(head));
  for (int i = 0; i < 80 && sent.ok(); ++i) {
    co_await net::sleep_for(std::chrono::milliseconds(20));
    sent = co_await stream.write_all(as_bytes(blank));
  }
  if (sent.ok()) sent = co_await stream.write_all(as_bytes(end));
}

Task<void> wait_for_work(bool slow) {
  net::testing_support::LocalServer server([](int fd) { return work_slowly(fd); });
  {
    ClientOptions options;
    options.idle_timeout = std::chrono::milliseconds(1000);
    Client client(server.at(), options);
    const HttpRequest request = request_to("POST", "/");
    auto response = co_await client.exchange(request, {}, false, slow);
    EXPECT_TRUE(response.ok());
    const auto body = co_await read_all(*response->body, 1000);
    EXPECT_EQ(body.ok() ? *body : "none", slow ? std::string(80, ' ') + "done" : "none");
  }
  co_await server.join();
}

TEST(HttpClient, WaitsForAServerThatSaysThatItIsStillAtWorkIfItIsToldTo) {
  net::sync_wait(wait_for_work(true));
  net::sync_wait(wait_for_work(false));
}

// Answers when it has the head, and hangs up upon the rest.
Task<void> answer_early(int fd, std::string answer) {
  net::TcpStream stream(*net::Loop::current(), fd);
  Bytes head(1024);
  const auto asked = co_await stream.read_some(head);
  EXPECT_TRUE(asked.ok());
  const auto sent = co_await stream.write_all(as_bytes(answer));
  EXPECT_TRUE(sent.ok());
}

constexpr std::size_t kMoreThanSockets = 64 << 20;

// The status of the answer to a request that nobody reads, or 0.
Task<int> status_of_early(std::string answer, bool from_source) {
  net::testing_support::LocalServer server([&answer](int fd) { return answer_early(fd, answer); });
  int status = 0;
  {
    Client client(server.at());
    const HttpRequest request = request_to("PUT", "/");
    const Bytes body(from_source ? 0 : kMoreThanSockets);
    const std::array<ByteView, 1> pieces{ByteView(body)};
    auto exchange = from_source ? client.upload(request, std::make_unique<CountingSource>(
                                                             kMoreThanSockets, true, false))
                                : client.exchange(request, pieces, true);
    const auto response = co_await std::move(exchange);
    if (response.ok()) status = response->status;
    if (!response.ok()) EXPECT_EQ(response.error().code, Errc::kClosed);
  }
  co_await server.join();
  co_return status;
}

TEST(HttpClient, TakesARefusalAndNoSuccessOfARequestThatWasNotRead) {
  const std::string refused = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
  const std::string done = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n";
  for (const bool from_source : {false, true}) {
    EXPECT_EQ(net::sync_wait(status_of_early(refused, from_source)), 403);
    EXPECT_EQ(net::sync_wait(status_of_early(done, from_source)), 0);
  }
}

TEST(Url, IsSplit) {
  const auto u = parse_url("HTTP://LocalHost:4566/a/b?c=d#e");
  ASSERT_TRUE(u.ok());
  EXPECT_EQ(u->scheme, "http");
  EXPECT_EQ(u->host, "localhost");
  EXPECT_EQ(u->port, 4566);
  EXPECT_EQ(u->target, "/a/b?c=d");
  EXPECT_EQ(u->authority(), "localhost:4566");
  EXPECT_EQ(parse_url("https://h")->port, 443);
  EXPECT_EQ(parse_url("https://h")->authority(), "h");
  EXPECT_EQ(parse_url("http://h?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://[::1]:81/")->host, "::1");
  EXPECT_EQ(parse_url("http://[::1]:81/")->authority(), "[::1]:81");
}

TEST(Url, RefusesOtherText) {
  for (const char* text :
       {"", "localhost:4566", "http://", "http://:80", "http://h:0", "http://h:x", "http://h:65536",
        "http://u:p@h/", "http://[::1", "http://[x]/", "http://[::1]x", "http://h/a b", "ftp://h/"})
    EXPECT_FALSE(parse_url(text).ok()) << text;
}

Task<void> resolve_some(net::BlockingPool& pool) {
  const auto literal = co_await resolve("192.0.2.1", 80, pool);
  EXPECT_TRUE(literal.ok());
  EXPECT_EQ(literal->front().to_string(), "192.0.2.1:80");
  const auto local = co_await resolve("LOCALHOST", 81, pool);
  EXPECT_TRUE(local.ok());
  EXPECT_EQ(local->front().to_string(), "127.0.0.1:81");
  const auto too_long = co_await resolve(std::string(300, 'a'), 80, pool);
  EXPECT_FALSE(too_long.ok());
}

TEST(Resolve, KnowsAddressesAndLocalhost) {
  net::BlockingPool pool("resolve", 1);
  net::sync_wait(resolve_some(pool));
}

}  // namespace
}  // namespace sallyport::http
