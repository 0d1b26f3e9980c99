// Host keys as administrators bring them. The input is taken as text, and again as the bytes inside
// an OpenSSH container, where base64 would keep a fuzzer out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "codec/base64.h"
#include "ssh/host_key.h"

using sallyport::SecretString;
using sallyport::ssh::HostKey;

namespace {

void exercise(std::string text) {
  const auto key = HostKey::parse(SecretString(std::move(text)));
  if (!key.ok()) return;
  const auto again = HostKey::parse(key->to_pem());
  if (!again.ok() || !(again->public_key() == key->public_key())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sallyport::ByteView input(data, size);
  exercise(std::string(sallyport::as_text(input)));
  exercise("-----BEGIN OPENSSH PRIVATE KEY-----\n" + sallyport::codec::base64_encode(input) +
           "\n-----END OPENSSH PRIVATE KEY-----");
  return 0;
}
