// One connection of the server.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "http/serialize.h"
#include "http/server.h"
#include "http/wire_body.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kWritePiece = 256 * 1024;
constexpr std::size_t kRequestHeadRoom = 4 * 1024;
constexpr std::chrono::milliseconds kLingerTime{2'000};

// The Date header's text, made anew once a second and thread.
std::string_view date_now(const Clock& clock) {
  thread_local std::int64_t made_for = -1;
  thread_local std::string text;
  const WallTime now = clock.wall();
  const std::int64_t second = to_unix_ms(now) / 1000;
  if (second != made_for) {
    text = to_http_date(now);
    made_for = second;
  }
  return text;
}

class Connection {
 public:
  Connection(std::unique_ptr<ByteStream> stream, Handler& handler, const ServerOptions& options,
             const Clock& clock, ConnectionControl& control)
      : stream_(std::move(stream)),
        handler_(handler),
        options_(options),
        clock_(clock),
        control_(control),
        context_{stream_->peer()},
        parser_(options.head) {}

  Task<void> run() {
    bool more = true;
    while (more) more = co_await serve_one();
  }

 private:
  enum class HeadEnd : std::uint8_t { kRequest, kRefused, kGone };

  Task<bool> serve_one() {
    HttpRequest request;
    const HeadEnd head = co_await read_head(request);
    if (head == HeadEnd::kRefused) co_await refuse(parser_.failure());
    if (head != HeadEnd::kRequest) co_return false;
    BodyFraming framing;
    ParseFailure failure;
    if (!request_framing(request, framing, failure)) {
      co_await refuse(failure);
      co_return false;
    }
    WireBodyReader body(*stream_, in_, framing, options_.body_idle_timeout);
    if (request.version == Version::kHttp11 && request.headers.contains("Expect")) {
      if (!equals_ignore_case(request.headers.get("Expect"), "100-continue")) {
        co_await refuse({417, "the only expectation met here is 100-continue"});
        co_return false;
      }
      // A body that is already here needs no invitation. An empty one gets it all the same, as from
      // S3: botocore mistakes the answers that follow on the connection when the first is a final
      // one.
      if (body.finished()) {
        const Result<void> invited = co_await body.send_continue();
        if (!invited.ok()) co_return false;
      } else if (in_.empty()) {
        body.expect_continue();
      }
    }
    ++control_.requests;
    HttpResponse response = co_await handler_.handle(request, body, context_);
    if (response.status < 200 || response.status > 999)
      response = plain_response(500, "the answer could not be given");
    co_return co_await finish(request, body, response);
  }

  // Idle until the first byte, then at most head_timeout for the rest.
  Task<HeadEnd> read_head(HttpRequest& request) {
    parser_.reset();
    in_.release();
    control_.idle = in_.empty();
    if (control_.idle) stream_->set_deadline(deadline_in(options_.keep_alive_timeout));
    if (!control_.idle) stream_->set_deadline(deadline_in(options_.head_timeout));
    while (true) {
      if (!in_.empty()) {
        const ParseStep step = parser_.parse_request(in_.view(), request);
        if (step == ParseStep::kFailed) co_return HeadEnd::kRefused;
        if (step == ParseStep::kDone) {
          in_.consume(parser_.consumed());
          co_return HeadEnd::kRequest;
        }
      } else if (control_.stopping) {
        co_return HeadEnd::kGone;
      }
      auto n = co_await in_.fill(*stream_, kRequestHeadRoom);
      if (!n.ok() && n.error().code == Errc::kTimeout && !control_.idle) {
        co_await refuse({408, "the request took too long to arrive"});
        co_return HeadEnd::kGone;
      }
      if (!n.ok() || *n == 0) co_return HeadEnd::kGone;
      if (control_.idle) {
        control_.idle = false;
        stream_->set_deadline(deadline_in(options_.head_timeout));
      }
    }
  }

  // Sends the response and makes the connection ready for the next request; false when there is
  // none.
  Task<bool> finish(const HttpRequest& request, WireBodyReader& body, HttpResponse& response) {
    const std::optional<std::uint64_t> left = body.left();
    const bool drainable =
        !body.broken() && !body.continue_due() && left && *left <= options_.max_drain;
    const bool keep = drainable && !control_.stopping &&
                      wants_keep_alive(request.version, request.headers) &&
                      !response.headers.has_token("Connection", "close");
    const ResponsePlan plan =
        plan_response(response, request.method, request.version, keep, date_now(clock_));
    const Result<void> sent = co_await send(response, plan);
    if (!sent.ok()) co_return false;
    bool drained = false;
    if (plan.keep_alive) drained = co_await body.drain(options_.max_drain);
    if (drained) co_return true;
    if (!body.finished() || !in_.empty()) co_await linger();
    co_return false;
  }

  Task<Result<void>> send(HttpResponse& response, const ResponsePlan& plan) {
    const ByteView head = as_bytes(plan.head);
    if (plan.body == BodyKind::kNone) co_return co_await write(head, {});
    if (!response.stream) co_return co_await write(head, as_bytes(response.body));
    // At once: a stream's first bytes may be long in coming.
    CO_TRY(co_await write(head, {}));
    co_return co_await send_stream(*response.stream, plan.body);
  }

  // Any error cuts the connection: the head is out, so there is no other way to say that it failed.
  Task<Result<void>> send_stream(BodySource& source, BodyKind kind) {
    const std::optional<std::uint64_t> length = source.length();
    std::uint64_t left = kind == BodyKind::kLength ? *length : UINT64_MAX;
    Bytes buffer(static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max<std::size_t>(options_.stream_buffer, 1), left)));
    while (left != 0) {
      const MutableBytes room = MutableBytes(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), left)));
      CO_TRY_ASSIGN(const std::size_t n, co_await source.read(room));
      if (n == 0) break;
      const ByteView data = ByteView(buffer).first(n);
      if (kind == BodyKind::kChunked) {
        const std::string size = chunk_head(n);
        const std::array<ByteView, 3> pieces{as_bytes(size), data, as_bytes("\r\n")};
        CO_TRY(co_await write_pieces(pieces));
      } else {
        if (kind == BodyKind::kLength) left -= n;
        CO_TRY(co_await write(data, {}));
      }
    }
    if (kind == BodyKind::kChunked) co_return co_await write(as_bytes(kLastChunk), {});
    if (kind == BodyKind::kLength && left != 0)
      co_return Error(Errc::kInternal, "a stream is shorter than it said");
    co_return ok();
  }

  // Piece by piece, so that the time limit counts from the last progress.
  Task<Result<void>> write(ByteView head, ByteView body) {
    ByteView piece = body.first(std::min(body.size(), kWritePiece));
    const std::array<ByteView, 2> first{head, piece};
    CO_TRY(co_await write_pieces(first));
    for (body = body.subspan(piece.size()); !body.empty(); body = body.subspan(piece.size())) {
      piece = body.first(std::min(body.size(), kWritePiece));
      const std::array<ByteView, 1> next{piece};
      CO_TRY(co_await write_pieces(next));
    }
    co_return ok();
  }

  Task<Result<void>> write_pieces(std::span<const ByteView> pieces) {
    stream_->set_deadline(deadline_in(options_.write_idle_timeout));
    return stream_->write_all(pieces);
  }

  Task<void> refuse(ParseFailure failure) {
    const HttpResponse response = plain_response(failure.status, failure.reason);
    const ResponsePlan plan =
        plan_response(response, "GET", Version::kHttp11, false, date_now(clock_));
    const Result<void> sent = co_await write(as_bytes(plan.head), as_bytes(response.body));
    if (sent.ok()) co_await linger();
  }

  // Closing with unread bytes would reset the connection and may take the response with it
  // (RFC 9112 section 9.6).
  Task<void> linger() {
    stream_->shutdown_send();
    stream_->set_deadline(deadline_in(kLingerTime));
    Bytes scratch(16 * 1024);
    for (std::uint64_t seen = 0; seen <= options_.max_drain;) {
      auto n = co_await stream_->read_some(scratch);
      if (!n.ok() || *n == 0) co_return;
      seen += *n;
    }
  }

  std::unique_ptr<ByteStream> stream_;
  Handler& handler_;
  const ServerOptions& options_;
  const Clock& clock_;
  ConnectionControl& control_;
  RequestContext context_;
  HeadParser parser_;
  InputBuffer in_;
};

}  // namespace

Task<void> serve_connection(std::unique_ptr<ByteStream> stream, Handler& handler,
                            const ServerOptions& options, const Clock& clock,
                            ConnectionControl& control) {
  Connection connection(std::move(stream), handler, options, clock, control);
  co_await connection.run();
}

}  // namespace sallyport::http
