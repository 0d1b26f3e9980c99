#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <thread>

#include "api/audit.h"
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

// The groups to read: the server's own, or those of all. Not the audit log, to which each look adds a
// line.
Result<std::vector<std::string>> log_groups(const ApiTarget& target, const std::string& server) {
  std::optional<std::string> own;
  if (!server.empty()) {
    TRY_ASSIGN(const Json described,
               parse_answer(api_json(target, "transfer", "TransferService.DescribeServer",
                                     Json{{"ServerId", server}}.dump())));
    own = "/aws/transfer/" + server;
    const Json& about = described["Server"];
    if (about.contains("StructuredLogDestinations") && !about["StructuredLogDestinations"].empty()) {
      const std::string arn = about["StructuredLogDestinations"][0];
      const auto at = arn.find(":log-group:");
      if (at != std::string::npos) own = arn.substr(at + 11, arn.find(':', at + 11) - at - 11);
    }
    return std::vector<std::string>{*own};
  }
  std::vector<std::string> out;
  std::string token;
  do {
    Json request = Json::object();
    if (!token.empty()) request["nextToken"] = token;
    TRY_ASSIGN(const Json page,
               parse_answer(api_json(target, "logs", "Logs_20140328.DescribeLogGroups", request.dump())));
    for (const Json& group : page["logGroups"])
      if (group["logGroupName"] != api::kAuditLogGroup) out.push_back(group["logGroupName"]);
    token = page.value("nextToken", "");
  } while (!token.empty());
  return out;
}

// Prints what is new in one group; `since` and `seen` move along.
Result<void> print_new(const ApiTarget& target, const std::string& group, const std::string& server,
                       std::int64_t& since, std::set<std::string>& seen) {
  std::string token;
  do {
    Json request{{"logGroupName", group}, {"startTime", since}};
    if (!token.empty()) request["nextToken"] = token;
    auto answer =
        parse_answer(api_json(target, "logs", "Logs_20140328.FilterLogEvents", request.dump()));
    // A group comes into being with its first line.
    if (!answer.ok() && answer.error().message.find("ResourceNotFoundException") != std::string::npos) return ok();
    if (!answer.ok()) return std::move(answer).error();
    for (const Json& event : (*answer)["events"]) {
      if (!seen.insert(event.value("eventId", "")).second) continue;
      const std::string message = event["message"];
      if (!server.empty() && message.find("server/" + server) == std::string::npos) continue;
      fmt::print("{}\n", message);
      since = std::max(since, event.value("timestamp", since));
    }
    token = answer->value("nextToken", "");
  } while (!token.empty());
  std::fflush(stdout);
  return ok();
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

int logs_tail_command(const LogsTailArguments& arguments) {
  auto target = api_target(arguments.api);
  if (!target.ok()) return fail(target.error());
  std::map<std::string, std::pair<std::int64_t, std::set<std::string>>> places;
  do {
    const auto groups = log_groups(*target, arguments.server);
    if (!groups.ok()) return fail(groups.error());
    for (const std::string& group : *groups) {
      auto& [since, seen] = places[group];
      if (auto printed = print_new(*target, group, arguments.server, since, seen); !printed.ok())
        return fail(printed.error());
    }
    if (arguments.follow) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  } while (arguments.follow);
  return 0;
}

}  // namespace sallyport::app
