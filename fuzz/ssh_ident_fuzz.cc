// The identification line, in pieces of any size and in both orders of talking. The first byte
// decides: its lowest bit who talks first, the rest how large the pieces are.
#include "ssh/testing/test_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  if (size == 0 || size > 4096) return 0;
  ssh::ServerSettings settings = ssh::testing::test_settings();
  settings.client_talks_first = (data[0] & 1) != 0;
  ssh::testing::TestClient client(settings);
  const std::size_t step = 1 + data[0] / 2;
  for (ByteView left(data + 1, size - 1); !left.empty() && !client.end;) {
    const std::size_t n = std::min(step, left.size());
    client.send_raw(left.first(n));
    left = left.subspan(n);
  }
  // What was taken for a name goes into logs.
  const std::string& ident = client.engine().facts().client_ident;
  const bool fits = ident.empty() || (ident.starts_with("SSH-") && ident.size() < 256);
  const bool prints =
      std::all_of(ident.begin(), ident.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (!fits || !prints) __builtin_trap();
  // Nothing is said by a server that lets the client talk first, unless it refuses.
  const bool silent = client.server_ident.empty() || client.end;
  if (settings.client_talks_first && ident.empty() && !silent) __builtin_trap();
  return 0;
}
