// Cyclic redundancy checks: CRC-32 (ISO-HDLC, as in zlib), CRC-32C (Castagnoli, RFC 3720) and
// CRC-64/NVME, all reflected. Values; pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace sallyport::codec {

class Crc32 {
 public:
  void update(ByteView data);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffffu;
};

class Crc32c {
 public:
  void update(ByteView data);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffffu;
};

class Crc64Nvme {
 public:
  void update(ByteView data);
  std::uint64_t value() const { return ~state_; }

 private:
  std::uint64_t state_ = ~std::uint64_t{0};
};

}  // namespace sallyport::codec
