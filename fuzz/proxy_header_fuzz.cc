// PROXY headers: what is taken has the size it says, and every beginning of it looks like one.
#include <cstdlib>

#include "net/proxy_header.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto header = net::parse_proxy_header(bytes);
  if (!header.ok()) return 0;
  if (size > net::kMaxProxyHeader) std::abort();
  const auto said = net::proxy_header_size(bytes.first(net::kProxyHeaderStart));
  if (!said.ok() || *said != size) std::abort();
  for (std::size_t n = 0; n <= net::kProxyHeaderStart; ++n)
    if (!net::may_be_proxy_header(bytes.first(n))) std::abort();
  // Its source is an address like any other.
  if (header->source && !net::Endpoint::parse(header->source->to_string()).ok()) std::abort();
  return 0;
}
