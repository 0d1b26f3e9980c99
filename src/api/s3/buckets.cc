// Making, finding, listing and removing buckets.
#include <fmt/format.h>

#include <algorithm>

#include "api/s3/access.h"
#include "api/s3/bucket_settings.h"
#include "api/s3/listing.h"
#include "api/s3/object_headers.h"
#include "api/s3/operations.h"
#include "api/s3/xml_body.h"

namespace sallyport::api {

namespace {

constexpr std::string_view kUsEast1 = "us-east-1";
constexpr std::uint32_t kMaxBuckets = 10'000;

// Regions are lower-case letters, digits and dashes; "EU" is the old name of eu-west-1.
Outcome<std::string> check_region(std::string region) {
  if (region == "EU") return std::string("eu-west-1");
  const bool good = region.size() >= 2 && region.size() <= 32 &&
                    std::all_of(region.begin(), region.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                    });
  if (!good) return s3_fault("InvalidLocationConstraint", "");
  return region;
}

// The LocationConstraint of CreateBucketConfiguration; "" for none.
Outcome<std::string> read_location(std::string_view body) {
  if (body.empty()) return std::string();
  TRY_ASSIGN(const auto document, parse_s3_xml(body, "CreateBucketConfiguration"));
  const auto configuration = document->document_element();
  TRY(expect_children(configuration, {"LocationConstraint", "Location", "Bucket", "Tags"}));
  if (configuration.child("Location") || configuration.child("Bucket"))
    return s3_not_implemented("A directory bucket");
  if (configuration.child("Tags").first_child())
    return s3_not_implemented("Tags in CreateBucketConfiguration");
  TRY_ASSIGN(const auto location, xml_child_text(configuration, "LocationConstraint"));
  if (!location || location->empty()) return std::string();
  return check_region(*location);
}

Outcome<Done> check_create_headers(const http::Headers& headers) {
  TRY(check_object_headers(headers));
  if (http::equals_ignore_case(headers.get("x-amz-bucket-object-lock-enabled"), "true"))
    return s3_not_implemented("Object Lock");
  const auto ownership = headers.find("x-amz-object-ownership");
  if (ownership && *ownership != "BucketOwnerEnforced")
    return s3_not_implemented("An object ownership other than BucketOwnerEnforced");
  return done();
}

Fault illegal_location(std::string_view location) {
  return s3_fault("IllegalLocationConstraintException",
                  fmt::format("The {} location constraint is incompatible for the region specific "
                              "endpoint this request was sent to.",
                              location));
}

Fault already_yours() {
  return {Errc::kAlreadyExists, "", "BucketAlreadyOwnedByYou"};
}

struct BucketsQuery {
  std::string prefix, region, after;
  std::uint32_t max = kMaxBuckets;
};

constexpr std::string_view kListing = "ListBuckets";

Outcome<BucketsQuery> read_buckets_query(const S3Call& call) {
  BucketsQuery out;
  out.prefix = call.query().get("prefix");
  out.region = call.query().get("bucket-region");
  TRY_ASSIGN(out.max, read_number(call.query(), "max-buckets", kMaxBuckets, 1, kMaxBuckets));
  const auto token = call.query().get("continuation-token");
  if (!token.empty()) {
    auto position = call.context.tokens.open(token, kListing);
    if (!position.ok())
      return s3_invalid_argument("The continuation token provided is incorrect",
                                 "continuation-token", token);
    out.after = std::move(*position);
  }
  return out;
}

}  // namespace

S3Answer list_buckets(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kListAllMyBuckets, ""));
  CO_TRY_ASSIGN(const auto query, read_buckets_query(call));
  CO_TRY_ASSIGN(const auto buckets, co_await call.objects().list_buckets(permit));
  codec::XmlWriter xml;
  xml.open("ListAllMyBucketsResult", kS3Xmlns);
  write_owner(xml, "Owner", call);
  xml.open("Buckets");
  std::uint32_t shown = 0;
  std::string last, next;
  for (const auto& bucket : buckets) {
    if (bucket.name <= query.after || !bucket.name.starts_with(query.prefix)) continue;
    if (!query.region.empty() && bucket.region != query.region) continue;
    if (shown == query.max) {
      next = last;
      break;
    }
    ++shown;
    last = bucket.name;
    xml.open("Bucket").element("Name", bucket.name);
    xml.element("CreationDate", s3_time(bucket.created));
    xml.element("BucketRegion", bucket.region).close();
  }
  xml.close();
  if (!next.empty()) xml.element("ContinuationToken", call.context.tokens.make(kListing, next));
  if (call.query().contains("prefix")) xml.element("Prefix", query.prefix);
  co_return s3_xml_response(xml.take());
}

// The policies of a bucket here would be asked about the one that sessions go to.
Fault taken_elsewhere() {
  return {Errc::kAlreadyExists, "The bucket of this name is in another store",
          "BucketAlreadyExists"};
}

S3Answer create_bucket(const S3Call& call) {
  const std::string& home = call.context.place.region;
  CO_TRY(check_create_headers(call.headers()));
  CO_TRY_ASSIGN(const auto body, co_await read_small_body(call, kMaxConfigurationBody));
  CO_TRY_ASSIGN(std::string region, read_location(body));
  // As in AWS, buckets of any region can be made through us-east-1 only.
  if (!region.empty() && region != home && home != kUsEast1) co_return illegal_location(region);
  iam::Context extra;
  if (!region.empty()) extra.push_back({"s3:LocationConstraint", region});
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kCreateBucket, "", extra));
  if (region.empty()) region = home;
  const auto& is_elsewhere = call.context.is_elsewhere;
  if (is_elsewhere && is_elsewhere(call.request.bucket)) co_return taken_elsewhere();
  const auto there = co_await call.objects().head_bucket(permit, call.request.bucket);
  if (there.ok()) {
    // One's own bucket, made again: an error everywhere but in us-east-1.
    if (there->region != kUsEast1 || region != kUsEast1) co_return already_yours();
  } else {
    // What an earlier bucket of this name may have left would speak for the new one.
    CO_TRY(co_await forget_bucket_settings(call, call.request.bucket));
    auto created = co_await call.objects().create_bucket(permit, call.request.bucket, region);
    if (!created.ok() && created.error().code == Errc::kAlreadyExists) co_return already_yours();
    if (!created.ok()) co_return std::move(created).error();
  }
  http::HttpResponse response;
  response.headers.add("Location", "/" + call.request.bucket);
  co_return response;
}

S3Answer head_bucket(const S3Call& call) {
  CO_TRY_ASSIGN(const auto info, co_await s3_bucket(call, iam::Action::kListBucket));
  http::HttpResponse response;
  response.headers.add("x-amz-bucket-region", info.region);
  response.headers.add("x-amz-access-point-alias", "false");
  response.headers.add("Content-Type", "application/xml");
  co_return response;
}

S3Answer delete_bucket(const S3Call& call) {
  CO_TRY_ASSIGN(auto permit, co_await s3_permit(call, iam::Action::kDeleteBucket, ""));
  CO_TRY(co_await call.objects().delete_bucket(permit, call.request.bucket));
  CO_TRY(co_await forget_bucket_settings(call, call.request.bucket));
  co_return s3_empty_response(204);
}

S3Answer get_bucket_location(const S3Call& call) {
  CO_TRY_ASSIGN(const auto info, co_await s3_bucket(call, iam::Action::kGetBucketLocation));
  codec::XmlWriter xml;
  xml.open("LocationConstraint", kS3Xmlns);
  // us-east-1 is said by saying nothing.
  if (info.region != kUsEast1) xml.text(info.region);
  co_return s3_xml_response(xml.take());
}

}  // namespace sallyport::api
