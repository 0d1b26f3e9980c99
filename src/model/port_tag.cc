#include "model/port_tag.h"

#include <charconv>
#include <optional>
#include <set>
#include <string>

namespace sallyport::model {
namespace {

constexpr std::string_view kClientFirst = "/client-first";

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::optional<SftpPort> port_of(std::string_view item) {
  const bool client_first = item.ends_with(kClientFirst);
  if (client_first) item.remove_suffix(kClientFirst.size());
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(item.data(), item.data() + item.size(), port);
  const bool whole = ec == std::errc{} && end == item.data() + item.size();
  if (!whole || port < 1 || port > 65535) return std::nullopt;
  return SftpPort{static_cast<std::uint16_t>(port), client_first};
}

std::optional<std::vector<SftpPort>> ports_of(std::string_view list) {
  std::vector<SftpPort> out;
  std::set<std::uint16_t> seen;
  for (bool more = true; more;) {
    const auto comma = list.find(',');
    more = comma != std::string_view::npos;
    const auto port = port_of(without_blanks(list.substr(0, comma)));
    if (!port || !seen.insert(port->port).second) return std::nullopt;
    out.push_back(*port);
    if (more) list.remove_prefix(comma + 1);
  }
  return out;
}

}  // namespace

Result<std::vector<SftpPort>> tagged_ports(const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    if (tag.key != kPortTag) continue;
    auto ports = ports_of(tag.value);
    if (!ports) {
      return Error(Errc::kInvalidArgument, "Tag " + tag.key + " is '" + tag.value +
                                               "'; ports from 1 to 65535, each once, are expected, "
                                               "e.g. 2222 or 2222,2223/client-first");
    }
    return *std::move(ports);
  }
  return std::vector<SftpPort>();
}

}  // namespace sallyport::model
