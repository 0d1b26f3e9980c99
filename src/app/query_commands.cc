#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli_client.h"
#include "app/commands.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::json;

int fail(const Error& error) {
  fmt::print(stderr, "sallyport: {}\n", error.message);
  return 1;
}

Result<Json> parse_answer(Result<std::string> answer) {
  if (!answer.ok()) return std::move(answer).error();
  Json json = Json::parse(*answer, nullptr, false);
  if (json.is_discarded()) return Error(Errc::kCorrupt, "the API's answer is not JSON");
  return json;
}

void print_table(const Json& endpoints) {
  if (endpoints.empty()) {
    fmt::print("no servers; make one with `aws --endpoint-url URL transfer create-server`\n");
    return;
  }
  fmt::print("{:<20} {:<8} {:<22} {:<13} {}\n", "SERVER", "PROTOCOL", "LISTENS ON", "STATE", "REASON");
  for (const Json& e : endpoints) {
    const std::string address = e.value("Address", "");
    fmt::print("{:<20} {:<8} {:<22} {:<13} {}\n", e.value("ServerId", ""), e.value("Protocol", ""),
               address.empty() ? "-" : fmt::format("{}:{}", address, e.value("Port", 0)), e.value("State", ""),
               e.value("Reason", ""));
  }
}

}  // namespace

int endpoints_command(const EndpointsArguments& arguments) {
  auto target = api_target(arguments.api);
  if (!target.ok()) return fail(target.error());
  const auto answer = parse_answer(api_get(*target, "/_sallyport/endpoints"));
  if (!answer.ok()) return fail(answer.error());
  if (arguments.json)
    fmt::print("{}\n", answer->dump(2));
  else
    print_table(*answer);
  return 0;
}

}  // namespace sallyport::app
