#include "s3/call.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

Place place_at(const char* endpoint, Addressing addressing) {
  Place place;
  place.endpoint = http::parse_url(endpoint).value();
  place.addressing = addressing;
  return place;
}

Call call_for(std::string bucket, std::string key) {
  Call call;
  call.bucket = std::move(bucket);
  call.key = std::move(key);
  return call;
}

TEST(CallTest, the_bucket_is_the_paths_first_part) {
  const Place place = place_at("http://s3.example:9000", Addressing::kPath);
  const Call call = call_for("files", "a/b c");
  const http::HttpRequest request = wire_request(place, call);
  EXPECT_EQ(request.target, "/files/a/b%20c");
  EXPECT_EQ(request.headers.get("Host"), "s3.example:9000");
  EXPECT_EQ(origin_of(place, call).host, "s3.example");
}

TEST(CallTest, or_the_hosts) {
  const Place place = place_at("https://s3.eu-west-1.amazonaws.com", Addressing::kVirtualHost);
  const Call call = call_for("files", "a/b");
  EXPECT_EQ(wire_request(place, call).target, "/a/b");
  EXPECT_EQ(wire_request(place, call).headers.get("Host"), "files.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(origin_of(place, call).host, "files.s3.eu-west-1.amazonaws.com");
  // The bucket as a whole, and no bucket at all.
  EXPECT_EQ(wire_request(place, call_for("files", "")).target, "/");
  EXPECT_EQ(wire_request(place, call_for("", "")).headers.get("Host"),
            "s3.eu-west-1.amazonaws.com");
}

TEST(CallTest, a_bucket_and_the_store_as_a_whole_have_no_key) {
  const Place place = place_at("http://s3.example", Addressing::kPath);
  EXPECT_EQ(wire_request(place, call_for("files", "")).target, "/files");
  EXPECT_EQ(wire_request(place, call_for("", "")).target, "/");
}

TEST(CallTest, keys_keep_every_byte) {
  const Place place = place_at("http://s3.example", Addressing::kPath);
  const auto target = [&](std::string key) {
    return wire_request(place, call_for("b", std::move(key))).target;
  };
  EXPECT_EQ(target("/lead"), "/b//lead");
  EXPECT_EQ(target("a//b"), "/b/a//b");
  EXPECT_EQ(target("../x"), "/b/../x");
  EXPECT_EQ(target("a?b#c%2e+"), "/b/a%3Fb%23c%252e%2B");
  EXPECT_EQ(target("a\nb"), "/b/a%0Ab");
  EXPECT_EQ(target("\xc3\xa9~"), "/b/%C3%A9~");
}

TEST(CallTest, query_values_cannot_make_further_ones) {
  const Place place = place_at("http://s3.example", Addressing::kPath);
  Call call = call_for("b", "k");
  call.query = {{"uploads", ""}, {"prefix", "a&delimiter=/ ?\r\n"}};
  EXPECT_EQ(wire_request(place, call).target,
            "/b/k?uploads=&prefix=a%26delimiter%3D%2F%20%3F%0D%0A");
}

TEST(CallTest, a_copys_source_is_encoded) {
  EXPECT_EQ(copy_source("b", "a/\xc3\xa9 ?"), "/b/a/%C3%A9%20%3F");
}

}  // namespace
}  // namespace sallyport::s3
