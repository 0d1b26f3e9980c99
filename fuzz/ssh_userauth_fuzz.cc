// Messages under encryption before authentication. The first byte decides what the driver answers.
#include "ssh/testing/message_script.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  if (size == 0 || size > 20'000) return 0;
  ssh::testing::TestClient client;
  const std::uint8_t answers = data[0];
  // Nobody may get in without a proof, whatever the bytes.
  client.verdict = [answers](const ssh::CheckPublicKey& check) {
    return !check.proven && (answers & 1) != 0;
  };
  client.handshake();
  if ((answers & 2) == 0) client.request_service();
  ssh::testing::run_script(client, {data + 1, size - 1});
  if (client.engine().authenticated()) __builtin_trap();
  return 0;
}
