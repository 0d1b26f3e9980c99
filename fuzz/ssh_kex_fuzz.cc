// Key exchange: a client's KEXINIT and what it sends for the method agreed on. The first byte
// chooses a method; the input is taken as KEXINIT, as that method's public value, and as a series
// of messages (length in two bytes) in the clear after an honest KEXINIT for it.
#include <cstdlib>

#include "ssh/testing/test_client.h"

namespace {

using namespace sallyport;
using namespace sallyport::ssh;

void parse(ByteView payload) {
  const auto init = KexInit::parse(payload);
  if (!init.ok()) return;
  const auto again = KexInit::parse(init->payload());
  // Empty names are lost when they are written.
  if (!again.ok() || join_names(again->kex) != join_names(init->kex) ||
      join_names(again->macs_out) != join_names(init->macs_out))
    std::abort();
  const auto outcome = negotiate(*init, server_kex_init(testing::test_settings(), true));
  if (const auto* agreed = std::get_if<Agreement>(&outcome)) {
    if (agreed->kex == nullptr || agreed->cipher_in == nullptr || agreed->cipher_out == nullptr)
      std::abort();
  }
}

void talk(const KexMethod& method, ByteView script) {
  testing::TestClient client;
  // The answers belong to nobody's key.
  client.deaf = true;
  client.kex_init.kex = {std::string(method.name), "kex-strict-c-v00@openssh.com"};
  client.send_ident();
  client.send_kexinit();
  ByteReader in(script);
  for (int i = 0; i < 8 && in.remaining() > 2 && !client.end; ++i) {
    const std::size_t n = std::size_t{in.u8()} << 8 | in.u8();
    if (n == 0) continue;
    client.send(in.raw(std::min(n, in.remaining())));
  }
  if (client.engine().authenticated()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 20'000) return 0;
  const auto methods = kex_methods();
  const KexMethod& method = methods[data[0] % methods.size()];
  const ByteView input(data + 1, size - 1);
  parse(input);
  // The large groups are only slower.
  const bool slow = method.group == crypto::AgreementGroup::kModp4096 ||
                    method.group == crypto::AgreementGroup::kModp8192;
  if (!slow) {
    const auto result = method.compute(input);
    if (result.ok() && (result->server_public.empty() || result->shared_secret.size() < 5))
      std::abort();
    talk(method, input);
  }
  return 0;
}
