#include "net/proxy_header.h"

#include <algorithm>
#include <array>

#include "codec/crc.h"

namespace sallyport::net {
namespace {

constexpr std::array<std::uint8_t, 12> kSignature = {0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d,
                                                     0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a};
constexpr std::size_t kVersionAt = 12, kFamilyAt = 13, kLengthAt = 14;

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kLocal = 0, kProxy = 1;
constexpr std::uint8_t kInet = 1, kInet6 = 2, kUnix = 3;
constexpr std::uint8_t kStream = 1, kDatagram = 2;

constexpr std::uint8_t kTypeCrc32c = 0x03;
constexpr std::size_t kTlvStart = 3, kCrcSize = 4;

Error malformed(const char* what) {
  return Error(Errc::kInvalidArgument, std::string("the PROXY header is malformed: ") + what);
}

std::size_t load_be16(ByteView at) {
  return std::size_t{at[0]} << 8 | at[1];
}

std::size_t address_size(std::uint8_t family) {
  switch (family) {
    case kInet: return 2 * 4 + 2 * 2;
    case kInet6: return 2 * 16 + 2 * 2;
    case kUnix: return 2 * 108;
    default: return 0;
  }
}

// Source address, destination address, source port, destination port.
Endpoint read_source(ByteView block, std::uint8_t family) {
  if (family == kInet) {
    std::array<std::uint8_t, 4> octets;
    std::copy_n(block.begin(), octets.size(), octets.begin());
    return {IpAddress::from_v4(octets), static_cast<std::uint16_t>(load_be16(block.subspan(8)))};
  }
  std::array<std::uint8_t, 16> octets;
  std::copy_n(block.begin(), octets.size(), octets.begin());
  return {IpAddress::from_v6(octets), static_cast<std::uint16_t>(load_be16(block.subspan(32)))};
}

// The sum is taken over the whole header with its own four bytes as zeros.
bool checksum_is_right(ByteView header, std::size_t at) {
  constexpr std::array<std::uint8_t, kCrcSize> kZeros{};
  codec::Crc32c crc;
  crc.update(header.first(at));
  crc.update(kZeros);
  crc.update(header.subspan(at + kCrcSize));
  return crc.value() == load_be32(header.data() + at);
}

Result<void> check_parameters(ByteView header, std::size_t at) {
  while (at < header.size()) {
    if (header.size() - at < kTlvStart) return malformed("a parameter is cut off");
    const std::uint8_t type = header[at];
    const std::size_t size = load_be16(header.subspan(at + 1));
    at += kTlvStart;
    if (size > header.size() - at) return malformed("a parameter is longer than the header");
    if (type == kTypeCrc32c) {
      if (size != kCrcSize) return malformed("the checksum has not 4 bytes");
      if (!checksum_is_right(header, at))
        return Error(Errc::kCorrupt, "the PROXY header's checksum is wrong");
    }
    at += size;
  }
  return ok();
}

}  // namespace

bool may_be_proxy_header(ByteView first) {
  const std::size_t n = std::min(first.size(), kSignature.size());
  return std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(n),
                    kSignature.begin());
}

Result<std::size_t> proxy_header_size(ByteView start) {
  if (start.size() < kProxyHeaderStart || !may_be_proxy_header(start))
    return Error(Errc::kInvalidArgument, "there is no PROXY header of version 2");
  if (start[kVersionAt] >> 4 != kVersion) return malformed("its version is not 2");
  const std::size_t size = kProxyHeaderStart + load_be16(start.subspan(kLengthAt));
  if (size > kMaxProxyHeader)
    return Error(Errc::kLimitExceeded, "the PROXY header is longer than this program takes");
  return size;
}

Result<ProxyHeader> parse_proxy_header(ByteView header) {
  TRY_ASSIGN(const std::size_t size, proxy_header_size(header));
  if (size != header.size()) return malformed("its length is another than it says");
  const std::uint8_t command = header[kVersionAt] & 0x0f;
  if (command > kProxy) return malformed("its command is unknown");
  // What else is in the header of a LOCAL connection is to be ignored, the family included.
  if (command == kLocal) return ProxyHeader{};

  const std::uint8_t family = header[kFamilyAt] >> 4, transport = header[kFamilyAt] & 0x0f;
  if (family > kUnix || transport > kDatagram) return malformed("its family is unknown");
  const ByteView block = header.subspan(kProxyHeaderStart);
  if (block.size() < address_size(family)) return malformed("its addresses are cut off");
  TRY(check_parameters(header, kProxyHeaderStart + address_size(family)));
  ProxyHeader out;
  if ((family == kInet || family == kInet6) && transport == kStream)
    out.source = read_source(block, family);
  return out;
}

}  // namespace sallyport::net
