#include "s3/listing.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "codec/percent_encoding.h"
#include "codec/xml.h"
#include "s3/object_fields.h"
#include "s3/timestamp.h"
#include "storage/object_names.h"

namespace sallyport::s3 {
namespace {

constexpr codec::XmlLimits kListingLimits{8 << 20, 16};
// Above every key that begins with what stands before it: U+10FFFF.
constexpr std::string_view kLast = "\xf4\x8f\xbf\xbf";
constexpr std::size_t kMaxStoreKey = 1024;

Error odd(std::string_view why) {
  return Error(Errc::kCorrupt, "the store's listing " + std::string(why));
}

// A common prefix stands for all that begins with it; stores differ in whether they know so.
std::string start_after_of(const storage::ListRequest& request) {
  const std::string& after = request.start_after;
  const bool folded = !request.delimiter.empty() && after.ends_with(request.delimiter) &&
                      after.size() > request.prefix.size() && after.starts_with(request.prefix);
  if (!folded || after.size() + kLast.size() > kMaxStoreKey) return after;
  return after + std::string(kLast);
}

// Most stores write a space as "+" (Amazon S3, MinIO), Ceph as "%20"; a plus is "%2B" to all of
// them.
Result<std::string> decoded(const char* text, bool encoded) {
  if (!encoded) return std::string(text);
  auto key = codec::form_decode(text);
  if (!key.ok()) return odd("holds a key that is not encoded as asked");
  return key;
}

// As a component of a path.
bool can_be_bucket(std::string_view name) {
  return storage::check_key(name).ok() && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos;
}

Result<storage::ObjectInfo> listed_object(const pugi::xml_node& node, bool encoded) {
  storage::ObjectInfo info;
  TRY_ASSIGN(info.key, decoded(node.child_value("Key"), encoded));
  if (!storage::check_key(info.key).ok()) return odd("holds a key that can be none");
  const std::string_view size = node.child_value("Size");
  const auto [end, ec] = std::from_chars(size.data(), size.data() + size.size(), info.size);
  if (ec != std::errc{} || end != size.data() + size.size())
    return odd("holds an object without a size");
  info.modified = parse_timestamp(node.child_value("LastModified")).value_or(WallTime{});
  info.etag = unquoted_etag(node.child_value("ETag"));
  return info;
}

// Up to the first delimiter behind what was asked for.
bool is_folded(std::string_view prefix, const storage::ListRequest& request) {
  if (request.delimiter.empty() || !prefix.starts_with(request.prefix)) return false;
  const std::size_t at = prefix.find(request.delimiter, request.prefix.size());
  return at != std::string_view::npos && at + request.delimiter.size() == prefix.size();
}

// A start inside of a folded prefix goes on behind all of that.
bool gets_on(const storage::ListPage& page, const storage::ListRequest& request) {
  const std::string& next = page.next_start_after;
  if (next > request.start_after) return true;
  return !page.common_prefixes.empty() && page.common_prefixes.back() == next &&
         request.start_after.starts_with(next);
}

bool is_beyond_delimiter(const std::string& key, const storage::ListRequest& request) {
  return key.find(request.delimiter, request.prefix.size()) != std::string::npos;
}

}  // namespace

Call list_call(const storage::ListRequest& request) {
  Call call;
  call.what = "ListObjectsV2";
  call.bucket = request.bucket;
  call.query = {{"list-type", "2"},
                {"encoding-type", "url"},
                {"max-keys", std::to_string(request.max_keys)},
                {"prefix", request.prefix}};
  if (!request.delimiter.empty()) call.query.emplace_back("delimiter", request.delimiter);
  if (!request.start_after.empty()) call.query.emplace_back("start-after", start_after_of(request));
  return call;
}

Result<storage::ListPage> parse_listing(std::string_view xml, const storage::ListRequest& request) {
  const auto document = codec::parse_xml(xml, kListingLimits);
  if (!document.ok()) return odd("is not XML: " + document.error().message);
  const pugi::xml_node root = (*document)->document_element();
  if (std::string_view(root.name()) != "ListBucketResult") return odd("is none");
  const bool encoded = std::string_view(root.child_value("EncodingType")) == "url";
  storage::ListPage page;
  for (const pugi::xml_node& node : root.children("Contents")) {
    TRY_ASSIGN(auto object, listed_object(node, encoded));
    if (!object.key.starts_with(request.prefix))
      return odd("holds a key that does not begin as asked");
    if (!request.delimiter.empty() && is_beyond_delimiter(object.key, request))
      return odd("holds a key that should have been folded");
    if (object.key > request.start_after) page.objects.push_back(std::move(object));
  }
  for (const pugi::xml_node& node : root.children("CommonPrefixes")) {
    TRY_ASSIGN(auto prefix, decoded(node.child_value("Prefix"), encoded));
    if (!is_folded(prefix, request)) return odd("holds a prefix that does not begin as asked");
    if (!storage::check_key(prefix).ok()) return odd("holds a prefix that can be none");
    if (prefix != request.start_after) page.common_prefixes.push_back(std::move(prefix));
  }
  page.truncated = std::string_view(root.child_value("IsTruncated")) == "true";
  if (!page.truncated) return page;
  if (!page.objects.empty()) page.next_start_after = page.objects.back().key;
  if (!page.common_prefixes.empty())
    page.next_start_after = std::max(page.next_start_after, page.common_prefixes.back());
  if (!gets_on(page, request)) return odd("does not get on");
  return page;
}

Result<std::vector<storage::BucketInfo>> parse_buckets(std::string_view xml,
                                                       const std::string& region) {
  const auto document = codec::parse_xml(xml, kListingLimits);
  if (!document.ok()) return odd("of buckets is not XML: " + document.error().message);
  const pugi::xml_node root = (*document)->document_element();
  if (std::string_view(root.name()) != "ListAllMyBucketsResult") return odd("of buckets is none");
  std::vector<storage::BucketInfo> out;
  for (const pugi::xml_node& node : root.child("Buckets").children("Bucket")) {
    storage::BucketInfo bucket;
    bucket.name = node.child_value("Name");
    if (!can_be_bucket(bucket.name)) return odd("of buckets holds a name that can be none");
    bucket.region = region;
    bucket.created = parse_timestamp(node.child_value("CreationDate")).value_or(WallTime{});
    out.push_back(std::move(bucket));
  }
  return out;
}

}  // namespace sallyport::s3
