#include "net/socket_filter.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <cerrno>
#include <vector>

namespace sallyport::net {
namespace {

// Offsets from the network header (SKF_NET_OFF): version, IPv4 source, IPv6 source.
constexpr std::uint32_t kNet = static_cast<std::uint32_t>(SKF_NET_OFF);
constexpr std::uint32_t kV4Source = kNet + 12;
constexpr std::uint32_t kV6Source = kNet + 8;
constexpr std::uint32_t kAccept = 0x7fffffff;

using Program = std::vector<sock_filter>;

void op(Program& p, unsigned code, std::uint32_t k, std::uint8_t jt = 0, std::uint8_t jf = 0) {
  p.push_back({static_cast<std::uint16_t>(code), jt, jf, k});
}

// Compares one 32-bit word of the source under a mask; on a difference skips `to_next` instructions.
void compare_word(Program& p, std::uint32_t at, std::uint32_t value, std::uint32_t mask,
                  std::uint8_t to_next) {
  op(p, BPF_LD | BPF_W | BPF_ABS, at);
  op(p, BPF_ALU | BPF_AND | BPF_K, mask);
  op(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, to_next);
}

void allow_network(Program& p, const Cidr& network) {
  const auto& octets = network.base().octets();
  const unsigned words = network.base().is_v4() ? 1 : 4;
  const std::uint32_t source = words == 1 ? kV4Source : kV6Source;
  for (unsigned w = 0; w < words; ++w) {
    const unsigned bits = network.prefix() <= w * 32 ? 0 : std::min(32u, network.prefix() - w * 32);
    const std::uint32_t mask = bits == 0 ? 0 : ~std::uint32_t{0} << (32 - bits);
    const std::uint32_t value = std::uint32_t(octets[w * 4]) << 24 | std::uint32_t(octets[w * 4 + 1]) << 16 |
                                std::uint32_t(octets[w * 4 + 2]) << 8 | octets[w * 4 + 3];
    compare_word(p, source + w * 4, value, mask, static_cast<std::uint8_t>((words - 1 - w) * 3 + 1));
  }
  op(p, BPF_RET | BPF_K, kAccept);
}

Program build(const AllowList& allowed) {
  Program v4, v6;
  for (const Cidr& network : allowed.networks()) allow_network(network.base().is_v4() ? v4 : v6, network);
  op(v4, BPF_RET | BPF_K, 0);
  op(v6, BPF_RET | BPF_K, 0);
  Program p;
  op(p, BPF_LD | BPF_B | BPF_ABS, kNet);
  op(p, BPF_ALU | BPF_RSH | BPF_K, 4);
  op(p, BPF_JMP | BPF_JEQ | BPF_K, 4, 1, 0);
  op(p, BPF_JMP | BPF_JA, static_cast<std::uint32_t>(v4.size()));
  p.insert(p.end(), v4.begin(), v4.end());
  p.insert(p.end(), v6.begin(), v6.end());
  return p;
}

}  // namespace

Result<void> set_source_filter(int listening_fd, const AllowList& allowed) {
  if (allowed.empty()) {
    const int unused = 0;
    if (::setsockopt(listening_fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) != 0 &&
        errno != ENOENT)
      return errno_error("removing the source filter", errno);
    return ok();
  }
  Program program = build(allowed);
  if (program.size() > BPF_MAXINSNS)
    return Error(Errc::kLimitExceeded, "the allow list holds more networks than a socket filter can");
  const sock_fprog text{static_cast<unsigned short>(program.size()), program.data()};
  if (::setsockopt(listening_fd, SOL_SOCKET, SO_ATTACH_FILTER, &text, sizeof text) != 0)
    return errno_error("setting the source filter", errno);
  return ok();
}

}  // namespace sallyport::net
