#include "http/url.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "http/head_parser.h"
#include "http/headers.h"

namespace sallyport::http {
namespace {

Error malformed(const char* what) {
  return Error(Errc::kInvalidArgument, std::string("not a URL: ") + what);
}

bool is_visible(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return false;
  return true;
}

net::IpAddress address_of(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    std::array<std::uint8_t, 4> octets;
    std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in*>(from)->sin_addr, 4);
    return net::IpAddress::from_v4(octets);
  }
  std::array<std::uint8_t, 16> octets;
  std::memcpy(octets.data(), &reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr, 16);
  return net::IpAddress::from_v6(octets);
}

// Blocks.
Result<std::vector<net::Endpoint>> look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* raw = nullptr;
  const int rc = ::getaddrinfo(host.c_str(), nullptr, &hints, &raw);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(raw, ::freeaddrinfo);
  if (rc == EAI_NONAME || rc == EAI_NODATA)
    return Error(Errc::kNotFound, "no address is known for the host " + host);
  if (rc != 0) return Error(Errc::kUnavailable, "looking up " + host + ": " + ::gai_strerror(rc));
  std::vector<net::Endpoint> out;
  for (const addrinfo* a = list.get(); a != nullptr; a = a->ai_next)
    if (a->ai_family == AF_INET || a->ai_family == AF_INET6)
      out.push_back({address_of(a->ai_addr), port});
  if (out.empty()) return Error(Errc::kNotFound, "no address is known for the host " + host);
  return out;
}

}  // namespace

std::string Url::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  std::string out = v6 ? "[" + host + "]" : host;
  if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  if (!is_visible(text)) return malformed("it holds spaces or control characters");
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos) return malformed("it begins with no scheme such as http://");
  Url url;
  url.scheme = to_lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https")
    return Error(Errc::kUnsupported, "only http and https URLs are understood");
  std::string_view rest = text.substr(colon + 3);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  const std::string_view target = rest.substr(end);
  if (authority.find('@') != std::string_view::npos) return malformed("it holds a user name");

  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return malformed("a bracket is not closed");
    url.host = to_lower(authority.substr(1, close - 1));
    if (!net::IpAddress::parse(url.host).ok()) return malformed("the address is not IPv6");
    port = authority.substr(close + 1);
    if (!port.empty() && port.front() != ':') return malformed("text behind the address");
  } else {
    const std::size_t mark = std::min(authority.find(':'), authority.size());
    url.host = to_lower(authority.substr(0, mark));
    port = authority.substr(mark);
  }
  if (url.host.empty()) return malformed("it names no host");
  url.port = url.scheme == "https" ? 443 : 80;
  if (port.size() > 1) {
    std::uint64_t number = 0;
    if (!parse_decimal(port.substr(1), number) || number == 0 ||
        number > std::numeric_limits<std::uint16_t>::max())
      return malformed("the port is not between 1 and 65535");
    url.port = static_cast<std::uint16_t>(number);
  }
  url.target = target.empty() || target.front() == '?' ? "/" + std::string(target) : target;
  return url;
}

namespace {

bool is_localhost(std::string_view host) {
  const std::string name = to_lower(host);
  return name == "localhost" || name.ends_with(".localhost");
}

}  // namespace

Task<Result<std::vector<net::Endpoint>>> resolve(std::string host, std::uint16_t port,
                                                 net::BlockingPool& pool) {
  if (auto literal = net::IpAddress::parse(host); literal.ok())
    co_return std::vector<net::Endpoint>{{*literal, port}};
  if (is_localhost(host))
    co_return std::vector<net::Endpoint>{{net::IpAddress::from_v4({127, 0, 0, 1}), port}};
  // The parameters live in this frame until the pool has answered.
  const auto ask = [&host, port] { return look_up(host, port); };
  Result<std::vector<net::Endpoint>> found = co_await pool.run(ask);
  co_return found;
}

}  // namespace sallyport::http
