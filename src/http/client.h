// An HTTP/1.1 client: one connection with keep-alive to one server, plain or over TLS.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "http/dialer.h"
#include "http/head_parser.h"
#include "http/message.h"
#include "http/stream.h"

namespace sallyport::http {

struct ClientOptions {
  HeadLimits head{64 * 1024, 200};
  DialOptions dial;
  std::chrono::milliseconds response_timeout{
      60'000};  // from the request's end to the response's head
  // Without a byte in either direction; also for each 64 KiB of an answer.
  std::chrono::milliseconds idle_timeout{60'000};
  // In place of both for a request that the server works on for long: Amazon S3 sends blanks every
  // few seconds while it completes an upload or copies an object.
  std::chrono::milliseconds work_time{600'000};
  std::size_t max_body = 16 * 1024 * 1024;  // of a response that is read whole, bytes
};

// A response whose body is still on the wire. `body` is read before the client's next request, or
// the connection is closed by it; it must not be used after the client has ended.
struct StreamedResponse {
  int status = 0;
  Headers headers;
  std::unique_ptr<BodyReader> body;
};

// All calls on one loop, one request at a time. Errors: kNotFound (no such host), kUnavailable
// (cannot connect; with a reason of net/tls.h when the server is not to be trusted), kTimeout,
// kClosed (the server hung up), kCorrupt (not HTTP/1.x), kLimitExceeded (head or body too long),
// kCancelled. A connection that the server closed while idle is opened again; a request that may
// have reached the server is repeated only when its method is idempotent.
class Client {
 public:
  // Plain HTTP to an address.
  Client(net::Endpoint server, ClientOptions options = {});
  // `dialer` outlives the client.
  Client(Origin server, const Dialer& dialer, ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Host must be set by the caller (it is usually signed); Content-Length is added.
  Task<Result<HttpResponse>> send(HttpRequest request, std::string body = {});
  Task<Result<StreamedResponse>> send_streamed(HttpRequest request, std::string body = {});
  // A request body from a source of known length (kInvalidArgument without one); never repeated.
  Task<Result<StreamedResponse>> upload(HttpRequest request, std::unique_ptr<BodySource> body);

  // A request whose body lies in memory, in pieces. `repeatable`: as the caller knows it, whatever
  // the method. `slow`: it has the work time. What is given outlives the task, not the response.
  Task<Result<StreamedResponse>> exchange(const HttpRequest& request,
                                          std::span<const ByteView> body, bool repeatable,
                                          bool slow = false);

  // Connects, unless idle().
  Task<Result<void>> connect();
  // A connection is there that can carry a request: the last response was read to its end, and the
  // server keeps it.
  bool idle();
  void close();

 private:
  struct Connection;
  struct Impl;
  class Body;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::http
