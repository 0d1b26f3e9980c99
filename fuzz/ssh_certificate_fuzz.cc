// User certificates: what was read must name a key that reads back, and count only by its
// signature.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "ssh/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport;
  const auto certificate = ssh::Certificate::parse(ByteView(data, size));
  if (!certificate.ok()) return 0;
  const auto again = ssh::PublicKey::from_blob(certificate->key().blob());
  if (!again.ok() || !(*again == certificate->key())) std::abort();
  const ssh::PublicKey trusted[] = {certificate->authority()};
  (void)certificate->is_signed_by_one_of(trusted);
  if (certificate->is_signed_by_one_of({})) std::abort();
  const auto source = net::IpAddress::from_v4({192, 0, 2, 7});
  const WallTime now(std::chrono::seconds(1'781'524'800));
  (void)certificate->check("ann", source, now);
  return 0;
}
