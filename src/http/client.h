// An HTTP/1.1 client: one connection with keep-alive to one server.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "http/head_parser.h"
#include "http/message.h"
#include "http/stream.h"

namespace sallyport::http {

struct ClientOptions {
  HeadLimits head{64 * 1024, 200};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds response_timeout{
      60'000};                                     // from the request's end to the response's head
  std::chrono::milliseconds idle_timeout{60'000};  // without a byte in either direction
  std::size_t max_body = 16 * 1024 * 1024;         // of a response that is read whole, bytes
};

// A response whose body is still on the wire. `body` is read before the client's next request, or
// the connection is closed by it; it must not be used after the client has ended.
struct StreamedResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<BodyReader> body;
};

// All calls on one loop, one request at a time. Errors: kUnavailable (cannot connect), kTimeout,
// kClosed (the server hung up), kCorrupt (not HTTP/1.x), kLimitExceeded (head or body too long),
// kCancelled.
// A connection that the server closed while idle is opened again; a request that may have reached
// the server is repeated only when its method is idempotent.
class Client {
 public:
  Client(net::Endpoint server, ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Host must be set by the caller (it is usually signed); Content-Length is added.
  Task<Result<HttpResponse>> send(HttpRequest request, std::string body = {});
  Task<Result<StreamedResponse>> send_streamed(HttpRequest request, std::string body = {});
  // A request body from a source of known length (kInvalidArgument without one); never repeated.
  Task<Result<StreamedResponse>> upload(HttpRequest request, std::unique_ptr<BodySource> body);

  void close();

 private:
  struct Connection;
  struct Impl;
  class Body;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::http
