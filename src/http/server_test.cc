#include "http/server.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "http/test_server.h"

namespace sallyport::http {
namespace {

using std::chrono::milliseconds;
using testing_support::counting_text;
using testing_support::RawClient;
using testing_support::TestServer;

int status_of(std::string_view response) {
  return response.substr(0, 9) == "HTTP/1.1 " ? std::stoi(std::string(response.substr(9, 3))) : 0;
}

std::string body_of(const std::string& response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string::npos ? "" : response.substr(end + 4);
}

// Sends, ends the sending side, and returns all that comes back.
std::string ask(const TestServer& server, std::string_view text) {
  return RawClient(server.port()).send(text).end().all();
}

std::string shell(const std::string& command) {
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::string out;
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

TEST(HttpServer, AnswersWithLengthAndDate) {
  TestServer s;
  const std::string r =
      ask(s, "POST /echo?q=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(status_of(r), 200);
  EXPECT_EQ(body_of(r), "hello");
  EXPECT_NE(r.find("\r\nX-Query: q=1\r\n"), std::string::npos);
  EXPECT_NE(r.find(" GMT\r\n"), std::string::npos);
  EXPECT_EQ(r.find("Connection:"), std::string::npos);
  EXPECT_EQ(body_of(ask(s, "GET /peer HTTP/1.1\r\nHost: h\r\n\r\n")), "127.0.0.1\n");
}

TEST(HttpServer, ServesPipelinedRequestsInOrder) {
  TestServer s;
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n" +
            std::to_string(10 + i) + "\r\n0\r\n\r\n";
  const std::string r = ask(s, text);
  std::size_t at = 0;
  for (int i = 0; i < 50; ++i) {
    at = r.find("\r\n\r\n" + std::to_string(10 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  s.server.stop(milliseconds(10000));
  EXPECT_EQ(s.server.stats().requests, 50u);
}

TEST(HttpServer, TakesARequestByteByByte) {
  TestServer s;
  RawClient c(s.port());
  for (char byte : std::string_view("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                                    "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
    c.send(std::string_view(&byte, 1));
  EXPECT_EQ(body_of(c.until("abc")), "abc");
}

TEST(HttpServer, ClosesWhenAskedAndForOldClients) {
  TestServer s;
  RawClient a(s.port());
  a.send("GET /peer HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(a.all().find("Connection: close\r\n"), std::string::npos);
  RawClient b(s.port());
  b.send("GET /peer HTTP/1.0\r\n\r\n");
  EXPECT_NE(b.all().find("Connection: close\r\n"), std::string::npos);
  RawClient c(s.port());
  c.send("GET /peer HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(c.until("127.0.0.1\n").find("Connection: keep-alive\r\n"), std::string::npos);
  c.send("GET /none HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status_of(c.all()), 204);
}

TEST(HttpServer, AnswersHeadWithoutBody) {
  TestServer s;
  const std::string r = ask(s, "HEAD /peer HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status_of(r), 200);
  EXPECT_NE(r.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_EQ(body_of(r), "");
}

TEST(HttpServer, StreamsResponses) {
  TestServer s;
  const std::string expected = counting_text(1 << 20);
  EXPECT_EQ(body_of(ask(s, "GET /sized HTTP/1.1\r\nHost: h\r\n\r\n")), expected);
  const std::string old = ask(s, "GET /chunked HTTP/1.0\r\n\r\n");
  EXPECT_EQ(body_of(old), expected);
  const std::string chunked = ask(s, "GET /chunked HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(chunked.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(body_of(chunked).substr(0, 7), "40000\r\n");
  EXPECT_EQ(chunked.substr(chunked.size() - 7), "\r\n0\r\n\r\n");
}

TEST(HttpServer, CutsTheConnectionWhenAStreamBreaks) {
  TestServer s;
  const std::string r =
      ask(s, "GET /broken HTTP/1.1\r\nHost: h\r\n\r\nGET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status_of(r), 200);
  EXPECT_LT(body_of(r).size(), std::size_t{1 << 20});
}

TEST(HttpServer, InvitesAnEmptyBodyBeforeTheAnswer) {
  TestServer s;
  RawClient c(s.port());
  c.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(status_of(c.until("\r\n\r\n")), 200);
}

TEST(HttpServer, InvitesTheBodyOnlyWhenTheHandlerReadsIt) {
  TestServer s;
  RawClient c(s.port());
  c.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  c.send("ok");
  EXPECT_EQ(body_of(c.until("\r\n\r\nok")), "ok");
  c.send("POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  const std::string refused = c.all();
  EXPECT_EQ(status_of(refused), 403);
  EXPECT_NE(refused.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(status_of(ask(s, "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n\r\n")), 417);
}

TEST(HttpServer, DiscardsASmallUnreadBodyAndGoesOn) {
  TestServer s;
  const std::string r = ask(s,
                            "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
                            "GET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status_of(r), 403);
  EXPECT_NE(r.find("127.0.0.1"), std::string::npos);
}

TEST(HttpServer, ClosesRatherThanDiscardALargeBody) {
  ServerOptions options;
  options.max_drain = 1000;
  TestServer s(options);
  const std::string r =
      ask(s, "POST /ignore HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n" +
                 std::string(2000, 'x') + "GET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(status_of(r), 403);
  EXPECT_NE(r.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(r.find("127.0.0.1"), std::string::npos);
}

TEST(HttpServer, RefusesMalformedRequestsAndCloses) {
  TestServer s;
  const std::pair<const char*, int> cases[] = {
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n folded\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {"GET / HTTP/3.0\r\nHost: h\r\n\r\n", 505},
      {"\x16\x03\x01 hello", 400},
  };
  for (const auto& [text, status] : cases) {
    const std::string r = ask(s, std::string(text) + "GET /peer HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(status_of(r), status) << text;
    EXPECT_NE(r.find("Connection: close\r\n"), std::string::npos) << text;
    EXPECT_EQ(r.find("127.0.0.1"), std::string::npos) << text;
  }
  EXPECT_EQ(status_of(ask(s, "GET /" + std::string(20000, 'a'))), 414);
  EXPECT_EQ(status_of(ask(s, "GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(20000, 'a'))), 431);
}

TEST(HttpServer, TellsTheHandlerOfABodyThatIsCutOffOrTooLong) {
  TestServer s;
  EXPECT_EQ(status_of(ask(s, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf")),
            400);
  EXPECT_EQ(status_of(ask(s, "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n")),
            413);
}

TEST(HttpServer, LimitsTheTimeOfHeadBodyAndIdleness) {
  ServerOptions options;
  options.head_timeout = milliseconds(30);
  options.body_idle_timeout = milliseconds(30);
  options.keep_alive_timeout = milliseconds(60);
  TestServer s(options);
  RawClient slow_head(s.port());
  slow_head.send("GET / HT");
  EXPECT_EQ(status_of(slow_head.all()), 408);
  RawClient slow_body(s.port());
  slow_body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(status_of(slow_body.all()), 408);
  EXPECT_EQ(RawClient(s.port()).all(), "");
}

TEST(HttpServer, StopLetsRequestsFinishAndClosesIdleConnections) {
  TestServer s;
  RawClient idle(s.port());
  idle.send("GET /peer HTTP/1.1\r\nHost: h\r\n\r\n").until("127.0.0.1\n");
  RawClient busy(s.port());
  busy.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  busy.until("\r\n\r\n");
  std::thread stopper([&s] { s.server.stop(std::chrono::minutes(5)); });
  EXPECT_EQ(idle.all(), "");
  busy.send("ok");
  const std::string r = busy.all();
  EXPECT_EQ(body_of(r), "ok");
  EXPECT_NE(r.find("Connection: close\r\n"), std::string::npos);
  stopper.join();
  EXPECT_FALSE(RawClient(s.port()).connected());
  EXPECT_EQ(s.server.stats().open_connections, 0u);
}

TEST(HttpServer, StopCutsRequestsWhenTheGraceIsOver) {
  TestServer s;
  RawClient busy(s.port());
  busy.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  busy.until("\r\n\r\n");
  s.server.stop(milliseconds(0));
  EXPECT_EQ(s.server.stats().open_connections, 0u);
}

TEST(HttpServer, ServesCurl) {
  TestServer s({}, 2);
  const std::string file =
      testing::TempDir() + "sallyport_http_upload_" + std::to_string(::getpid());
  const std::string content = counting_text(3 << 20);
  std::ofstream(file) << content;
  const std::string curl = "curl -sS --max-time 20 --noproxy '*' ";
  EXPECT_EQ(shell(curl + "-T " + file + " " + s.url() + "/echo"), content);
  EXPECT_EQ(shell(curl + "-H 'Transfer-Encoding: chunked' -T " + file + " " + s.url() + "/echo"),
            content);
  EXPECT_EQ(shell(curl + s.url() + "/chunked"), counting_text(1 << 20));
  EXPECT_EQ(shell(curl + "-0 " + s.url() + "/chunked"), counting_text(1 << 20));
  EXPECT_EQ(shell(curl + "-o /dev/null -w '%{http_code} %{num_connects}\\n' " + s.url() +
                  "/peer -o /dev/null " + s.url() + "/none"),
            "200 1\n204 0\n");
  EXPECT_EQ(shell(curl + "-I -o /dev/null -w '%{http_code} %header{content-length}' " + s.url() +
                  "/sized"),
            "200 1048576");
}

TEST(HttpServer, ServesPythonsHttpClient) {
  TestServer s;
  const std::string script =
      testing::TempDir() + "sallyport_http_client_" + std::to_string(::getpid()) + ".py";
  std::ofstream(script) << R"PY(
import http.client, sys
c = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=20)
for i in range(20):
    c.request('POST', '/echo', body=(b'x' * i for _ in range(3)), encode_chunked=True,
              headers={'Transfer-Encoding': 'chunked'})
    r = c.getresponse()
    assert r.status == 200 and r.read() == b'x' * (3 * i), i
c.request('GET', '/chunked')
assert len(c.getresponse().read()) == 1 << 20
c.request('HEAD', '/sized')
r = c.getresponse()
assert r.getheader('Content-Length') == str(1 << 20) and r.read() == b''
c.request('PUT', '/ignore', body=b'y' * 100000)
assert c.getresponse().read() == b'go away\n'
c.request('GET', '/none')
assert c.getresponse().status == 204
print('good')
)PY";
  EXPECT_EQ(shell("/usr/bin/python3 " + script + " " + std::to_string(s.port())), "good\n");
}

}  // namespace
}  // namespace sallyport::http
