// ListObjects, version 1 and 2.
#include <fmt/format.h>

#include "api/s3/access.h"
#include "api/s3/listing.h"
#include "api/s3/operations.h"

namespace sallyport::api {

namespace {

struct ObjectsQuery {
  ListingFrame frame;
  storage::ListRequest request;
  std::uint32_t max_keys = 0;  // as asked for; request.max_keys is at least 1
};

Outcome<ObjectsQuery> read_query(const S3Call& call) {
  ObjectsQuery out;
  TRY_ASSIGN(out.frame, read_listing_frame(call.query()));
  TRY_ASSIGN(out.max_keys, read_page_size(call.query(), "max-keys"));
  out.request.bucket = call.request.bucket;
  out.request.prefix = out.frame.prefix;
  out.request.delimiter = out.frame.delimiter;
  out.request.max_keys = std::max(out.max_keys, 1u);
  return out;
}

Task<Outcome<storage::ListPage>> read_objects_page(const S3Call& call, const ObjectsQuery& query) {
  CO_TRY_ASSIGN(auto permit,
                co_await s3_permit(call, iam::Action::kListBucket, query.request.prefix));
  CO_TRY_ASSIGN(auto page, co_await call.objects().list(permit, query.request));
  // Of max-keys=0 only rights and bucket are checked.
  if (query.max_keys == 0) page = {};
  co_return std::move(page);
}

void write_head(codec::XmlWriter& xml, const ObjectsQuery& query) {
  xml.open("ListBucketResult", kS3Xmlns);
  xml.element("Name", query.request.bucket);
  xml.element("Prefix", query.frame.shown(query.frame.prefix));
  if (!query.frame.delimiter.empty())
    xml.element("Delimiter", query.frame.shown(query.frame.delimiter));
  xml.element("MaxKeys", std::int64_t{query.max_keys});
  if (query.frame.url_encoding) xml.element("EncodingType", "url");
}

void write_page(codec::XmlWriter& xml, const S3Call& call, const ObjectsQuery& query,
                const storage::ListPage& page, bool owner) {
  xml.element_bool("IsTruncated", page.truncated);
  for (const auto& object : page.objects) {
    xml.open("Contents");
    write_listed_object(xml, query.frame, object);
    if (owner) write_owner(xml, "Owner", call);
    xml.close();
  }
  write_prefixes(xml, query.frame, page.common_prefixes);
}

// Binds a continuation token to what is listed.
std::string listing_of(const ObjectsQuery& query) {
  return fmt::format("ListObjectsV2|{}|{}|{}", query.request.bucket, query.frame.prefix,
                     query.frame.delimiter);
}

}  // namespace

S3Answer list_objects_v1(const S3Call& call) {
  CO_TRY_ASSIGN(auto query, read_query(call));
  const std::string marker(call.query().get("marker"));
  query.request.start_after = marker;
  CO_TRY_ASSIGN(const auto page, co_await read_objects_page(call, query));
  codec::XmlWriter xml;
  write_head(xml, query);
  xml.element("Marker", query.frame.shown(marker));
  // Without a delimiter the last key is the next marker.
  if (page.truncated && !query.frame.delimiter.empty())
    xml.element("NextMarker", query.frame.shown(page.next_start_after));
  write_page(xml, call, query, page, true);
  co_return s3_xml_response(xml.take());
}

S3Answer list_objects_v2(const S3Call& call) {
  CO_TRY_ASSIGN(auto query, read_query(call));
  const std::string start_after(call.query().get("start-after"));
  const std::string token(call.query().get("continuation-token"));
  const std::string listing = listing_of(query);
  query.request.start_after = start_after;
  if (call.query().contains("continuation-token")) {
    auto position = call.context.tokens.open(token, listing);
    if (!position.ok())
      co_return s3_invalid_argument("The continuation token provided is incorrect",
                                    "continuation-token", token);
    query.request.start_after = std::move(*position);
  }
  CO_TRY_ASSIGN(const auto page, co_await read_objects_page(call, query));
  codec::XmlWriter xml;
  write_head(xml, query);
  if (!start_after.empty()) xml.element("StartAfter", query.frame.shown(start_after));
  if (!token.empty()) xml.element("ContinuationToken", token);
  if (page.truncated)
    xml.element("NextContinuationToken", call.context.tokens.make(listing, page.next_start_after));
  xml.element("KeyCount",
              static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size()));
  write_page(xml, call, query, page, call.query().get("fetch-owner") == "true");
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
