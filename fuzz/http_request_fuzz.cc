// Request heads: whatever the bytes and however they are cut, the parser ends, and agrees with
// itself.
#include <cstdlib>
#include <string>

#include "http/head_parser.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView all(data, size);
  http::HeadParser whole;
  http::HttpRequest request;
  const http::ParseStep step = whole.parse_request(all, request);

  http::HeadParser pieces;
  http::HttpRequest again;
  http::ParseStep last = http::ParseStep::kNeedMore;
  for (std::size_t n = 0; n <= size && last == http::ParseStep::kNeedMore; ++n)
    last = pieces.parse_request(all.first(n), again);
  // Growing input may be refused earlier, but never be accepted differently.
  if (step == http::ParseStep::kDone &&
      (last != step || pieces.consumed() != whole.consumed() || again.target != request.target))
    std::abort();
  if (step != http::ParseStep::kDone && last == http::ParseStep::kDone) std::abort();

  if (step == http::ParseStep::kDone) {
    http::BodyFraming framing;
    http::ParseFailure failure;
    (void)http::request_framing(request, framing, failure);
    (void)http::wants_keep_alive(request.version, request.headers);
    if (request.path().empty()) std::abort();
    (void)request.query();
  }
  http::HeadParser other;
  http::HttpResponse response;
  http::Version version;
  (void)other.parse_response(all, response, version);
  return 0;
}
