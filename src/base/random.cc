#include "base/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace sallyport {

std::string Random::hex(std::size_t digits) {
  Bytes raw((digits + 1) / 2);
  fill(raw);
  std::string out = to_hex(raw);
  out.resize(digits);
  return out;
}

void SystemRandom::fill(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0) {
      if (errno == EINTR) continue;
      std::abort();
    }
    out = out.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace sallyport
