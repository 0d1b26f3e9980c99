// Public keys as blobs and as authorized_keys lines, and signature blobs checked against them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "ssh/public_key.h"

using sallyport::ByteView;
using sallyport::ssh::PublicKey;

namespace {

// What was accepted must survive being written and read again, and must refuse a made-up signature.
void exercise(const PublicKey& key, ByteView input) {
  const auto again = PublicKey::from_authorized_key(std::string(key.type()) + " " +
                                                    key.base64_blob() + " comment");
  if (!again.ok() || !(*again == key) || again->fingerprint_sha256() != key.fingerprint_sha256())
    std::abort();
  for (const char* algorithm :
       {"rsa-sha2-256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp521", "ssh-ed25519"}) {
    (void)key.verify(algorithm, input, input);
    const auto blob = sallyport::ByteWriter().string(algorithm).string(input).take();
    (void)key.verify(algorithm, input, blob);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto key = PublicKey::from_blob(input); key.ok()) exercise(*key, input);
  if (const auto key = PublicKey::from_authorized_key(sallyport::as_text(input)); key.ok())
    exercise(*key, input);
  return 0;
}
