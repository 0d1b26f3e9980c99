// The MAC of one direction of the packet layer, keyed once (RFC 4253 section 6.4; RFC 6668;
// draft-miller-secsh-umac-01). Thread-safety: none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "crypto/openssl_ptr.h"
#include "ssh/algorithms.h"
#include "ssh/umac.h"

namespace sallyport::ssh {

class PacketMac {
 public:
  // REQUIRES: key.size() == spec.key_size. False when OpenSSL refuses.
  bool init(const MacSpec& spec, const Bytes& key);

  bool begin(std::uint32_t sequence);
  bool update(const std::uint8_t* data, std::size_t n);
  // spec.size bytes.
  bool finish(std::uint8_t* out);
  // In constant time.
  bool finish_equals(const std::uint8_t* tag);

 private:
  // HMAC: the keyed state is kept, and each message starts from a copy.
  crypto::EvpMacCtxPtr hmac_;
  Umac umac_;
  std::uint32_t sequence_ = 0;
  std::size_t size_ = 0;
};

}  // namespace sallyport::ssh
