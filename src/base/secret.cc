#include "base/secret.h"

#include <string.h>

namespace sallyport {

void wipe(void* data, std::size_t size) {
  if (size != 0) ::explicit_bzero(data, size);
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char diff = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    diff = static_cast<unsigned char>(diff | (a[i] ^ b[i]));
  return diff == 0;
}

}  // namespace sallyport
