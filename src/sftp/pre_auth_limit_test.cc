#include "sftp/pre_auth_limit.h"

#include <gtest/gtest.h>

#include <vector>

namespace sallyport::sftp {
namespace {

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

TEST(PreAuthLimit, GivesSoManyPlacesAndThoseThatAreGivenUp) {
  const auto limit = std::make_shared<PreAuthLimit>(2);
  auto first = PreAuthLimit::enter(limit);
  {
    const auto second = PreAuthLimit::enter(limit);
    EXPECT_TRUE(second.has_value());
    EXPECT_FALSE(PreAuthLimit::enter(limit).has_value());
  }
  const PreAuthLimit::Place moved(*std::move(first));
  first.reset();
  EXPECT_TRUE(PreAuthLimit::enter(limit).has_value());
}

TEST(PreAuthLimit, OneSourceDoesNotKeepTheOthersOut) {
  const auto limit = std::make_shared<PreAuthLimit>(10, 2);
  const auto taken_by = [&](const char* address) {
    auto place = PreAuthLimit::enter(limit);
    if (place && !place->belongs_to(ip(address))) place.reset();
    return place;
  };
  std::vector<PreAuthLimit::Place> places;
  for (const char* address : {"192.0.2.1", "192.0.2.1", "2001:db8::1", "2001:db8::2"})
    places.push_back(taken_by(address).value());
  EXPECT_FALSE(taken_by("192.0.2.1").has_value());
  EXPECT_FALSE(taken_by("2001:db8::3").has_value()) << "the same /64";
  EXPECT_TRUE(taken_by("192.0.2.2").has_value());
  EXPECT_TRUE(taken_by("2001:db8:0:1::1").has_value());
  places.pop_back();
  EXPECT_TRUE(taken_by("2001:db8::3").has_value());
}

}  // namespace
}  // namespace sallyport::sftp
