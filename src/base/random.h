// Randomness as an injected interface.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"

namespace sallyport {

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  // Fills `out` with unpredictable bytes. Cannot fail: the system source ends the program if it does.
  virtual void fill(MutableBytes out) = 0;

  // `digits` lower-case hexadecimal digits.
  std::string hex(std::size_t digits);
};

// The kernel's source (getrandom(2)).
class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override;
};

}  // namespace sallyport
