// The chunked coding: decoding at once and byte by byte gives the same.
#include <cstdlib>
#include <string>

#include "http/chunked.h"

using namespace sallyport;

namespace {

std::string decode(ByteView in, std::size_t piece, std::size_t room, bool& done, bool& failed) {
  http::ChunkedDecoder decoder;
  Bytes out(room);
  std::string body;
  while (!in.empty() && !decoder.done() && !decoder.failed()) {
    const ByteView part = in.first(std::min(piece, in.size()));
    const auto p = decoder.decode(part, out);
    if (p.consumed > part.size() || p.produced > room) std::abort();
    body.append(as_text(ByteView(out).first(p.produced)));
    in = in.subspan(p.consumed);
    if (p.consumed == 0 && p.produced == 0 && !decoder.failed()) std::abort();
  }
  done = decoder.done();
  failed = decoder.failed();
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool done[2], failed[2];
  const std::string a = decode({data, size}, size + 1, size + 1, done[0], failed[0]);
  const std::string b = decode({data, size}, 1, 1, done[1], failed[1]);
  if (done[0] != done[1] || failed[0] != failed[1] || (done[0] && a != b)) std::abort();
  return 0;
}
