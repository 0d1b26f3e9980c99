// A server that answers requests with prepared bytes, on the loop of the test. For tests only.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "http/stream.h"
#include "net/test_tls.h"

namespace sallyport::http::testing_support {

// The answers, in the order of requests whatever connection they come on; the last one again and
// again. After "" the connection is closed without an answer, after one with "Connection: close" it
// is closed as well.
struct Script {
  std::vector<std::string> answers;
  std::vector<std::string> requests;  // the heads that came
  std::vector<std::string> bodies = {};  // what came behind each
};

inline std::string answer_of(int status, const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// Understands requests whose body has a Content-Length, or none.
inline Task<void> play(std::unique_ptr<ByteStream> stream, Script& script) {
  std::string in;
  Bytes buffer(4096);
  while (true) {
    std::size_t end = 0;
    while ((end = in.find("\r\n\r\n")) == std::string::npos) {
      auto n = co_await stream->read_some(buffer);
      if (!n.ok() || *n == 0) co_return;
      in += as_text(ByteView(buffer).first(*n));
    }
    const std::size_t turn = std::min(script.requests.size(), script.answers.size() - 1);
    script.requests.push_back(in.substr(0, end));
    in.erase(0, end + 4);
    const std::string& head = script.requests.back();
    const std::size_t length = head.find("Content-Length: ");
    const std::size_t size = length == std::string::npos ? 0 : std::stoul(head.substr(length + 16));
    while (in.size() < size) {
      auto n = co_await stream->read_some(buffer);
      if (!n.ok() || *n == 0) co_return;
      in += as_text(ByteView(buffer).first(*n));
    }
    script.bodies.push_back(in.substr(0, size));
    in.erase(0, size);
    const std::string answer = script.answers[turn];
    if (answer.empty()) co_return;
    const std::array<ByteView, 1> out{as_bytes(answer)};
    if (!(co_await stream->write_all(out)).ok()) co_return;
    if (answer.find("Connection: close") != std::string::npos) co_return;
  }
}

inline Task<void> play_plain(int fd, Script& script) {
  co_await play(tcp_byte_stream(net::TcpStream(*net::Loop::current(), fd)), script);
}

inline Task<void> play_tls(int fd, Script& script, std::shared_ptr<net::TlsContext> context) {
  net::TcpStream tcp(*net::Loop::current(), fd);
  auto stream = co_await net::TlsStream::start(std::move(tcp), std::move(context), "",
                                               std::chrono::seconds(10));
  if (stream.ok()) co_await play(tls_byte_stream(std::move(*stream)), script);
}

// A resolver that knows one list of addresses for every name.
inline Task<Result<std::vector<net::Endpoint>>> found_addresses(std::vector<net::Endpoint> list) {
  co_return list;
}

inline HttpRequest get_of(std::string target, std::string method = "GET") {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers.add("Host", "test");
  return request;
}

}  // namespace sallyport::http::testing_support
