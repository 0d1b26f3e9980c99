// Raw bytes into a fresh connection: identification line, packets in the clear, key exchange.
#include "ssh/testing/test_client.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  if (size > 100'000) return 0;
  ssh::testing::TestClient client;
  client.deaf = true;
  client.send_raw({data, size});
  return 0;
}
