#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

#include "api/s3/service.h"
#include "codec/percent_encoding.h"
#include "codec/xml.h"
#include "storage/object_store.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kMaxConfiguration = 64 * 1024;
constexpr std::uint32_t kMaxKeys = 1000;

// The LocationConstraint of CreateBucketConfiguration; "" for an empty body.
Outcome<std::string> read_location(std::string_view body) {
  if (body.empty()) return std::string();
  const auto document = codec::parse_xml(body);
  if (!document.ok())
    return Fault(Errc::kInvalidArgument,
                 "The XML you provided was not well-formed or did not validate against our "
                 "published schema",
                 "MalformedXML");
  const auto configuration = (*document)->child("CreateBucketConfiguration");
  return std::string(configuration.child("LocationConstraint").text().get());
}

struct ListQuery {
  storage::ListRequest request;
  std::string listing;  // binds the continuation token
  std::string token;
  bool url_encoding = false;
};

Outcome<ListQuery> read_list_query(const S3Call& call) {
  const auto& query = call.request.query;
  ListQuery out;
  out.request.bucket = call.request.bucket;
  out.request.prefix = query.get("prefix");
  out.request.delimiter = query.get("delimiter");
  out.request.start_after = query.get("start-after");
  out.url_encoding = query.get("encoding-type") == "url";
  if (query.contains("encoding-type") && !out.url_encoding)
    return Fault(Errc::kInvalidArgument, "Invalid Encoding Method specified in Request");
  if (const auto text = query.find("max-keys")) {
    std::uint32_t keys = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), keys);
    if (error != std::errc() || end != text->data() + text->size())
      return Fault(Errc::kInvalidArgument,
                   "Provided max-keys not an integer or within integer range");
    out.request.max_keys = std::min(keys, kMaxKeys);
  }
  out.listing = fmt::format("ListObjectsV2|{}|{}|{}", out.request.bucket, out.request.prefix,
                            out.request.delimiter);
  out.token = query.get("continuation-token");
  if (query.contains("continuation-token")) {
    auto position = call.context.tokens.open(out.token, out.listing);
    if (!position.ok())
      return Fault(Errc::kInvalidArgument, "The continuation token provided is incorrect");
    out.request.start_after = std::move(*position);
  }
  return out;
}

std::string list_xml(const S3Call& call, const ListQuery& query, const storage::ListPage& page) {
  const auto shown = [&query](const std::string& name) {
    return query.url_encoding ? codec::percent_encode_path(name) : name;
  };
  const auto& given = call.request.query;
  codec::XmlWriter xml;
  xml.open("ListBucketResult", kS3Xmlns);
  xml.element("Name", query.request.bucket).element("Prefix", shown(query.request.prefix));
  if (!query.request.delimiter.empty()) xml.element("Delimiter", shown(query.request.delimiter));
  if (given.contains("start-after"))
    xml.element("StartAfter", shown(std::string(given.get("start-after"))));
  if (!query.token.empty()) xml.element("ContinuationToken", query.token);
  if (page.truncated) {
    xml.element("NextContinuationToken",
                call.context.tokens.make(query.listing, page.next_start_after));
  }
  xml.element("KeyCount",
              static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size()));
  xml.element("MaxKeys", std::int64_t{query.request.max_keys});
  if (query.url_encoding) xml.element("EncodingType", "url");
  xml.element_bool("IsTruncated", page.truncated);
  for (const auto& object : page.objects) {
    xml.open("Contents").element("Key", shown(object.key));
    xml.element("LastModified", to_iso8601_ms(object.modified));
    xml.element("ETag", "\"" + object.etag + "\"");
    xml.element("Size", static_cast<std::int64_t>(object.size));
    xml.element("StorageClass", "STANDARD").close();
  }
  for (const auto& prefix : page.common_prefixes)
    xml.open("CommonPrefixes").element("Prefix", shown(prefix)).close();
  return xml.take();
}

}  // namespace

S3Answer list_buckets(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kListAllMyBuckets, ""));
  CO_TRY_ASSIGN(const auto buckets, co_await call.context.objects.list_buckets(permit));
  const std::string_view prefix = call.request.query.get("prefix");
  codec::XmlWriter xml;
  xml.open("ListAllMyBucketsResult", kS3Xmlns);
  xml.open("Owner").element("ID", call.context.place.account).close();
  xml.open("Buckets");
  for (const auto& bucket : buckets) {
    if (!bucket.name.starts_with(prefix)) continue;
    xml.open("Bucket").element("Name", bucket.name);
    xml.element("CreationDate", to_iso8601_ms(bucket.created)).close();
  }
  co_return s3_xml_response(xml.take());
}

S3Answer create_bucket(const S3Call& call) {
  const std::string& region = call.context.place.region;
  CO_TRY_ASSIGN(const auto body, co_await http::read_all(call.body, kMaxConfiguration));
  CO_TRY_ASSIGN(const auto location, read_location(body));
  if (!location.empty() && location != region) {
    co_return Fault(Errc::kInvalidArgument,
                    fmt::format("The {} location constraint is incompatible for the region "
                                "specific endpoint this request was sent to.",
                                location.substr(0, 64)),
                    "IllegalLocationConstraintException");
  }
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kCreateBucket, ""));
  auto created = co_await call.context.objects.create_bucket(permit, call.request.bucket);
  if (!created.ok()) {
    // One's own bucket, made again: an error everywhere but in us-east-1.
    const bool own = created.error().code == Errc::kAlreadyExists;
    if (own && region != "us-east-1") {
      co_return Fault(Errc::kAlreadyExists,
                      "Your previous request to create the named bucket succeeded and you already "
                      "own it.",
                      "BucketAlreadyOwnedByYou");
    }
    if (!own) co_return std::move(created).error();
  }
  http::HttpResponse response;
  response.headers.add("Location", "/" + call.request.bucket);
  co_return response;
}

S3Answer head_bucket(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kListBucket, ""));
  CO_TRY_ASSIGN(const auto info,
                co_await call.context.objects.head_bucket(permit, call.request.bucket));
  http::HttpResponse response;
  response.headers.add("x-amz-bucket-region", info.region);
  response.headers.add("Content-Type", "application/xml");
  co_return response;
}

S3Answer delete_bucket(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kDeleteBucket, ""));
  CO_TRY(co_await call.context.objects.delete_bucket(permit, call.request.bucket));
  http::HttpResponse response;
  response.status = 204;
  co_return response;
}

S3Answer get_bucket_location(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kListBucket, ""));
  CO_TRY_ASSIGN(const auto info,
                co_await call.context.objects.head_bucket(permit, call.request.bucket));
  codec::XmlWriter xml;
  xml.open("LocationConstraint", kS3Xmlns);
  // us-east-1 is said by saying nothing.
  if (info.region != "us-east-1") xml.text(info.region);
  co_return s3_xml_response(xml.take());
}

S3Answer list_objects_v2(const S3Call& call) {
  CO_TRY_ASSIGN(const auto query, read_list_query(call));
  storage::ListPage page;
  if (query.request.max_keys == 0) {
    CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kListBucket, ""));
    CO_TRY(co_await call.context.objects.head_bucket(permit, call.request.bucket));
  } else {
    CO_TRY_ASSIGN(auto permit,
                  co_await s3_permit(call, iam::Action::kListBucket, query.request.prefix));
    CO_TRY_ASSIGN(page, co_await call.context.objects.list(permit, query.request));
  }
  co_return s3_xml_response(list_xml(call, query, page));
}

}  // namespace sallyport::api
