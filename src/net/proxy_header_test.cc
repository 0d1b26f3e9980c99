#include "net/proxy_header.h"

#include <gtest/gtest.h>

#include "codec/crc.h"

namespace sallyport::net {
namespace {

constexpr std::uint8_t kLocal = 0x20, kProxy = 0x21;
constexpr std::uint8_t kTcp4 = 0x11, kTcp6 = 0x21, kUdp4 = 0x12, kUnix = 0x31, kUnspec = 0x00;
const std::string kAddresses4("\xc6\x33\x64\x07\x0a\x00\x00\x01\x30\x39\x00\x16", 12);

std::string header(std::uint8_t command, std::uint8_t family, const std::string& rest) {
  std::string out("\r\n\r\n\0\r\nQUIT\n", 12);
  out.push_back(static_cast<char>(command));
  out.push_back(static_cast<char>(family));
  out.push_back(static_cast<char>(rest.size() >> 8));
  out.push_back(static_cast<char>(rest.size() & 0xff));
  return out + rest;
}

std::string tlv(char type, const std::string& value) {
  std::string out(1, type);
  out.push_back(static_cast<char>(value.size() >> 8));
  out.push_back(static_cast<char>(value.size() & 0xff));
  return out + value;
}

Result<ProxyHeader> parse(const std::string& text) {
  return parse_proxy_header(as_bytes(text));
}

std::string source_of(const std::string& text) {
  const auto got = parse(text);
  if (!got.ok()) return got.error().message;
  return got->source ? got->source->to_string() : "none";
}

TEST(ProxyHeader, TellsTheSourceOfTcp) {
  EXPECT_EQ(source_of(header(kProxy, kTcp4, kAddresses4)), "198.51.100.7:12345");
  const std::string six = std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16) +
                          std::string(16, '\1') + std::string("\x30\x39\x00\x16", 4);
  EXPECT_EQ(source_of(header(kProxy, kTcp6, six)), "[2001:db8::7]:12345");
}

TEST(ProxyHeader, ShowsAMappedAddressAsTheIPv4ItIs) {
  const std::string mapped = std::string(10, '\0') + "\xff\xff\xc6\x33\x64\x07" +
                             std::string(16, '\1') + std::string("\x30\x39\x00\x16", 4);
  EXPECT_EQ(source_of(header(kProxy, kTcp6, mapped)), "198.51.100.7:12345");
}

TEST(ProxyHeader, HasNoSourceWhereTheBalancerNamesNone) {
  EXPECT_EQ(source_of(header(kLocal, kTcp4, kAddresses4)), "none");
  EXPECT_EQ(source_of(header(kLocal, 0xff, "whatever")), "none");
  EXPECT_EQ(source_of(header(kProxy, kUnspec, "")), "none");
  EXPECT_EQ(source_of(header(kProxy, kUdp4, kAddresses4)), "none");
  EXPECT_EQ(source_of(header(kProxy, kUnix, std::string(216, 'u'))), "none");
}

TEST(ProxyHeader, SkipsParametersItDoesNotKnow) {
  EXPECT_EQ(source_of(header(kProxy, kTcp4,
                             kAddresses4 + tlv('\x04', std::string(700, 'x')) + tlv('\xea', ""))),
            "198.51.100.7:12345");
}

TEST(ProxyHeader, RefusesParametersThatRunOver) {
  for (const std::string& bad : {std::string("\x04"), std::string("\x04\x00", 2),
                                 std::string("\x04\x00\x05"
                                             "abcd",
                                             7)}) {
    EXPECT_EQ(parse(header(kProxy, kTcp4, kAddresses4 + bad)).error().code, Errc::kInvalidArgument);
  }
}

// The sum stands in the middle, so that what is behind it counts, too.
std::string with_checksum(std::uint32_t change) {
  const std::string start = kAddresses4 + tlv('\x04', "abc"), end = tlv('\x05', "unique");
  std::string text = header(kProxy, kTcp4, start + tlv('\x03', std::string(4, '\0')) + end);
  codec::Crc32c crc;
  crc.update(as_bytes(text));
  const std::uint32_t sum = crc.value() ^ change;
  for (std::size_t i = 0; i < 4; ++i)
    text[16 + start.size() + 3 + i] = static_cast<char>(sum >> (24 - 8 * i));
  return text;
}

TEST(ProxyHeader, TakesARightChecksumAndNoOther) {
  EXPECT_EQ(source_of(with_checksum(0)), "198.51.100.7:12345");
  EXPECT_EQ(parse(with_checksum(1)).error().code, Errc::kCorrupt);
  EXPECT_EQ(parse(header(kProxy, kTcp4, kAddresses4 + tlv('\x03', "abc"))).error().code,
            Errc::kInvalidArgument);
}

TEST(ProxyHeader, RefusesWhatTheSpecificationDoesNotName) {
  EXPECT_FALSE(parse(header(0x11, kTcp4, kAddresses4)).ok());   // version 1
  EXPECT_FALSE(parse(header(0x22, kTcp4, kAddresses4)).ok());   // command 2
  EXPECT_FALSE(parse(header(kProxy, 0x41, kAddresses4)).ok());  // family 4
  EXPECT_FALSE(parse(header(kProxy, 0x13, kAddresses4)).ok());  // transport 3
  EXPECT_FALSE(parse("PROXY TCP4 198.51.100.7 10.0.0.1 12345 22\r\n").ok());
  EXPECT_FALSE(parse("").ok());
}

TEST(ProxyHeader, RefusesALengthThatLies) {
  const std::string good = header(kProxy, kTcp4, kAddresses4);
  EXPECT_FALSE(parse(good.substr(0, good.size() - 1)).ok());
  EXPECT_FALSE(parse(good + "S").ok());
  // Honest, and too short for its addresses.
  EXPECT_FALSE(parse(header(kProxy, kTcp4, kAddresses4.substr(0, 11))).ok());
  EXPECT_FALSE(parse(header(kProxy, kTcp6, kAddresses4)).ok());
}

TEST(ProxyHeader, IsBounded) {
  const std::size_t most = kMaxProxyHeader - kProxyHeaderStart;
  const std::string fits = header(kProxy, kUnspec, tlv('\x04', std::string(most - 3, 'x')));
  EXPECT_EQ(source_of(fits), "none");
  const std::string over = header(kProxy, kUnspec, tlv('\x04', std::string(most - 2, 'x')));
  EXPECT_EQ(parse(over).error().code, Errc::kLimitExceeded);
  EXPECT_EQ(proxy_header_size(as_bytes(over).first(kProxyHeaderStart)).error().code,
            Errc::kLimitExceeded);
}

TEST(ProxyHeader, IsKnownByItsSignatureFromTheFirstByteOn) {
  const std::string good = header(kProxy, kTcp4, kAddresses4);
  for (std::size_t n = 0; n <= good.size(); ++n)
    EXPECT_TRUE(may_be_proxy_header(as_bytes(good).first(n))) << n;
  EXPECT_FALSE(may_be_proxy_header(as_bytes("S")));
  EXPECT_FALSE(may_be_proxy_header(as_bytes("\r\n\r\nSSH-2.0-x")));
}

}  // namespace
}  // namespace sallyport::net
