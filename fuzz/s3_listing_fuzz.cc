// What a store lists: every key and prefix begins as asked, and a page that is cut gets on.
#include <cstdlib>

#include "base/bytes.h"
#include "s3/listing.h"
#include "storage/embedded_keys.h"

using namespace sallyport;

namespace {

void check(const storage::ListRequest& request, std::string_view xml) {
  const auto page = s3::parse_listing(xml, request);
  if (!page.ok()) return;
  for (const auto& object : page->objects)
    if (!object.key.starts_with(request.prefix) || object.key <= request.start_after ||
        !storage::check_key(object.key).ok())
      std::abort();
  for (const auto& prefix : page->common_prefixes)
    if (prefix.size() <= request.prefix.size() || !prefix.starts_with(request.prefix) ||
        !storage::check_key(prefix).ok())
      std::abort();
  const std::string& next = page->next_start_after;
  if (page->truncated && (next == request.start_after || next.empty())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view xml = as_text({data, size});
  storage::ListRequest request;
  check(request, xml);
  request.prefix = "a/";
  request.delimiter = "/";
  check(request, xml);
  request.start_after = "a/b/";
  check(request, xml);
  (void)s3::parse_buckets(xml, "us-east-1");
  return 0;
}
