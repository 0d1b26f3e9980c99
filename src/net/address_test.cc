#include "net/address.h"

#include <gtest/gtest.h>

namespace sallyport::net {
namespace {

// RFC 5952 sections 4 and 5.
TEST(IpAddress, IsWrittenInItsShortestForm) {
  const std::pair<const char*, const char*> forms[] = {
      {"2001:DB8::0:1", "2001:db8::1"},
      {"2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"::FFFF:C633:6407", "198.51.100.7"}};
  for (const auto& [text, shortest] : forms)
    EXPECT_EQ(IpAddress::parse(text)->to_string(), shortest) << text;
}

TEST(IpAddress, ParsesAndPrintsBothFamilies) {
  EXPECT_EQ(IpAddress::parse("127.0.0.1")->to_string(), "127.0.0.1");
  EXPECT_EQ(IpAddress::parse("2001:db8::1")->to_string(), "2001:db8::1");
  EXPECT_EQ(IpAddress::parse("::ffff:10.1.2.3")->to_string(), "10.1.2.3");
  EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
  EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
}

TEST(IpAddress, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "fe80::1%eth0", "host", "1.2.3.4 "})
    EXPECT_FALSE(IpAddress::parse(text).ok()) << text;
}

TEST(Endpoint, ParsesBothForms) {
  EXPECT_EQ(Endpoint::parse("127.0.0.1:4566")->to_string(), "127.0.0.1:4566");
  EXPECT_EQ(Endpoint::parse("[::1]:22")->to_string(), "[::1]:22");
  EXPECT_EQ(Endpoint::parse("localhost:1")->to_string(), "127.0.0.1:1");
}

TEST(Endpoint, RefusesMissingOrWrongParts) {
  for (const char* text : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:22", ":80", "a:b"})
    EXPECT_FALSE(Endpoint::parse(text).ok()) << text;
}

TEST(Cidr, ContainsWhatItSays) {
  const auto net = *Cidr::parse("10.64.0.0/10");
  EXPECT_TRUE(net.contains(*IpAddress::parse("10.127.255.255")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("10.128.0.0")));
  EXPECT_FALSE(net.contains(*IpAddress::parse("::1")));
  EXPECT_TRUE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("255.1.2.3")));
  EXPECT_TRUE(Cidr::parse("192.0.2.7")->contains(*IpAddress::parse("192.0.2.7")));
  EXPECT_FALSE(Cidr::parse("192.0.2.7")->contains(*IpAddress::parse("192.0.2.6")));
}

TEST(Cidr, RefusesBitsBeyondThePrefixAndLongPrefixes) {
  for (const char* text : {"10.0.0.1/8", "10.0.0.0/33", "2001:db8::/129", "10.0.0.0/", "/8", "10.0.0.0/-1"})
    EXPECT_FALSE(Cidr::parse(text).ok()) << text;
}

TEST(AllowList, LetsEveryoneInWhenEmptyAndOnlyTheNamedOtherwise) {
  EXPECT_TRUE(AllowList().allows(*IpAddress::parse("192.0.2.1")));
  const AllowList list({*Cidr::parse("10.0.0.0/8"), *Cidr::parse("::1")});
  EXPECT_TRUE(list.allows(*IpAddress::parse("10.9.9.9")));
  EXPECT_TRUE(list.allows(*IpAddress::parse("::1")));
  EXPECT_FALSE(list.allows(*IpAddress::parse("127.0.0.1")));
}

}  // namespace
}  // namespace sallyport::net
