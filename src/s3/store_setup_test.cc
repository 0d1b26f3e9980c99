#include "s3/store_setup.h"

#include <gtest/gtest.h>

#include "s3/test_service.h"

namespace sallyport::s3 {
namespace {

using testing_support::TestService;

config::StoreSection section_at(std::string endpoint) {
  config::StoreSection out;
  out.endpoint = std::move(endpoint);
  out.region = "eu-west-1";
  return out;
}

std::string sts_of(const config::StoreSection& section) {
  const auto options = sts_options_of("s", section);
  if (!options.ok()) return options.error().message;
  return options->endpoint.scheme + "://" + options->endpoint.authority() +
         options->endpoint.target + (options->drop_accounts ? " drop" : " keep");
}

TEST(StoreSetupTest, the_sts_of_amazon_is_the_regions_and_keeps_accounts) {
  EXPECT_EQ(sts_of(section_at("https://s3.eu-west-1.amazonaws.com")),
            "https://sts.eu-west-1.amazonaws.com/ keep");
  EXPECT_EQ(sts_of(section_at("https://s3.cn-north-1.amazonaws.com.cn")),
            "https://sts.eu-west-1.amazonaws.com.cn/ keep");
}

TEST(StoreSetupTest, the_sts_of_others_is_the_endpoint_and_drops_accounts) {
  EXPECT_EQ(sts_of(section_at("http://rgw.example:7480")), "http://rgw.example:7480/ drop");
  for (const char* near : {"http://notamazonaws.com", "http://amazonaws.com.evil.example"})
    EXPECT_EQ(sts_of(section_at(near)), std::string(near) + "/ drop");
}

TEST(StoreSetupTest, what_the_settings_say_wins) {
  config::StoreSection section = section_at("http://rgw.example");
  section.sts_endpoint = "https://sts.example/at/this";
  section.role_accounts = "keep";
  EXPECT_EQ(sts_of(section), "https://sts.example/at/this keep");
  section = section_at("https://s3.eu-west-1.amazonaws.com");
  section.role_accounts = "drop";
  EXPECT_EQ(sts_of(section), "https://sts.eu-west-1.amazonaws.com/ drop");
}

TEST(StoreSetupTest, a_place_is_as_the_settings_say_and_wrong_urls_are_named) {
  config::StoreSection section = section_at("https://rgw.example:7480");
  section.addressing = "virtual";
  const auto place = place_of("ceph", section);
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->name, "ceph");
  EXPECT_EQ(place->endpoint.authority(), "rgw.example:7480");
  EXPECT_EQ(place->region, "eu-west-1");
  EXPECT_EQ(place->addressing, Addressing::kVirtualHost);
  section.endpoint = "https://rgw:99999";
  const auto wrong = place_of("ceph", section);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code, Errc::kInvalidArgument);
  EXPECT_NE(wrong.error().message.find("stores.ceph.endpoint"), std::string::npos);
}

TEST(StoreSetupTest, amazon_gets_checksums_and_others_what_is_said) {
  config::StoreSection amazon = section_at("https://s3.eu-west-1.amazonaws.com");
  config::StoreSection other = section_at("https://minio.example");
  EXPECT_EQ(body_check_of("s", amazon).value(), BodyCheck::kCrc32c);
  EXPECT_EQ(body_check_of("s", other).value(), BodyCheck::kNone);
  amazon.checksum = "none";
  EXPECT_EQ(body_check_of("s", amazon).value(), BodyCheck::kNone);
  other.checksum = "crc32c";
  EXPECT_EQ(body_check_of("s", other).value(), BodyCheck::kCrc32c);
  other.checksum = "md5";
  EXPECT_EQ(body_check_of("s", other).value(), BodyCheck::kMd5);
}

Task<void> make_sources() {
  TestService service({""});
  const auto none = [](const char*) -> std::optional<std::string> { return std::nullopt; };
  const Environment environment = none;
  config::StoreSection section = section_at("http://rgw.example");
  section.access_key_id = "AK";
  section.secret_access_key = SecretString("SK");
  auto fixed = make_key_source("s", section, service.tools(), environment);
  EXPECT_TRUE(fixed.ok());
  const Keys keys = *co_await (*fixed)->get();
  EXPECT_EQ(keys->keys.access_key, "AK");
  EXPECT_EQ(keys->keys.secret.reveal(), "SK");
  EXPECT_EQ(keys->expires, std::nullopt);
  for (const char* from : {"environment", "file"}) {
    section.credentials = from;
    const auto wrong = make_key_source("s", section, service.tools(), environment);
    EXPECT_FALSE(wrong.ok());
    EXPECT_NE(wrong.error().message.find("stores.s.credentials"), std::string::npos);
  }
  section.credentials = "instance";
  EXPECT_TRUE(make_key_source("s", section, service.tools(), environment).ok());
  co_await service.end();
}

TEST(StoreSetupTest, sources_are_made_or_say_what_they_lack) {
  net::sync_wait(make_sources());
}

}  // namespace
}  // namespace sallyport::s3
