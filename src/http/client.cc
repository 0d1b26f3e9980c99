#include "http/client.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "http/serialize.h"
#include "http/wire_body.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kAnswerHeadRoom = 16 * 1024;
constexpr std::size_t kUploadPiece = 256 * 1024;
// Of an answer; who shares a thin line with hundreds of others gets as much.
constexpr std::size_t kStride = 64 * 1024;
constexpr int kMaxInterim = 8;  // 1xx responses in front of the real one

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" ||
         method == "OPTIONS" || method == "TRACE";
}

}  // namespace

// A connection and what is being read from it. Shared, so that a body can outlive a reconnect.
struct Client::Connection {
  std::unique_ptr<ByteStream> stream;
  InputBuffer in;
  bool used = false;   // has answered a request before
  bool usable = true;  // may carry another request
  std::unique_ptr<WireBodyReader> body;
};

class Client::Body final : public BodyReader {
 public:
  explicit Body(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
  Task<Result<std::size_t>> read(MutableBytes into) override {
    return connection_->body->read(into);
  }
  std::optional<std::uint64_t> length() const override { return connection_->body->length(); }

 private:
  std::shared_ptr<Connection> connection_;
};

struct Client::Impl {
  std::function<Task<Result<std::unique_ptr<ByteStream>>>()> dial;
  ClientOptions options;
  std::shared_ptr<Connection> connection;

  // True when the connection that is there can carry a request.
  bool reusable() {
    if (!connection || !connection->usable || !connection->in.empty()) return false;
    if (connection->body && !connection->body->finished()) return false;
    return !connection->stream->stale();
  }

  Task<Result<void>> connect() {
    connection.reset();
    CO_TRY_ASSIGN(auto stream, co_await dial());
    connection = std::make_shared<Connection>();
    connection->stream = std::move(stream);
    co_return ok();
  }

  Task<Result<void>> write(Connection& c, std::span<const ByteView> pieces) {
    c.stream->set_deadline(deadline_in(options.idle_timeout));
    return c.stream->write_all(pieces);
  }

  // A piece at a time, so that the time-out is about progress.
  Task<Result<void>> write_whole(Connection& c, const std::string& head,
                                 std::span<const ByteView> body) {
    std::vector<ByteView> batch{as_bytes(head)};
    std::size_t gathered = 0;
    for (ByteView rest : body) {
      while (!rest.empty()) {
        batch.push_back(rest.first(std::min(rest.size(), kUploadPiece - gathered)));
        rest = rest.subspan(batch.back().size());
        gathered += batch.back().size();
        if (gathered < kUploadPiece) continue;
        CO_TRY(co_await write(c, batch));
        batch.clear();
        gathered = 0;
      }
    }
    if (batch.empty()) co_return ok();
    co_return co_await write(c, batch);
  }

  Task<Result<void>> write_source(Connection& c, const std::string& head, BodySource& source,
                                  std::uint64_t length) {
    const std::array<ByteView, 1> first{as_bytes(head)};
    CO_TRY(co_await write(c, first));
    Bytes buffer(static_cast<std::size_t>(std::min<std::uint64_t>(length, kUploadPiece)));
    while (length != 0) {
      const MutableBytes room = MutableBytes(buffer).first(
          static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer.size())));
      CO_TRY_ASSIGN(const std::size_t n, co_await source.read(room));
      if (n == 0) co_return Error(Errc::kInvalidArgument, "the body is shorter than it said");
      const std::array<ByteView, 1> next{ByteView(buffer).first(n)};
      CO_TRY(co_await write(c, next));
      length -= n;
    }
    co_return ok();
  }

  // The head of the final response. `got_bytes` tells whether the server said anything.
  Task<Result<HttpResponse>> read_head(Connection& c, Version& version, bool slow,
                                       bool& got_bytes) {
    HeadParser parser(options.head);
    int interim = 0;
    c.stream->set_deadline(deadline_in(slow ? options.work_time : options.response_timeout));
    while (true) {
      HttpResponse response;
      if (!c.in.empty()) {
        got_bytes = true;
        const ParseStep step = parser.parse_response(c.in.view(), response, version);
        if (step == ParseStep::kFailed)
          co_return Error(parser.failure().status == 400 ? Errc::kCorrupt : Errc::kLimitExceeded,
                          std::string("the server's response: ") + parser.failure().reason);
        if (step == ParseStep::kDone) {
          c.in.consume(parser.consumed());
          parser.reset();
          if (response.status >= 200) co_return response;
          if (++interim > kMaxInterim)
            co_return Error(Errc::kCorrupt, "the server sends interim responses without end");
          continue;
        }
      }
      CO_TRY_ASSIGN(const std::size_t n, co_await c.in.fill(*c.stream, kAnswerHeadRoom));
      if (n == 0) co_return Error(Errc::kClosed, "the server closed the connection");
    }
  }

  Task<Result<StreamedResponse>> receive(std::shared_ptr<Connection> c, const std::string& method,
                                         bool asked_to_close, bool slow, bool& got_bytes) {
    Version version = Version::kHttp11;
    CO_TRY_ASSIGN(HttpResponse head, co_await read_head(*c, version, slow, got_bytes));
    BodyFraming framing;
    ParseFailure failure;
    if (!response_framing(method, head, framing, failure))
      co_return Error(Errc::kCorrupt, failure.reason);
    c->used = true;
    c->usable = !asked_to_close && framing.kind != BodyKind::kUntilClose &&
                wants_keep_alive(version, head.headers);
    c->body =
        std::make_unique<WireBodyReader>(*c->stream, c->in, framing, options.idle_timeout, kStride,
                                         slow ? options.work_time : options.idle_timeout);
    StreamedResponse out;
    out.status = head.status;
    out.headers = std::move(head.headers);
    out.body = std::make_unique<Body>(std::move(c));
    co_return std::move(out);
  }

  // A server that refuses an upload may answer and hang up while it is being sent; the answer
  // counts, so a failed write is not the end yet. A success counts only of a whole request.
  Task<Result<StreamedResponse>> answer_to(std::shared_ptr<Connection> c,
                                           const HttpRequest& request, Result<void> written,
                                           bool slow, bool& got_bytes) {
    if (!written.ok() && written.error().code != Errc::kClosed) co_return written.error();
    auto response = co_await receive(
        c, request.method, request.headers.has_token("Connection", "close"), slow, got_bytes);
    if (written.ok()) co_return response;
    c->usable = false;
    if (response.ok() && response->status >= 200 && response->status < 300)
      co_return Error(Errc::kClosed, "the server answered before it had the whole request");
    co_return response;
  }

  Task<Result<StreamedResponse>> exchange(const HttpRequest& request,
                                          std::span<const ByteView> body, bool slow,
                                          bool& got_bytes) {
    std::size_t length = 0;
    for (const ByteView piece : body) length += piece.size();
    const std::string head = request_head(request, length);
    std::shared_ptr<Connection> c = connection;
    Result<void> written = co_await write_whole(*c, head, body);
    co_return co_await answer_to(std::move(c), request, std::move(written), slow, got_bytes);
  }
};

Client::Client(net::Endpoint server, ClientOptions options)
    : impl_(std::make_unique<Impl>(
          Impl{[server, dial = options.dial] { return dial_endpoint(server, dial); }, options,
               nullptr})) {}
Client::Client(Origin server, const Dialer& dialer, ClientOptions options)
    : impl_(std::make_unique<Impl>(Impl{[server = std::move(server), &dialer, dial = options.dial] {
                                          return dialer.dial(server, dial);
                                        },
                                        options, nullptr})) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::close() {
  impl_->connection.reset();
}

bool Client::idle() {
  return impl_->reusable();
}

Task<Result<void>> Client::connect() {
  if (impl_->reusable()) co_return ok();
  co_return co_await impl_->connect();
}

Task<Result<StreamedResponse>> Client::exchange(const HttpRequest& request,
                                                std::span<const ByteView> body, bool repeatable,
                                                bool slow) {
  CO_TRY(co_await connect());
  const bool reused = impl_->connection->used;
  bool got_bytes = false;
  auto response = co_await impl_->exchange(request, body, slow, got_bytes);
  const bool hung_up = !response.ok() && response.error().code == Errc::kClosed;
  if (hung_up && reused && !got_bytes && repeatable) {
    CO_TRY(co_await impl_->connect());
    response = co_await impl_->exchange(request, body, slow, got_bytes);
  }
  if (!response.ok()) impl_->connection.reset();
  co_return response;
}

Task<Result<StreamedResponse>> Client::send_streamed(HttpRequest request, std::string body) {
  const std::array<ByteView, 1> whole{as_bytes(body)};
  auto response = co_await exchange(request, whole, is_idempotent(request.method));
  co_return response;
}

Task<Result<StreamedResponse>> Client::upload(HttpRequest request,
                                              std::unique_ptr<BodySource> body) {
  const std::optional<std::uint64_t> length = body->length();
  if (!length) co_return Error(Errc::kInvalidArgument, "an upload needs a known length");
  CO_TRY(co_await connect());
  std::shared_ptr<Connection> c = impl_->connection;
  const std::string head = request_head(request, *length);
  Result<void> written = co_await impl_->write_source(*c, head, *body, *length);
  bool got_bytes = false;
  auto response = co_await impl_->answer_to(std::move(c), request, std::move(written),
                                            /*slow=*/false, got_bytes);
  if (!response.ok()) impl_->connection.reset();
  co_return response;
}

Task<Result<HttpResponse>> Client::send(HttpRequest request, std::string body) {
  const std::size_t limit = impl_->options.max_body;
  CO_TRY_ASSIGN(StreamedResponse streamed,
                co_await send_streamed(std::move(request), std::move(body)));
  auto text = co_await read_all(*streamed.body, limit);
  if (!text.ok()) {
    impl_->connection.reset();
    co_return std::move(text).error();
  }
  HttpResponse response;
  response.status = streamed.status;
  response.headers = std::move(streamed.headers);
  response.body = std::move(*text);
  co_return std::move(response);
}

}  // namespace sallyport::http
