#include "net/tls.h"

#include <gtest/gtest.h>

#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <functional>

#include "base/unique_fd.h"
#include "net/test_tls.h"

namespace sallyport::net {
namespace {

using testing_support::LocalServer;
using testing_support::ServerName;
using testing_support::TemporaryFile;
using testing_support::TestAuthority;
using Serve = LocalServer::Serve;

constexpr std::chrono::milliseconds kPatience{10'000};

std::shared_ptr<TlsContext> client_context(const std::string& ca_file, std::string alpn = "") {
  auto made = TlsContext::client({ca_file, std::move(alpn)});
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return *made;
}

Task<Result<TlsStream>> dial(Endpoint at, std::shared_ptr<TlsContext> context, std::string name,
                             std::chrono::milliseconds timeout = kPatience) {
  auto tcp = co_await TcpStream::connect(at, kPatience);
  EXPECT_TRUE(tcp.ok());
  auto stream =
      co_await TlsStream::start(std::move(*tcp), std::move(context), std::move(name), timeout);
  co_return stream;
}

// Sends back what it gets, until the end.
Task<void> echo(int fd, std::shared_ptr<TlsContext> context) {
  TcpStream tcp(*Loop::current(), fd);
  auto stream = co_await TlsStream::start(std::move(tcp), std::move(context), "", kPatience);
  if (!stream.ok()) co_return;
  Bytes buffer(50'000);
  while (true) {
    auto n = co_await stream->read_some(buffer);
    if (!n.ok() || *n == 0) break;
    const std::array<ByteView, 1> back{ByteView(buffer).first(*n)};
    if (!(co_await stream->write_all(back)).ok()) break;
  }
  stream->shutdown_send();
}

Serve echo_server(const TlsServerOptions& options) {
  auto context = TlsContext::server(options);
  EXPECT_TRUE(context.ok()) << (context.ok() ? "" : context.error().message);
  return [context = *context](int fd) { return echo(fd, context); };
}

Task<void> send_and_end(TlsStream& stream, const Bytes& data) {
  const std::size_t third = data.size() / 3;
  const std::array<ByteView, 3> pieces{ByteView(data).first(third), ByteView(),
                                       ByteView(data).subspan(third)};
  EXPECT_TRUE((co_await stream.write_all(pieces)).ok());
  stream.shutdown_send();
}

Task<Result<Bytes>> receive_all(TlsStream& stream) {
  Bytes all, buffer(100'000);
  while (true) {
    CO_TRY_ASSIGN(const std::size_t n, co_await stream.read_some(buffer));
    if (n == 0) co_return all;
    all.insert(all.end(), buffer.begin(), buffer.begin() + std::ptrdiff_t(n));
  }
}

Task<void> carry_both_ways(const TestAuthority& authority, std::string name) {
  TlsServerOptions options = authority.issue();
  options.alpn = "http/1.1";
  LocalServer server(echo_server(options));
  {
    auto client = co_await dial(server.at(), client_context(authority.file(), "http/1.1"), name);
    EXPECT_TRUE(client.ok()) << (client.ok() ? "" : client.error().message);
    if (!client.ok()) co_return;
    EXPECT_EQ(client->version(), "TLSv1.3");
    EXPECT_EQ(client->alpn(), "http/1.1");
    EXPECT_FALSE(client->resumed());
    Bytes data(3 << 20);
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = std::uint8_t(i * 31 >> 3);
    TaskScope scope;
    scope.spawn(send_and_end(*client, data));
    auto back = co_await receive_all(*client);
    co_await scope.join();
    EXPECT_TRUE(back.ok()) << (back.ok() ? "" : back.error().message);
    EXPECT_TRUE(back.ok() && *back == data);
  }
  co_await server.join();
}

TEST(TlsStream, CarriesMoreThanItsBuffersBothWaysAtOnce) {
  const TestAuthority authority;
  sync_wait(carry_both_ways(authority, "localhost"));
}

TEST(TlsStream, ChecksAnAddressWhereTheServerIsNamedByOne) {
  const TestAuthority authority;
  sync_wait(carry_both_ways(authority, "127.0.0.1"));
}

// The handshake's error.
Task<Error> refused(Serve serve, std::shared_ptr<TlsContext> context, std::string name) {
  LocalServer server(std::move(serve));
  Error error(Errc::kInternal, "the server was trusted");
  {
    auto client = co_await dial(server.at(), std::move(context), std::move(name));
    if (!client.ok()) error = std::move(client).error();
  }
  co_await server.join();
  co_return error;
}

Error refused_name(const TestAuthority& authority, const ServerName& shown,
                   const std::string& asked) {
  return sync_wait(
      refused(echo_server(authority.issue(shown)), client_context(authority.file()), asked));
}

TEST(TlsStream, RefusesAnExpiredCertificate) {
  const TestAuthority authority;
  ServerName shown;
  shown.begins = std::chrono::hours(-48);
  shown.ends = std::chrono::hours(-24);
  const Error error = refused_name(authority, shown, "localhost");
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_EQ(error.reason, kTlsExpired);
  EXPECT_NE(error.message.find(
                "the certificate of localhost is refused: \"CN=a test server\" expired on 20"),
            std::string::npos)
      << error.message;
}

TEST(TlsStream, RefusesACertificateOfTheFuture) {
  const TestAuthority authority;
  ServerName shown;
  shown.begins = std::chrono::hours(12);
  EXPECT_EQ(refused_name(authority, shown, "localhost").reason, kTlsNotYetValid);
}

TEST(TlsStream, RefusesACertificateForAnotherName) {
  const TestAuthority authority;
  ServerName shown;
  shown.alternative_names = "DNS:other.example,DNS:*.some.example";
  const Error error = refused_name(authority, shown, "localhost");
  EXPECT_EQ(error.reason, kTlsWrongName);
  EXPECT_NE(error.message.find("for another host: DNS:other.example, DNS:*.some.example"),
            std::string::npos)
      << error.message;
  EXPECT_EQ(refused_name(authority, shown, "127.0.0.1").reason, kTlsWrongName);
  EXPECT_EQ(refused_name(authority, shown, "a.b.some.example").reason, kTlsWrongName);
  // The common name alone names nobody.
  shown.alternative_names = "";
  EXPECT_EQ(refused_name(authority, shown, "a test server").reason, kTlsWrongName);
}

TEST(TlsStream, TakesAWildcardForOneLabel) {
  const TestAuthority authority;
  ServerName shown;
  shown.alternative_names = "DNS:*.some.example";
  EXPECT_EQ(refused_name(authority, shown, "bucket.some.example").code, Errc::kInternal);
}

TEST(TlsStream, TrustsTheGivenAuthoritiesOnly) {
  const TestAuthority authority, other("Another authority");
  const auto serve = echo_server(authority.issue());
  const Error error = sync_wait(refused(serve, client_context(other.file()), "localhost"));
  EXPECT_EQ(error.reason, kTlsUnknownAuthority);
  EXPECT_NE(error.message.find("was issued by \"CN=Test authority\""), std::string::npos)
      << error.message;
  // The system's authorities know no test's.
  EXPECT_EQ(sync_wait(refused(serve, client_context(""), "localhost")).reason,
            kTlsUnknownAuthority);
}

TEST(TlsStream, TrustsTheSystemsAuthoritiesWhenNoneAreGiven) {
  const TestAuthority authority;
  // What OpenSSL takes for the system's authorities.
  ::setenv("SSL_CERT_FILE", authority.file().c_str(), 1);
  const auto context = client_context("");
  ::unsetenv("SSL_CERT_FILE");
  const auto serve = echo_server(authority.issue());
  EXPECT_EQ(sync_wait(refused(serve, context, "localhost")).code, Errc::kInternal);
}

TEST(TlsStream, RefusesASelfSignedCertificateUnlessItIsTheTrustedOne) {
  const TestAuthority authority;
  ServerName shown;
  shown.self_signed = true;
  const TlsServerOptions own = authority.issue(shown);
  EXPECT_EQ(
      sync_wait(refused(echo_server(own), client_context(authority.file()), "localhost")).reason,
      kTlsSelfSigned);
  const TemporaryFile trusted(own.certificates);
  EXPECT_EQ(sync_wait(refused(echo_server(own), client_context(trusted.path()), "localhost")).code,
            Errc::kInternal);
}

TEST(TlsContext, RefusesFilesThatNameNoAuthority) {
  const TemporaryFile empty(""),
      damaged("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  for (const std::string& file : {empty.path(), damaged.path(), std::string("/nowhere/ca.pem")}) {
    const auto made = TlsContext::client({file, ""});
    ASSERT_FALSE(made.ok());
    EXPECT_EQ(made.error().code, Errc::kInvalidArgument);
    EXPECT_NE(made.error().message.find(file), std::string::npos) << made.error().message;
  }
}

TEST(TlsContext, RefusesAServerWithoutItsOwnKey) {
  const TestAuthority authority;
  TlsServerOptions mixed = authority.issue();
  mixed.private_key = authority.issue().private_key;
  EXPECT_FALSE(TlsContext::server(mixed).ok());
  mixed.private_key = SecretString("no key");
  EXPECT_FALSE(TlsContext::server(mixed).ok());
  EXPECT_FALSE(TlsContext::server({}).ok());
}

// --- Servers that do not get as far as TLS ---

Task<void> hang_up_after_hello(int fd) {
  TcpStream tcp(*Loop::current(), fd);
  Bytes buffer(1000);
  (void)co_await tcp.read_some(buffer);
  // What is unread would make the end a reset.
  while (tcp.try_read(buffer)) {
  }
}

Task<void> answer_in_http(int fd) {
  TcpStream tcp(*Loop::current(), fd);
  Bytes buffer(4000);
  (void)co_await tcp.read_some(buffer);
  (void)co_await tcp.write_all(as_bytes("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  tcp.shutdown_send();
  (void)co_await tcp.read_some(buffer);
}

Task<void> answer_nothing(int fd) {
  TcpStream tcp(*Loop::current(), fd);
  Bytes buffer(4000);
  while (true) {
    auto n = co_await tcp.read_some(buffer);
    if (!n.ok() || *n == 0) co_return;
  }
}

TEST(TlsStream, SaysThatTheServerHungUpDuringTheHandshake) {
  const TestAuthority authority;
  const Error error =
      sync_wait(refused(hang_up_after_hello, client_context(authority.file()), "localhost"));
  EXPECT_EQ(error.code, Errc::kClosed) << error.message;
}

TEST(TlsStream, SaysThatTheServerDoesNotSpeakTls) {
  const TestAuthority authority;
  const Error error =
      sync_wait(refused(answer_in_http, client_context(authority.file()), "localhost"));
  EXPECT_EQ(error.reason, kTlsNotSpoken) << error.message;
}

Task<Errc> handshake_without_answer(std::shared_ptr<TlsContext> context) {
  LocalServer server(answer_nothing);
  Errc code = Errc::kInternal;
  {
    auto client =
        co_await dial(server.at(), std::move(context), "localhost", std::chrono::milliseconds(20));
    if (!client.ok()) code = client.error().code;
  }
  co_await server.join();
  co_return code;
}

TEST(TlsStream, GivesTheHandshakeUpAtItsTimeout) {
  const TestAuthority authority;
  EXPECT_EQ(sync_wait(handshake_without_answer(client_context(authority.file()))), Errc::kTimeout);
}

// --- OpenSSL's own server ---

class OpensslServer {
 public:
  OpensslServer(const TestAuthority& authority, const std::string& arguments)
      : options_(authority.issue()),
        certificate_(options_.certificates),
        key_(std::string(options_.private_key.reveal())) {
    // -www: it reads nothing of its own input, at whose end it would end.
    const std::string command = "openssl s_server -www -accept 127.0.0.1:0 -cert " +
                                certificate_.path() + " -key " + key_.path() + " " + arguments +
                                " 2>/dev/null & echo $!; wait";
    pipe_ = ::popen(command.c_str(), "r");
    std::array<char, 256> line;
    if (std::fscanf(pipe_, "%d\n", &pid_) != 1) ADD_FAILURE() << "no process";
    while (std::fgets(line.data(), int(line.size()), pipe_) != nullptr) {
      const std::string_view text(line.data());
      if (!text.starts_with("ACCEPT ")) continue;
      at_ = *Endpoint::parse(text.substr(7, text.find('\n') - 7));
      return;
    }
    ADD_FAILURE() << "openssl s_server does not start";
  }
  ~OpensslServer() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    ::pclose(pipe_);
  }
  Endpoint at() const { return at_; }

 private:
  TlsServerOptions options_;
  TemporaryFile certificate_, key_;
  std::FILE* pipe_ = nullptr;
  int pid_ = 0;
  Endpoint at_;
};

Task<Result<std::string>> get_page(Endpoint at, std::shared_ptr<TlsContext> context,
                                   std::string& version, bool& resumed) {
  CO_TRY_ASSIGN(TlsStream stream, co_await dial(at, std::move(context), "localhost"));
  version = stream.version();
  resumed = stream.resumed();
  const std::array<ByteView, 1> request{as_bytes("GET / HTTP/1.0\r\n\r\n")};
  CO_TRY(co_await stream.write_all(request));
  CO_TRY_ASSIGN(const Bytes page, co_await receive_all(stream));
  co_return std::string(as_text(page));
}

void talk_to_openssl(const std::string& arguments, const std::string& expected_version) {
  const TestAuthority authority;
  const OpensslServer server(authority, arguments);
  const auto context = client_context(authority.file(), "http/1.1");
  for (const bool again : {false, true}) {
    std::string version;
    bool resumed = false;
    const auto page = sync_wait(get_page(server.at(), context, version, resumed));
    ASSERT_TRUE(page.ok()) << page.error().message;
    EXPECT_TRUE(page->starts_with("HTTP/1.0 200 ok")) << *page;
    EXPECT_EQ(version, expected_version);
    EXPECT_EQ(resumed, again);
  }
}

TEST(TlsStream, TalksTls13ToOpensslAndResumes) {
  talk_to_openssl("-tls1_3", "TLSv1.3");
}
TEST(TlsStream, TalksTls12ToOpensslAndResumes) {
  talk_to_openssl("-tls1_2", "TLSv1.2");
}
TEST(TlsStream, TalksTls12WithSessionIdsToOpensslAndResumes) {
  talk_to_openssl("-tls1_2 -no_ticket", "TLSv1.2");
}

Task<Result<Bytes>> only_receive(Endpoint at, std::shared_ptr<TlsContext> context) {
  CO_TRY_ASSIGN(TlsStream stream, co_await dial(at, std::move(context), "localhost"));
  co_return co_await receive_all(stream);
}

TEST(TlsStream, SaysWhyTheServerEndedTheConnection) {
  const TestAuthority authority;
  const OpensslServer server(authority, "-tls1_3 -Verify 1");
  const auto nothing = sync_wait(only_receive(server.at(), client_context(authority.file())));
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().code, Errc::kClosed);
  EXPECT_NE(nothing.error().message.find("certificate required"), std::string::npos)
      << nothing.error().message;
}

TEST(TlsStream, RefusesAServerOfTls11) {
  const TestAuthority authority;
  const OpensslServer server(authority, "-tls1_1 -cipher ALL@SECLEVEL=0");
  std::string version;
  bool resumed = false;
  const auto page =
      sync_wait(get_page(server.at(), client_context(authority.file()), version, resumed));
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().reason, kTlsVersion) << page.error().message;
}

// --- Ends ---

// Sends some, then ends the connection below TLS, or breaks it there with bytes that are no record.
Task<void> send_then_break(int fd, std::shared_ptr<TlsContext> context, std::string garbage) {
  const UniqueFd below(::dup(fd));
  TcpStream tcp(*Loop::current(), fd);
  auto stream = co_await TlsStream::start(std::move(tcp), std::move(context), "", kPatience);
  if (!stream.ok()) co_return;
  const std::array<ByteView, 1> half{as_bytes("half of it")};
  (void)co_await stream->write_all(half);
  if (!garbage.empty()) (void)!::write(below.get(), garbage.data(), garbage.size());
  ::shutdown(below.get(), SHUT_WR);
  Bytes rest(1000);
  while (true) {
    auto n = co_await stream->read_some(rest);
    if (!n.ok() || *n == 0) break;
  }
}

Task<Errc> receive_from(LocalServer& server, std::shared_ptr<TlsContext> context,
                        std::string& got) {
  auto client = co_await dial(server.at(), std::move(context), "localhost");
  EXPECT_TRUE(client.ok());
  Bytes buffer(1000);
  while (true) {
    auto n = co_await client->read_some(buffer);
    if (!n.ok()) co_return n.error().code;
    if (*n == 0) co_return Errc::kInternal;
    got += as_text(ByteView(buffer).first(*n));
  }
}

Task<Errc> receive_broken(const TestAuthority& authority, std::string garbage, std::string& got) {
  auto context = *TlsContext::server(authority.issue());
  LocalServer server([context, garbage](int fd) { return send_then_break(fd, context, garbage); });
  const Errc code = co_await receive_from(server, client_context(authority.file()), got);
  co_await server.join();
  co_return code;
}

TEST(TlsStream, TakesACutForNoEnd) {
  const TestAuthority authority;
  std::string got;
  EXPECT_EQ(sync_wait(receive_broken(authority, "", got)), Errc::kClosed);
  EXPECT_EQ(got, "half of it");
}

TEST(TlsStream, RefusesRecordsThatTheServerDidNotMake) {
  const TestAuthority authority;
  std::string got;
  const std::string forged(
      "\x17\x03\x03\x00\x20"
      "0123456789abcdef0123456789abcdef",
      37);
  EXPECT_EQ(sync_wait(receive_broken(authority, forged, got)), Errc::kCorrupt);
  EXPECT_EQ(got, "half of it");
}

Task<void> cancel_from_the_loop(std::function<void()> cancel) {
  cancel();
  co_return;
}

Task<void> wait_in_vain(const TestAuthority& authority) {
  LocalServer server(echo_server(authority.issue()));
  {
    auto client = co_await dial(server.at(), client_context(authority.file()), "localhost");
    EXPECT_TRUE(client.ok());
    Bytes buffer(100);
    EXPECT_FALSE(client->try_read(buffer).has_value());
    client->set_deadline(std::chrono::steady_clock::now() + std::chrono::milliseconds(10));
    auto late = co_await client->read_some(buffer);
    EXPECT_EQ(late.ok() ? Errc::kInternal : late.error().code, Errc::kTimeout);
    // A new deadline is a new chance.
    client->set_deadline(std::chrono::steady_clock::now() + kPatience);
    const std::array<ByteView, 1> word{as_bytes("word")};
    EXPECT_TRUE((co_await client->write_all(word)).ok());
    auto back = co_await client->read_some(buffer);
    EXPECT_TRUE(back.ok());
    EXPECT_EQ(back.ok() ? *back : 0, 4u);
    TaskScope scope;
    scope.spawn(cancel_from_the_loop(client->canceller()));
    auto cancelled = co_await client->read_some(buffer);
    EXPECT_EQ(cancelled.ok() ? Errc::kInternal : cancelled.error().code, Errc::kCancelled);
    co_await scope.join();
  }
  co_await server.join();
}

TEST(TlsStream, EndsAWaitingReadAtItsDeadlineAndWhenCancelled) {
  const TestAuthority authority;
  sync_wait(wait_in_vain(authority));
}

}  // namespace
}  // namespace sallyport::net
