// What a store says when it refuses: whatever it is, the words that are kept are short.
#include <cstdlib>

#include "base/bytes.h"
#include "s3/fault.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = as_text({data, size});
  for (const int status : {200, 301, 400, 403, 404, 500, 503}) {
    const s3::Fault fault = s3::parse_fault(status, {}, body);
    const Error error = s3::error_of(fault, "GetObject");
    if (fault.code.empty() || fault.code.size() > 128 || error.reason != fault.code ||
        error.message.size() > 2048 || error.message.find('\n') != std::string::npos ||
        error.message.find('\x1b') != std::string::npos || fault.ids.request_id.size() > 128)
      std::abort();
  }
  return 0;
}
