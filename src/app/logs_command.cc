#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api/audit.h"
#include "app/cli_answer.h"
#include "app/cli_client.h"
#include "app/commands.h"
#include "base/clock.h"
#include "events/file_events.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> call(const ApiTarget& target, const std::string& service, const std::string& operation,
                  const Json& request) {
  return parse_answer(api_json(target, service, operation, request.dump()));
}

std::string group_of_server(const std::string& server) {
  return "/aws/transfer/" + server;
}

// Where a server's lines are: its own group (the text format always, JSON unless told otherwise)
// and the one of StructuredLogDestinations.
Result<std::vector<std::string>> groups_of_server(const ApiTarget& target,
                                                  const std::string& server) {
  TRY_ASSIGN(const Json described, call(target, "transfer", "TransferService.DescribeServer",
                                        Json{{"ServerId", server}}));
  std::vector<std::string> out{group_of_server(server)};
  for (const Json& destination :
       described["Server"].value("StructuredLogDestinations", Json::array())) {
    const std::string arn = destination;
    const auto at = arn.find(":log-group:");
    if (at == std::string::npos) continue;
    const std::string group = arn.substr(at + 11, arn.find(':', at + 11) - at - 11);
    if (group != out.front()) out.push_back(group);
  }
  return out;
}

// All but the audit log, to which each look adds a line, and the events, which say again what the
// lines say.
Result<std::vector<std::string>> groups_of_all(const ApiTarget& target) {
  std::vector<std::string> out;
  std::string token;
  do {
    Json request = Json::object();
    if (!token.empty()) request["nextToken"] = token;
    TRY_ASSIGN(const Json page, call(target, "logs", "Logs_20140328.DescribeLogGroups", request));
    for (const Json& group : page["logGroups"]) {
      const std::string name = group["logGroupName"];
      if (name != api::kAuditLogGroup && name != events::kTransferEventsGroup) out.push_back(name);
    }
    token = page.value("nextToken", "");
  } while (!token.empty());
  return out;
}

// A line as it is printed: JSON as it is; text as an object of its own kind, so that what comes out
// is one JSON object a line whatever went in.
std::string as_json(const Json& event) {
  const std::string message = event.value("message", "");
  if (message.starts_with("{") && Json::accept(message)) return message;
  Json wrapped = Json::object();
  wrapped["log-stream"] = event.value("logStreamName", "");
  wrapped["text"] = message;
  return wrapped.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string event_text(const Json& event) {
  return fmt::format("{} {} {}",
                     to_iso8601_ms(from_unix_ms(event.value("timestamp", std::int64_t{0}))),
                     event.value("logStreamName", ""), event.value("message", ""));
}

// What was seen of a group.
struct Place {
  std::int64_t since = 0;
  std::set<std::string> seen;
};

// A group that several servers share has lines of all of them.
bool is_of_server(const std::string& group, const std::string& server, const Json& event) {
  if (server.empty() || group == group_of_server(server)) return true;
  return event.value("message", "").find("server/" + server) != std::string::npos;
}

// Gathers what is new in one group.
Result<void> gather_new(const ApiTarget& target, const std::string& group,
                        const std::string& server, Place& place, std::vector<Json>& out) {
  std::string token;
  do {
    Json request{{"logGroupName", group}, {"startTime", place.since}};
    if (!token.empty()) request["nextToken"] = token;
    auto answer = call(target, "logs", "Logs_20140328.FilterLogEvents", request);
    // A group comes into being with its first line.
    if (!answer.ok() &&
        answer.error().message.find("ResourceNotFoundException") != std::string::npos)
      return ok();
    if (!answer.ok()) return std::move(answer).error();
    for (Json& event : (*answer)["events"]) {
      if (!place.seen.insert(event.value("eventId", "")).second) continue;
      place.since = std::max(place.since, event.value("timestamp", place.since));
      if (is_of_server(group, server, event)) out.push_back(std::move(event));
    }
    token = answer->value("nextToken", "");
  } while (!token.empty());
  return ok();
}

}  // namespace

int logs_tail_command(const LogsTailArguments& arguments) {
  auto target = api_target(arguments.api);
  if (!target.ok()) return print_failure(target.error());
  std::map<std::string, Place> places;
  do {
    const auto groups = arguments.server.empty() ? groups_of_all(*target)
                                                 : groups_of_server(*target, arguments.server);
    if (!groups.ok()) return print_failure(groups.error());
    std::vector<Json> events;
    for (const std::string& group : *groups) {
      if (auto found = gather_new(*target, group, arguments.server, places[group], events);
          !found.ok())
        return print_failure(found.error());
    }
    std::stable_sort(events.begin(), events.end(), [](const Json& a, const Json& b) {
      return a.value("timestamp", std::int64_t{0}) < b.value("timestamp", std::int64_t{0});
    });
    for (const Json& event : events)
      fmt::print("{}\n", arguments.text ? event_text(event) : as_json(event));
    std::fflush(stdout);
    if (arguments.follow) std::this_thread::sleep_for(std::chrono::milliseconds(500));
  } while (arguments.follow);
  return 0;
}

}  // namespace sallyport::app
