// What a server says to a client: however its bytes are cut, the answer is the same; no body is
// longer than what came, and what S3's headers say of an object can be counted with. The first byte
// says how large the pieces are.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "http/retry.h"
#include "http/wire_body.h"
#include "s3/fault.h"
#include "s3/object_fields.h"

using namespace sallyport;

namespace {

class MemoryStream final : public http::ByteStream {
 public:
  MemoryStream(ByteView bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  Task<Result<std::size_t>> read_some(MutableBytes into) override {
    const std::size_t n = std::min({into.size(), piece_, bytes_.size()});
    std::copy_n(bytes_.begin(), n, into.begin());
    bytes_ = bytes_.subspan(n);
    co_return n;
  }
  Task<Result<void>> write_all(std::span<const ByteView>) override { co_return ok(); }
  void set_deadline(SteadyTime) override {}
  void shutdown_send() override {}
  bool stale() override { return false; }
  net::Endpoint peer() const override { return {}; }

 private:
  ByteView bytes_;
  const std::size_t piece_;
};

// Runs to its end at once: nothing here waits.
struct AtOnce {
  struct promise_type {
    AtOnce get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::abort(); }
  };
};

struct Answer {
  std::optional<http::HttpResponse> head;
  std::optional<std::string> body;  // none: it is refused, or cut
  bool ended = false;
};

Task<void> receive(ByteView bytes, std::size_t piece, std::string_view method, Answer& out) {
  MemoryStream stream(bytes, piece);
  http::InputBuffer in;
  http::HeadParser parser;
  http::HttpResponse head;
  http::Version version{};
  http::ParseStep step = http::ParseStep::kNeedMore;
  while (step == http::ParseStep::kNeedMore) {
    const auto n = co_await in.fill(stream, 4096);
    if (*n == 0) co_return;
    step = parser.parse_response(in.view(), head, version);
  }
  if (step == http::ParseStep::kFailed) co_return;
  in.consume(parser.consumed());
  http::BodyFraming framing;
  http::ParseFailure failure;
  if (!http::response_framing(method, head, framing, failure)) co_return;
  out.head = std::move(head);
  http::WireBodyReader body(stream, in, framing, std::chrono::seconds(1), 1000);
  auto text = co_await http::read_all(body, std::size_t{1} << 20);
  if (text.ok()) out.body = std::move(*text);
}

AtOnce run(ByteView bytes, std::size_t piece, std::string_view method, Answer& out) {
  co_await receive(bytes, piece, method, out);
  out.ended = true;
}

Answer answer(ByteView bytes, std::size_t piece, std::string_view method) {
  Answer out;
  run(bytes, piece, method, out);
  if (!out.ended) std::abort();
  return out;
}

void check_headers(const http::HttpResponse& head, std::string_view body) {
  const auto info = s3::object_info("k", head.headers);
  if (info.ok() && info->size > (std::uint64_t{1} << 62)) std::abort();
  const auto wait = http::retry_after(head.headers, from_unix_ms(1'767'323'045'000));
  if (wait && wait->count() < 0) std::abort();
  const s3::Fault fault = s3::parse_fault(head.status, head.headers, body);
  if (fault.code.empty() || fault.ids.extended_request_id.size() > 128) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes = ByteView(data, size).subspan(1);
  for (const std::string_view method : {"GET", "HEAD"}) {
    const Answer whole = answer(bytes, size, method);
    const Answer pieces = answer(bytes, 1 + data[0] % 64, method);
    if (whole.body != pieces.body || whole.head.has_value() != pieces.head.has_value())
      std::abort();
    if (whole.body && whole.body->size() > bytes.size()) std::abort();
    if (whole.body && method == "HEAD" && !whole.body->empty()) std::abort();
    if (whole.head) check_headers(*whole.head, whole.body.value_or(""));
  }
  return 0;
}
