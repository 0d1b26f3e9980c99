// For the tests of this folder: a server with a handler of many small behaviours, and a blocking
// client of raw bytes.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cstring>
#include <string>

#include "base/unique_fd.h"
#include "http/server.h"

namespace sallyport::http::testing_support {

// `total` bytes that count up.
class CountingSource final : public BodySource {
 public:
  CountingSource(std::uint64_t total, bool announce, bool fail)
      : left_(total), announce_(announce), fail_(fail), total_(total) {}
  Task<Result<std::size_t>> read(MutableBytes into) override {
    if (fail_ && left_ * 2 < total_) co_return Error(Errc::kIo, "the source broke");
    const std::size_t n = std::size_t(std::min<std::uint64_t>(into.size(), left_));
    for (std::size_t i = 0; i < n; ++i) into[i] = std::uint8_t('a' + (total_ - left_ + i) % 26);
    left_ -= n;
    co_return n;
  }
  std::optional<std::uint64_t> length() const override {
    return announce_ ? std::optional<std::uint64_t>(total_) : std::nullopt;
  }

 private:
  std::uint64_t left_;
  bool announce_, fail_;
  std::uint64_t total_;
};

inline std::string counting_text(std::size_t n) {
  std::string out(n, '\0');
  for (std::size_t i = 0; i < n; ++i) out[i] = char('a' + i % 26);
  return out;
}

class TestHandler final : public Handler {
 public:
  Task<HttpResponse> handle(HttpRequest& request, BodyReader& body,
                            const RequestContext& context) override {
    const std::string_view path = request.path();
    if (path == "/echo") {
      auto text = co_await read_all(body, 8 << 20);
      if (!text.ok()) {
        const Errc code = text.error().code;
        co_return plain_response(code == Errc::kTimeout         ? 408
                                 : code == Errc::kLimitExceeded ? 413
                                                                : 400,
                                 text.error().message);
      }
      HttpResponse response;
      response.headers.add("X-Method", request.method);
      response.headers.add("X-Query", request.query());
      response.body = std::move(*text);
      co_return std::move(response);
    }
    if (path == "/peer") co_return plain_response(200, context.peer.address.to_string());
    if (path == "/ignore") co_return plain_response(403, "go away");
    if (path == "/none") {
      HttpResponse response;
      response.status = 204;
      co_return std::move(response);
    }
    if (path == "/sized" || path == "/chunked" || path == "/broken") {
      HttpResponse response;
      response.stream =
          std::make_unique<CountingSource>(1 << 20, path != "/chunked", path == "/broken");
      co_return std::move(response);
    }
    co_return plain_response(404, "not here");
  }
};

class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}, unsigned loop_count = 1)
      : loops(loop_count), server((loops.start(), loops), handler, clock, options) {
    const Result<void> listening = server.listen(*net::Endpoint::parse("127.0.0.1:0"));
    EXPECT_TRUE(listening.ok());
  }
  std::uint16_t port() const { return server.local().port; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  net::LoopGroup loops;
  TestHandler handler;
  SystemClock clock;
  Server server;
};

// Blocking; gives up after ten seconds without a byte.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
  }
  bool connected() const { return connected_; }

  RawClient& send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t n = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n <= 0) break;
      text.remove_prefix(std::size_t(n));
    }
    return *this;
  }
  RawClient& end() {
    ::shutdown(fd_.get(), SHUT_WR);
    return *this;
  }
  // Until `end` has come, or the connection's end.
  std::string until(std::string_view end) {
    while (true) {
      if (const std::size_t at = got_.find(end); at != std::string::npos) {
        std::string out = got_.substr(0, at + end.size());
        got_.erase(0, at + end.size());
        return out;
      }
      if (!more()) return std::exchange(got_, {});
    }
  }
  // Everything until the server closes.
  std::string all() {
    while (more()) {
    }
    return std::exchange(got_, {});
  }

 private:
  bool more() {
    char buffer[65536];
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "the server hangs";
    if (n <= 0) return false;
    got_.append(buffer, std::size_t(n));
    return true;
  }
  UniqueFd fd_;
  bool connected_ = false;
  std::string got_;
};

}  // namespace sallyport::http::testing_support
