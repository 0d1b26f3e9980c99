// Forms: what parses can be encoded and parsed again to the same fields.
#include <cstdlib>

#include "base/bytes.h"
#include "codec/form.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto form = codec::parse_form(as_text({data, size}));
  if (!form.ok()) return 0;
  const auto again = codec::parse_form(form->encode(), {1 << 24, 4096});
  if (!again.ok() || again->fields() != form->fields()) std::abort();
  return 0;
}
