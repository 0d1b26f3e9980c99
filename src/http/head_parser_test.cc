#include "http/head_parser.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

struct Parsed {
  ParseStep step = ParseStep::kNeedMore;
  HttpRequest request;
  std::size_t consumed = 0;
  ParseFailure failure;
};

Parsed parse(std::string_view text, HeadLimits limits = {}) {
  Parsed p;
  HeadParser parser(limits);
  p.step = parser.parse_request(as_bytes(text), p.request);
  p.consumed = parser.consumed();
  p.failure = parser.failure();
  return p;
}

int refusal(std::string_view text, HeadLimits limits = {}) {
  const Parsed p = parse(text, limits);
  return p.step == ParseStep::kFailed ? p.failure.status : p.step == ParseStep::kDone ? 200 : 0;
}

std::string with_line(std::string_view line) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(line) + "\r\n\r\n";
}

TEST(RequestHead, ParsesARequestAndLeavesTheRest) {
  const std::string head =
      "POST /a%20b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nX-A:\t 1 2 \t\r\nEmpty:\r\n\r\n";
  const Parsed p = parse(head + "body");
  ASSERT_EQ(p.step, ParseStep::kDone) << p.failure.reason;
  EXPECT_EQ(p.consumed, head.size());
  EXPECT_EQ(p.request.method, "POST");
  EXPECT_EQ(p.request.target, "/a%20b?c=d");
  EXPECT_EQ(p.request.version, Version::kHttp11);
  EXPECT_EQ(p.request.headers.get("x-a"), "1 2");
  EXPECT_EQ(p.request.headers.find("empty"), "");
}

TEST(RequestHead, ComesInAnyPieces) {
  const std::string head = "\r\nGET / HTTP/1.0\r\nA: b\r\n\r\n";
  HeadParser parser;
  HttpRequest r;
  for (std::size_t n = 0; n < head.size(); ++n)
    ASSERT_EQ(parser.parse_request(as_bytes(std::string_view(head).substr(0, n)), r),
              ParseStep::kNeedMore);
  ASSERT_EQ(parser.parse_request(as_bytes(head), r), ParseStep::kDone);
  EXPECT_EQ(r.version, Version::kHttp10);
  EXPECT_EQ(r.headers.get("A"), "b");
}

TEST(RequestHead, TakesAbsoluteAndAsteriskForms) {
  EXPECT_EQ(refusal("GET http://h/p HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
  EXPECT_EQ(refusal("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
  EXPECT_EQ(refusal("GET * HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET ftp://h/p HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET p HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(refusal("CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
}

TEST(RequestHead, RefusesMalformedRequestLines) {
  for (const char* line : {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1",
                           "GET /a b HTTP/1.1", "G\tT / HTTP/1.1", "GET /\tx HTTP/1.1",
                           "GET / http/1.1", "GET / HTTP/1.10", "GET / HTTP/1.1x", "\x16\x03\x01",
                           "GET\x01 / HTTP/1.1", "GET /\x7f HTTP/1.1", "G(T / HTTP/1.1"})
    EXPECT_EQ(refusal(std::string(line) + "\r\nHost: h\r\n\r\n"), 400) << line;
  EXPECT_EQ(refusal("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505);
  EXPECT_EQ(refusal("\x16\x03\x01\x02"), 400);
  EXPECT_EQ(refusal("\r\n\r\n\r\n\r\n\r\n\r\n"), 400);
}

TEST(RequestHead, RefusesBareLineEndsAndFolding) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: h\n\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\n\r\n"), 400);
  EXPECT_EQ(refusal("\nGET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal(with_line("A: b\rC: d")), 400);
  EXPECT_EQ(refusal(with_line("A: b\r\n folded")), 400);
  EXPECT_EQ(refusal(with_line("A: b\r\n\tfolded")), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400);
}

TEST(RequestHead, RefusesMalformedFields) {
  for (const char* line : {"A : b", "A\t: b", ": b", "no colon", "A(: b", "A: \x01", "A: b\x7f"})
    EXPECT_EQ(refusal(with_line(line)), 400) << line;
  EXPECT_EQ(refusal(with_line(std::string_view("A: b\0c", 6))), 400);
  EXPECT_EQ(refusal(with_line("A: \xe3\x81\x82")), 200);
}

TEST(RequestHead, NeedsExactlyOneHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n"), 200);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: u@h/\r\n\r\n"), 400);
}

TEST(RequestHead, IsBounded) {
  const HeadLimits limits{200, 3};
  EXPECT_EQ(refusal("GET /" + std::string(200, 'a'), limits), 414);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(200, 'a'), limits), 431);
  EXPECT_EQ(refusal(with_line("A: 1\r\nB: 2"), limits), 200);
  EXPECT_EQ(refusal(with_line("A: 1\r\nB: 2\r\nC: 3"), limits), 431);
  EXPECT_EQ(refusal(with_line("A: " + std::string(300, 'a')), limits), 431);
}

// --- Framing ---

int framing(std::string_view lines, BodyFraming& out, std::string_view version = "1.1") {
  const Parsed p = parse("POST / HTTP/" + std::string(version) + "\r\nHost: h\r\n" +
                         std::string(lines) + "\r\n");
  if (p.step != ParseStep::kDone) return p.failure.status;
  ParseFailure failure;
  return request_framing(p.request, out, failure) ? 200 : failure.status;
}

TEST(RequestFraming, KnowsLengthAndChunked) {
  BodyFraming f;
  EXPECT_EQ(framing("", f), 200);
  EXPECT_EQ(f.kind, BodyKind::kNone);
  EXPECT_EQ(framing("Content-Length: 0\r\n", f), 200);
  EXPECT_EQ(f.kind, BodyKind::kNone);
  EXPECT_EQ(framing("Content-Length: 9223372036854775807\r\n", f), 200);
  EXPECT_EQ(f.length, 9223372036854775807u);
  EXPECT_EQ(framing("Transfer-Encoding: Chunked\r\n", f), 200);
  EXPECT_EQ(f.kind, BodyKind::kChunked);
}

TEST(RequestFraming, RefusesWhatSmugglersSend) {
  BodyFraming f;
  for (const char* lines :
       {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n",
        "Content-Length: 1, 1\r\n", "Content-Length: +1\r\n", "Content-Length: -1\r\n",
        "Content-Length: 0x1\r\n", "Content-Length: 1 1\r\n", "Content-Length:\r\n",
        "Content-Length: 9223372036854775808\r\n", "Content-Length: 99999999999999999999\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"})
    EXPECT_EQ(framing(lines, f), 400) << lines;
  for (const char* lines :
       {"Transfer-Encoding: identity\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding:\r\n"})
    EXPECT_EQ(framing(lines, f), 501) << lines;
  EXPECT_EQ(framing("Transfer-Encoding: chunked\r\n", f, "1.0"), 400);
}

TEST(KeepAlive, FollowsVersionAndConnection) {
  Headers none, close, keep;
  close.add("Connection", "close");
  keep.add("Connection", "keep-alive");
  EXPECT_TRUE(wants_keep_alive(Version::kHttp11, none));
  EXPECT_FALSE(wants_keep_alive(Version::kHttp11, close));
  EXPECT_FALSE(wants_keep_alive(Version::kHttp10, none));
  EXPECT_TRUE(wants_keep_alive(Version::kHttp10, keep));
}

// --- Responses ---

TEST(ResponseHead, ParsesStatusAndFields) {
  HeadParser parser;
  HttpResponse r;
  Version v = Version::kHttp10;
  ASSERT_EQ(parser.parse_response(as_bytes("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n"), r, v),
            ParseStep::kDone);
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(v, Version::kHttp11);
  EXPECT_EQ(r.headers.get("a"), "b");
  parser.reset();
  EXPECT_EQ(parser.parse_response(as_bytes("HTTP/1.0 200\r\n\r\n"), r, v), ParseStep::kDone);
}

TEST(ResponseHead, RefusesOtherThings) {
  for (const char* text :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 99 X\r\n\r\n", "HTTP/1.1 2000 X\r\n\r\n",
        "HTTP/1.1  200 X\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nbad\r\n\r\n"}) {
    HeadParser parser;
    HttpResponse r;
    Version v;
    EXPECT_EQ(parser.parse_response(as_bytes(text), r, v), ParseStep::kFailed) << text;
  }
}

TEST(ResponseFraming, FollowsStatusMethodAndHeaders) {
  HttpResponse r;
  BodyFraming f;
  ParseFailure failure;
  ASSERT_TRUE(response_framing("GET", r, f, failure));
  EXPECT_EQ(f.kind, BodyKind::kUntilClose);
  r.headers.add("Content-Length", "5");
  ASSERT_TRUE(response_framing("GET", r, f, failure));
  EXPECT_EQ(f.length, 5u);
  ASSERT_TRUE(response_framing("HEAD", r, f, failure));
  EXPECT_EQ(f.kind, BodyKind::kNone);
  r.status = 304;
  ASSERT_TRUE(response_framing("GET", r, f, failure));
  EXPECT_EQ(f.kind, BodyKind::kNone);
  r.status = 200;
  r.headers.add("Transfer-Encoding", "chunked");
  EXPECT_FALSE(response_framing("GET", r, f, failure));
}

}  // namespace
}  // namespace sallyport::http
