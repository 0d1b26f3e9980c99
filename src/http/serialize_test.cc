#include "http/serialize.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

class Source final : public BodySource {
 public:
  explicit Source(std::optional<std::uint64_t> length) : length_(length) {}
  Task<Result<std::size_t>> read(MutableBytes) override { co_return std::size_t{0}; }
  std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::optional<std::uint64_t> length_;
};

HttpResponse streamed(std::optional<std::uint64_t> length) {
  HttpResponse r;
  r.stream = std::make_unique<Source>(length);
  return r;
}

TEST(PlanResponse, WritesAHead) {
  HttpResponse r = plain_response(404, "no");
  const ResponsePlan p = plan_response(r, "GET", Version::kHttp11, true, "D");
  EXPECT_EQ(p.head,
            "HTTP/1.1 404 Not Found\r\nDate: D\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\n\r\n");
  EXPECT_EQ(p.body, BodyKind::kLength);
  EXPECT_TRUE(p.keep_alive);
}

TEST(PlanResponse, StatesWhetherTheConnectionStays) {
  const HttpResponse r;
  EXPECT_NE(plan_response(r, "GET", Version::kHttp11, false, "").head.find("Connection: close"),
            std::string::npos);
  EXPECT_NE(plan_response(r, "GET", Version::kHttp10, true, "").head.find("Connection: keep-alive"),
            std::string::npos);
}

TEST(PlanResponse, AnswersHeadWithoutABody) {
  HttpResponse r;
  r.headers.add("Content-Length", "12345");
  const ResponsePlan p = plan_response(r, "HEAD", Version::kHttp11, true, "");
  EXPECT_EQ(p.head, "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
  EXPECT_EQ(p.body, BodyKind::kNone);
}

TEST(PlanResponse, IgnoresAHandlersFraming) {
  HttpResponse r;
  r.body = "abc";
  r.headers.add("Content-Length", "12345");
  r.headers.add("Transfer-Encoding", "chunked");
  EXPECT_EQ(plan_response(r, "GET", Version::kHttp11, true, "").head,
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
}

TEST(PlanResponse, GivesNoBodyToTheStatusesThatHaveNone) {
  HttpResponse r;
  r.status = 204;
  r.body = "ignored";
  const ResponsePlan p = plan_response(r, "GET", Version::kHttp11, true, "");
  EXPECT_EQ(p.head, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(p.body, BodyKind::kNone);
}

TEST(PlanResponse, ChoosesTheFramingOfStreams) {
  EXPECT_EQ(plan_response(streamed(7), "GET", Version::kHttp11, true, "").body, BodyKind::kLength);
  EXPECT_EQ(plan_response(streamed({}), "GET", Version::kHttp11, true, "").body,
            BodyKind::kChunked);
  const ResponsePlan old = plan_response(streamed({}), "GET", Version::kHttp10, true, "");
  EXPECT_EQ(old.body, BodyKind::kUntilClose);
  EXPECT_FALSE(old.keep_alive);
}

TEST(PlanResponse, LetsNobodyInjectHeaders) {
  HttpResponse r;
  r.headers.add("A", "b\r\nEvil: 1");
  r.headers.add("Bad Name", "x");
  EXPECT_EQ(plan_response(r, "GET", Version::kHttp11, true, "").head,
            "HTTP/1.1 200 OK\r\nA: b  Evil: 1\r\nContent-Length: 0\r\n\r\n");
}

TEST(RequestHeadText, AddsTheLengthWhereABodyBelongs) {
  HttpRequest r;
  r.method = "POST";
  r.target = "/x";
  r.headers.add("Host", "h");
  EXPECT_EQ(request_head(r, 0), "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  r.method = "GET";
  EXPECT_EQ(request_head(r, 0), "GET /x HTTP/1.1\r\nHost: h\r\n\r\n");
}

}  // namespace
}  // namespace sallyport::http
