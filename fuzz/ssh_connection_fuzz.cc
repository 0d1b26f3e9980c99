// Messages of an authenticated client, mixed with what a driver does and with new keys.
#include "ssh/testing/message_script.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  if (size > 20'000) return 0;
  ssh::testing::TestClient client;
  client.log_in();
  client.open_channel(7, 1u << 16);
  ssh::testing::run_script(client, {data, size});
  return 0;
}
