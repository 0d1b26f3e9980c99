// XML parsing, and escaping of arbitrary bytes: what is written parses.
#include <cstdlib>
#include <pugixml.hpp>

#include "base/bytes.h"
#include "codec/utf8.h"
#include "codec/xml.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  (void)codec::parse_xml(text);
  codec::XmlWriter writer;
  writer.open("a").attribute("b", text).element("c", text).close();
  const std::string written = writer.take();
  if (!codec::is_valid_utf8(written) || !codec::parse_xml(written, {1 << 24, 8}).ok()) std::abort();
  return 0;
}
