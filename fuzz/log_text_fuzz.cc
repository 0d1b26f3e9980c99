// Log lines from hostile bytes are one JSON object on one line, within their bounds.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "codec/utf8.h"
#include "events/json_text.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = as_text({data, size});
  for (const std::size_t bound : {3u, 16u, 8192u}) {
    const std::string clean = events::clean_utf8(bytes, bound);
    if (clean.size() > bound || !codec::is_valid_utf8(clean)) std::abort();
    if (codec::is_valid_utf8(bytes) && bytes.size() <= bound && clean != bytes) std::abort();
    std::string json;
    events::append_json_string(json, clean);
    if (json.find('\n') != std::string::npos) std::abort();
    const auto parsed = nlohmann::json::parse(json, nullptr, false);
    if (!parsed.is_string() || parsed.get<std::string>() != clean) std::abort();
  }
  return 0;
}
