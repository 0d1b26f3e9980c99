#include "storage/embedded_keys.h"

#include <cstddef>

namespace sallyport::storage {

namespace {

constexpr std::size_t kMaxComponentBytes = 200;

}  // namespace

bool has_plain_path(std::string_view key) {
  // The whole name space that begins like the reserved folder is left alone, so that it may grow.
  if (key.starts_with(kReservedFolder)) return false;
  for (;;) {
    const std::size_t slash = key.find('/');
    const std::string_view component = key.substr(0, slash);
    if (component.empty() || component.size() > kMaxComponentBytes || component == "." ||
        component == "..") {
      return false;
    }
    if (slash == std::string_view::npos) return true;
    key.remove_prefix(slash + 1);
  }
}

}  // namespace sallyport::storage
