// What the S3 API reads of a request: paths and queries, ranges, copy sources, tags, part sizes,
// XML. The first byte chooses.
#include <cstdlib>
#include <string>

#include "api/s3/conditions.h"
#include "api/s3/object_headers.h"
#include "api/s3/part_sizes.h"
#include "api/s3/routes.h"
#include "api/s3/tags.h"

using namespace sallyport;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

void read_request(std::string_view text) {
  http::HttpRequest request;
  const auto space = std::min(text.find(' '), text.size());
  request.method = text.substr(0, space);
  text.remove_prefix(std::min(space + 1, text.size()));
  const auto line = std::min(text.find('\n'), text.size());
  request.target = text.substr(0, line);
  request.headers.add("Host", text.substr(std::min(line + 1, text.size())));
  const auto read = api::read_s3_request(request, {"localhost", "s3.localhost"});
  if (!read.ok()) return;
  must(read->key.empty() || !read->bucket.empty());
  const auto route = api::find_s3_route(*read);
  if (!route.ok()) return;
  must((*route)->method == request.method && (*route)->handler != nullptr);
  must(((*route)->scope == api::S3Scope::kObject) == !read->key.empty());
}

void read_range(std::string_view text) {
  for (const std::uint64_t size : {0ull, 1ull, 1000ull, ~0ull}) {
    const auto range = api::read_range_header(text, size);
    if (range.ok() && *range) must((*range)->first <= (*range)->last && (*range)->last < size);
  }
}

void read_tags(const api::Outcome<storage::Tags>& tags) {
  if (!tags.ok()) return;
  must(tags->size() <= api::kMaxObjectTags);
  const auto again = api::parse_tagging_xml(api::tagging_xml(*tags), api::kMaxObjectTags);
  must(again.ok() && *again == *tags);
}

void read_part_sizes(std::string_view text) {
  for (const std::uint32_t number : {1u, 2u, 10'000u}) {
    const auto part = api::find_part(text, number, 1000);
    if (part) must(part->first <= part->last && part->last < 1000);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 7) {
    case 0: read_request(text); break;
    case 1: read_range(text); break;
    case 2: {
      const auto source = api::parse_copy_source(text);
      if (source.ok()) must(!source->bucket.empty() && !source->key.empty());
      break;
    }
    case 3: read_tags(api::parse_tagging_header(text)); break;
    case 4: read_tags(api::parse_tagging_xml(text, api::kMaxObjectTags)); break;
    case 5: read_part_sizes(text); break;
    case 6: {
      http::Headers headers;
      headers.add("x-amz-meta-a", text);
      headers.add("Content-Encoding", text);
      headers.add("If-Match", text);
      (void)api::check_object_headers(headers);
      (void)api::read_put_options(headers);
      storage::PutOptions options;
      (void)api::read_put_conditions(headers, options);
      break;
    }
  }
  return 0;
}
