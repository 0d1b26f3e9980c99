#include "http/dialer.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "http/client.h"
#include "http/test_script.h"

namespace sallyport::http {
namespace {

using net::testing_support::LocalServer;
using net::testing_support::ServerName;
using net::testing_support::TestAuthority;
using testing_support::answer_of;
using testing_support::found_addresses;
using testing_support::get_of;
using testing_support::play_plain;
using testing_support::play_tls;
using testing_support::Script;

// --- Names ---

struct CountedLookUp {
  int asked = 0;
  Resolver::LookUp answering(std::vector<net::Endpoint> list) {
    return [this, list](std::string, std::uint16_t) {
      ++asked;
      return found_addresses(list);
    };
  }
};

Task<void> remember_for_a_while() {
  ManualClock clock;
  CountedLookUp look_up;
  Resolver resolver(look_up.answering({*net::Endpoint::parse("192.0.2.1:80")}), clock,
                    std::chrono::seconds(30));
  for (int i = 0; i < 3; ++i) {
    const auto found = co_await resolver.resolve("a.example", 80);
    EXPECT_TRUE(found.ok());
  }
  EXPECT_EQ(look_up.asked, 1);
  (void)co_await resolver.resolve("a.example", 81);
  EXPECT_EQ(look_up.asked, 2);
  clock.advance(std::chrono::seconds(30));
  (void)co_await resolver.resolve("a.example", 80);
  EXPECT_EQ(look_up.asked, 3);
  resolver.forget("a.example", 80);
  (void)co_await resolver.resolve("a.example", 80);
  EXPECT_EQ(look_up.asked, 4);
}

TEST(Resolver, RemembersAddressesForAWhileOrUntilTheyFail) {
  net::sync_wait(remember_for_a_while());
}

Task<Result<std::vector<net::Endpoint>>> unknown_host(int& asked) {
  ++asked;
  co_return Error(Errc::kNotFound, "no address");
}

Task<void> ask_twice_in_vain() {
  ManualClock clock;
  int asked = 0;
  Resolver resolver([&asked](std::string, std::uint16_t) { return unknown_host(asked); }, clock,
                    std::chrono::seconds(30));
  for (int i = 1; i <= 2; ++i) {
    const auto found = co_await resolver.resolve("a.example", 80);
    EXPECT_EQ(found.error().code, Errc::kNotFound);
    EXPECT_EQ(asked, i);
  }
}

TEST(Resolver, RemembersNoFailure) {
  net::sync_wait(ask_twice_in_vain());
}

TEST(Origin, IsWrittenAsAUrl) {
  EXPECT_EQ(Origin::of(*parse_url("https://S3.example/x")).to_string(), "https://s3.example:443");
  EXPECT_EQ(Origin::of(*parse_url("http://[::1]:81/")).to_string(), "http://[::1]:81");
}

// --- Addresses ---

// A port of this machine where nobody listens.
net::Endpoint closed_port() {
  auto opened = net::TcpListener::open(*net::Loop::current(), *net::Endpoint::parse("127.0.0.1:0"),
                                       [](auto) {});
  return (*opened)->local();
}

Task<void> second_address_serves() {
  Script script{{answer_of(200, "here")}, {}};
  LocalServer server([&script](int fd) { return play_plain(fd, script); });
  ManualClock clock;
  CountedLookUp look_up;
  {
    Resolver resolver(look_up.answering({closed_port(), server.at()}), clock,
                      std::chrono::seconds(30));
    const Dialer dialer(resolver, nullptr);
    Client client({false, "a.example", 80}, dialer);
    auto response = co_await client.send(get_of("/"));
    EXPECT_TRUE(response.ok()) << (response.ok() ? "" : response.error().message);
    EXPECT_EQ(response.ok() ? response->body : "", "here");
  }
  co_await server.join();
}

TEST(Dialer, TriesTheNextAddressWhenOneRefuses) {
  net::sync_wait(second_address_serves());
}

Task<void> no_address_serves() {
  ManualClock clock;
  CountedLookUp look_up;
  Resolver resolver(look_up.answering({closed_port(), closed_port()}), clock,
                    std::chrono::seconds(30));
  const Dialer dialer(resolver, nullptr);
  for (int i = 1; i <= 2; ++i) {
    const auto stream = co_await dialer.dial({false, "a.example", 80}, {});
    EXPECT_EQ(stream.ok() ? Errc::kInternal : stream.error().code, Errc::kUnavailable);
    // Addresses that do not serve are not remembered.
    EXPECT_EQ(look_up.asked, i);
  }
  const auto tls = co_await dialer.dial({true, "a.example", 443}, {});
  EXPECT_EQ(tls.ok() ? Errc::kInternal : tls.error().code, Errc::kUnsupported);
}

TEST(Dialer, SaysWhenNoAddressServes) {
  net::sync_wait(no_address_serves());
}

// --- TLS ---

struct TlsPair {
  TestAuthority authority;
  ManualClock clock;
  std::shared_ptr<net::TlsContext> client =
      *net::TlsContext::client({authority.file(), "http/1.1"});

  std::shared_ptr<net::TlsContext> server(const ServerName& name = {}) {
    net::TlsServerOptions options = authority.issue(name);
    options.alpn = "http/1.1";
    return *net::TlsContext::server(options);
  }
  Resolver::LookUp look_up(net::Endpoint at) {
    return [at](std::string, std::uint16_t) { return found_addresses({at}); };
  }
};

Task<void> https_requests() {
  TlsPair pair;
  Script script{{answer_of(200, std::string(100'000, 'x')), answer_of(404, "no"), "",
                 answer_of(200, "again"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end"},
                {}};
  const auto context = pair.server();
  LocalServer server([&script, context](int fd) { return play_tls(fd, script, context); });
  {
    Resolver resolver(pair.look_up(server.at()), pair.clock, std::chrono::seconds(30));
    const Dialer dialer(resolver, pair.client);
    Client client({true, "localhost", 443}, dialer);
    auto large = co_await client.send(get_of("/a"));
    EXPECT_TRUE(large.ok()) << (large.ok() ? "" : large.error().message);
    if (!large.ok()) co_return;
    EXPECT_EQ(large->body, std::string(100'000, 'x'));
    auto small = co_await client.send(get_of("/b"));
    EXPECT_EQ(small->status, 404);
    EXPECT_EQ(server.accepted(), 1);
    // The server hangs up instead of answering: asked again on a new connection.
    auto again = co_await client.send(get_of("/c"));
    EXPECT_EQ(again->body, "again");
    EXPECT_EQ(server.accepted(), 2);
    auto whole = co_await client.send(get_of("/d"));
    EXPECT_TRUE(whole.ok());
    EXPECT_EQ(whole.ok() ? whole->body : "", "to the end");
  }
  co_await server.join();
}

TEST(HttpsClient, KeepsAConnectionAndComesBackAfterItsEnd) {
  net::sync_wait(https_requests());
}

// Answers over TLS, then ends the connection below TLS.
Task<void> answer_and_cut(int fd, std::shared_ptr<net::TlsContext> context, std::string answer) {
  const UniqueFd below(::dup(fd));
  net::TcpStream tcp(*net::Loop::current(), fd);
  auto stream = co_await net::TlsStream::start(std::move(tcp), std::move(context), "",
                                               std::chrono::seconds(10));
  if (!stream.ok()) co_return;
  Bytes buffer(4096);
  (void)co_await stream->read_some(buffer);
  const std::array<ByteView, 1> out{as_bytes(answer)};
  (void)co_await stream->write_all(out);
  ::shutdown(below.get(), SHUT_WR);
  (void)co_await stream->read_some(buffer);
}

Task<Result<HttpResponse>> ask_one_that_cuts(std::string answer) {
  TlsPair pair;
  const auto context = pair.server();
  LocalServer server([&](int fd) { return answer_and_cut(fd, context, answer); });
  Resolver resolver(pair.look_up(server.at()), pair.clock, std::chrono::seconds(30));
  const Dialer dialer(resolver, pair.client);
  Result<HttpResponse> response = Error(Errc::kInternal, "");
  {
    Client client({true, "localhost", 443}, dialer);
    response = co_await client.send(get_of("/"));
  }
  co_await server.join();
  co_return response;
}

TEST(HttpsClient, TakesACutBodyForNoWholeOne) {
  for (const char* answer :
       {"HTTP/1.1 200 OK\r\n\r\nno length", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"}) {
    const auto response = net::sync_wait(ask_one_that_cuts(answer));
    EXPECT_EQ(response.ok() ? Errc::kInternal : response.error().code, Errc::kClosed) << answer;
  }
}

Task<Error> ask_untrusted(ServerName shown) {
  TlsPair pair;
  Script script{{answer_of(200, "")}, {}};
  const auto context = pair.server(shown);
  LocalServer server([&](int fd) { return play_tls(fd, script, context); });
  Resolver resolver(pair.look_up(server.at()), pair.clock, std::chrono::seconds(30));
  const Dialer dialer(resolver, pair.client);
  Client client({true, "localhost", 443}, dialer);
  const auto response = co_await client.send(get_of("/"));
  co_await server.join();
  EXPECT_EQ(script.requests.size(), 0u);
  co_return response.ok() ? Error(Errc::kInternal, "trusted") : response.error();
}

TEST(HttpsClient, SendsNothingToAServerThatIsNotToBeTrusted) {
  ServerName shown;
  shown.alternative_names = "DNS:other.example";
  const Error error = net::sync_wait(ask_untrusted(shown));
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_EQ(error.reason, net::kTlsWrongName);
}

}  // namespace
}  // namespace sallyport::http
