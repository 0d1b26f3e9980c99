#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli_answer.h"
#include "app/cli_client.h"
#include "app/commands.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

std::string where_it_listens(const Json& endpoint) {
  const std::string address = endpoint.value("Address", "");
  if (address.empty()) return "-";
  const bool v6 = address.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", address, v6 ? "]" : "", endpoint.value("Port", 0));
}

// Why it does not listen, or how it listens if not as usual.
std::string remarks_on(const Json& endpoint) {
  std::string out = endpoint.value("Reason", "");
  const auto add = [&](bool so, const char* remark) {
    if (so) out.append(out.empty() ? "" : ", ").append(remark);
  };
  add(endpoint.value("CommunicationMode", "") == "CLIENT_TALK_FIRST", "the client talks first");
  add(endpoint.value("ProxyMode", "") == "PROXY_PROTOCOL_V2_ENFORCED", "behind PROXY protocol v2");
  if (const std::string name = endpoint.value("HostName", ""); !name.empty())
    add(true, ("for " + name).c_str());
  return out;
}

void print_endpoints(const Json& endpoints) {
  if (endpoints.empty()) {
    fmt::print("no servers; make one with `aws --endpoint-url URL transfer create-server`\n");
    return;
  }
  fmt::print("{:<20} {:<8} {:<22} {:<13} {}\n", "SERVER", "PROTOCOL", "LISTENS ON", "STATE",
             "REMARKS");
  for (const Json& e : endpoints) {
    fmt::print("{:<20} {:<8} {:<22} {:<13} {}\n", e.value("ServerId", ""), e.value("Protocol", ""),
               where_it_listens(e), e.value("State", ""), remarks_on(e));
  }
}

}  // namespace

int endpoints_command(const EndpointsArguments& arguments) {
  auto target = api_target(arguments.api);
  if (!target.ok()) return print_failure(target.error());
  const auto answer = parse_answer(api_get(*target, "/_sallyport/endpoints"));
  if (!answer.ok()) return print_failure(answer.error());
  if (arguments.json)
    fmt::print("{}\n", answer->dump(2));
  else
    print_endpoints(*answer);
  return 0;
}

}  // namespace sallyport::app
