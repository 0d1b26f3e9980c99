// JSON: what parses can be written and parsed again to the same value.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "codec/json.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = codec::parse_json(as_text({data, size}));
  if (!value.ok()) return 0;
  const auto again = codec::parse_json(codec::write_json(*value), {1 << 24, 64});
  if (!again.ok() || *again != *value) std::abort();
  return 0;
}
