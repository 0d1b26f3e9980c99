// Cyclic redundancy checks: CRC-32 (ISO-HDLC, as in zlib), CRC-32C (Castagnoli, RFC 3720) and
// CRC-64/NVME, all reflected. Values; pure.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace sallyport::codec {

class Crc32 {
 public:
  // Of two pieces behind one another, from the value of each and the second's size in bytes.
  static std::uint32_t combine(std::uint32_t first, std::uint32_t second,
                               std::uint64_t second_size);
  void update(ByteView data);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffffu;
};

class Crc32c {
 public:
  // Of two pieces behind one another, from the value of each and the second's size in bytes.
  static std::uint32_t combine(std::uint32_t first, std::uint32_t second,
                               std::uint64_t second_size);
  void update(ByteView data);
  std::uint32_t value() const { return ~state_; }

 private:
  std::uint32_t state_ = 0xffffffffu;
};

class Crc64Nvme {
 public:
  // Of two pieces behind one another, from the value of each and the second's size in bytes.
  static std::uint64_t combine(std::uint64_t first, std::uint64_t second,
                               std::uint64_t second_size);
  void update(ByteView data);
  std::uint64_t value() const { return ~state_; }

 private:
  std::uint64_t state_ = ~std::uint64_t{0};
};

}  // namespace sallyport::codec
