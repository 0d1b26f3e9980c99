#include "s3/bucket_regions.h"

#include <gtest/gtest.h>

namespace sallyport::s3 {
namespace {

Place home_at(const std::string& url) {
  Place place;
  place.endpoint = http::parse_url(url).value();
  place.region = "eu-west-1";
  return place;
}

// The host that is asked for the bucket after such a refusal; "" when it leads nowhere.
std::string led_to(const std::string& url, std::string_view region) {
  BucketRegions regions(home_at(url));
  if (!regions.learn("b", regions.home(), region)) return "";
  EXPECT_EQ(regions.place_of("b")->region, region);
  EXPECT_EQ(regions.place_of("other")->region, "eu-west-1");
  return regions.place_of("b")->endpoint.host;
}

TEST(BucketRegionsTest, a_bucket_is_asked_for_in_the_region_that_was_named) {
  EXPECT_EQ(led_to("https://s3.eu-west-1.amazonaws.com", "us-west-2"),
            "s3.us-west-2.amazonaws.com");
  EXPECT_EQ(led_to("https://s3.amazonaws.com", "us-west-2"), "s3.us-west-2.amazonaws.com");
  EXPECT_EQ(led_to("https://s3.dualstack.eu-west-1.amazonaws.com", "us-west-2"),
            "s3.dualstack.us-west-2.amazonaws.com");
  EXPECT_EQ(led_to("https://s3.eu-west-1.amazonaws.com.cn", "cn-north-1"),
            "s3.cn-north-1.amazonaws.com.cn");
}

TEST(BucketRegionsTest, nobody_is_led_away_from_amazon_or_out_of_a_private_network) {
  EXPECT_EQ(led_to("https://minio.example", "us-west-2"), "");
  EXPECT_EQ(led_to("https://bucket.vpce-1a2b-3c4d.s3.eu-west-1.vpce.amazonaws.com", "us-west-2"),
            "");
  EXPECT_EQ(led_to("https://s3.eu-west-1.amazonaws.com.evil.example", "us-west-2"), "");
}

TEST(BucketRegionsTest, what_is_no_region_leads_nowhere) {
  for (const std::string_view region :
       {"", "eu-west-1", "evil.example/", "US-WEST-2", "a.b", "us-west-2\r\n", "x:80"})
    EXPECT_EQ(led_to("https://s3.eu-west-1.amazonaws.com", region), "") << region;
  EXPECT_EQ(led_to("https://s3.eu-west-1.amazonaws.com", std::string(33, 'a')), "");
}

TEST(BucketRegionsTest, a_bucket_may_move_again_but_nowhere_twice_in_a_row) {
  BucketRegions regions(home_at("https://s3.eu-west-1.amazonaws.com"));
  EXPECT_FALSE(regions.learn("", regions.home(), "us-west-2"));
  EXPECT_TRUE(regions.learn("b", regions.home(), "us-west-2"));
  EXPECT_FALSE(regions.learn("b", *regions.place_of("b"), "us-west-2"));
  EXPECT_TRUE(regions.learn("b", *regions.place_of("b"), "eu-west-1"));
}

TEST(BucketRegionsTest, what_gave_no_answer_is_forgotten_and_nothing_newer) {
  BucketRegions regions(home_at("https://s3.eu-west-1.amazonaws.com"));
  EXPECT_FALSE(regions.forget("b", regions.place_of("b")));
  for (const std::string bucket : {"b", "other"})
    EXPECT_TRUE(regions.learn(bucket, regions.home(), "us-west-2"));
  const auto first = regions.place_of("b");
  EXPECT_TRUE(regions.learn("b", *first, "us-east-2"));
  EXPECT_FALSE(regions.forget("b", first));
  EXPECT_EQ(regions.place_of("b")->region, "us-east-2");
  EXPECT_TRUE(regions.forget("b", regions.place_of("b")));
  EXPECT_EQ(regions.place_of("b")->region, "eu-west-1");
  EXPECT_EQ(regions.place_of("other")->region, "us-west-2");
}

}  // namespace
}  // namespace sallyport::s3
