#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli_answer.h"
#include "app/cli_client.h"
#include "app/commands.h"
#include "codec/form.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

std::string path_of(const SessionsArguments& arguments) {
  codec::Form form;
  if (!arguments.server.empty()) form.add("server", arguments.server);
  if (!arguments.user.empty()) form.add("user", arguments.user);
  if (!arguments.session.empty()) form.add("session", arguments.session);
  const std::string query = form.encode();
  return query.empty() ? "/_sallyport/sessions" : "/_sallyport/sessions?" + query;
}

Result<Json> ask(const SessionsArguments& arguments, const char* method) {
  TRY_ASSIGN(const ApiTarget target, api_target(arguments.api));
  return parse_answer(api_call(target, method, path_of(arguments)));
}

// "17", "17.2 K", "4.0 G"
std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{}", bytes);
  double size = static_cast<double>(bytes);
  std::string_view units = "KMGTPE";
  for (size /= 1024; size >= 1024 && units.size() > 1; size /= 1024) units.remove_prefix(1);
  return fmt::format("{:.1f} {}", size, units.front());
}

void print_sessions(const Json& sessions) {
  if (sessions.empty()) {
    fmt::print("no live sessions\n");
    return;
  }
  fmt::print("{:<20} {:<20} {:<15} {:<15} {:<24} {:>5} {:>8} {:>8}\n", "SESSION", "SERVER", "USER",
             "SOURCE", "SINCE", "FILES", "IN", "OUT");
  for (const Json& one : sessions) {
    fmt::print("{:<20} {:<20} {:<15} {:<15} {:<24} {:>5} {:>8} {:>8}\n", one.value("SessionId", ""),
               one.value("ServerId", ""), one.value("UserName", ""), one.value("SourceIp", ""),
               one.value("Since", ""), one.value("OpenFiles", 0),
               size_text(one.value("BytesIn", std::uint64_t{0})),
               size_text(one.value("BytesOut", std::uint64_t{0})));
  }
}

}  // namespace

int sessions_command(const SessionsArguments& arguments) {
  const auto answer = ask(arguments, "GET");
  if (!answer.ok()) return print_failure(answer.error());
  if (arguments.json)
    fmt::print("{}\n", answer->dump(2));
  else
    print_sessions(*answer);
  return 0;
}

int end_sessions_command(const SessionsArguments& arguments) {
  const auto answer = ask(arguments, "DELETE");
  if (!answer.ok()) return print_failure(answer.error());
  fmt::print("{} asked to end\n", answer->value("Ended", 0));
  return 0;
}

}  // namespace sallyport::app
