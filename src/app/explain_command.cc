#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "app/cli_client.h"
#include "app/commands.h"
#include "codec/form.h"
#include "session/explain_step.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kAllowed = 0, kDenied = 1, kUnknown = 2;

int fail(const std::string& message) {
  fmt::print(stderr, "sallyport: {}\n", message);
  return kUnknown;
}

std::string text(const Json& in, const char* name) {
  const auto found = in.find(name);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flag(const Json& in, const char* name) {
  const auto found = in.find(name);
  return found != in.end() && found->is_boolean() && found->get<bool>();
}

std::string query_of(const ExplainAccessArguments& arguments) {
  codec::Form form;
  form.add("server", arguments.server);
  form.add("user", arguments.user);
  form.add("path", arguments.path);
  if (!arguments.action.empty()) form.add("action", arguments.action);
  if (!arguments.to.empty()) form.add("to", arguments.to);
  return form.encode();
}

// "statement 1 (NoWrites) of the role policy rights"
std::string statement_of(const Json& ask) {
  if (text(ask, "Policy").empty()) return "";
  const std::string sid = text(ask, "Sid"), source = text(ask, "Source"),
                    policy = text(ask, "Policy");
  std::string out = fmt::format("statement {}", ask.value("Statement", 0));
  if (!sid.empty()) out += fmt::format(" ({})", sid);
  // A policy of a role has a name, the others are the only ones of their kind.
  return out + (source == "role policy" ? fmt::format(" of the role policy {}", policy)
                                        : fmt::format(" of the {}", source));
}

std::string answer_of(const Json& ask) {
  if (const std::string problem = text(ask, "Problem"); !problem.empty())
    return "denied: " + problem;
  const std::string verdict = text(ask, "Verdict"), statement = statement_of(ask);
  if (!statement.empty()) return fmt::format("{} by {}", verdict, statement);
  if (flag(ask, "LimitedBySessionPolicy"))
    return verdict + ": the role allows it, the user's session policy does not";
  return verdict + ": no statement allows it";
}

// What decided a verb, for its row in the table.
std::string because(const Json& verb) {
  const std::string outcome = text(verb, "Outcome");
  for (const Json& need : verb["Needs"])
    for (const Json& ask : need["AnyOf"])
      if (text(ask, "Verdict") == outcome && !flag(need, "Optional") && !statement_of(ask).empty())
        return fmt::format("{} {} {}", statement_of(ask),
                           outcome == "allowed" ? "allows" : "denies", text(ask, "Action"));
  return text(verb, "Why");
}

void print_place(const Json& about) {
  const Json& place = about["Place"];
  fmt::print("user     {} of {} ({}), home {} {}\n", text(about, "UserName"),
             text(about, "ServerId"), text(about, "ServerState"), text(about, "HomeDirectoryType"),
             text(about, "HomeDirectory"));
  std::string where = text(place, "Kind");
  if (place.contains("Bucket")) {
    where = fmt::format("s3://{}/{}", text(place, "Bucket"), text(place, "Key"));
    if (const std::string mapping = text(place, "Mapping"); !mapping.empty())
      where += fmt::format(" by the mapping {}", mapping);
    where += place.contains("BucketExists") && !flag(place, "BucketExists")
                 ? "; the bucket is not there"
             : text(place, "Content") == "missing" ? "; nothing is there"
             : text(place, "Content") == "unknown" ? ""
                                                   : "; a " + text(place, "Content");
  }
  fmt::print("path     {} -> {}\n", text(about, "Path"), where);
  if (place.value("Kind", "") == "outside all mappings")
    for (const Json& mapping : about["Mappings"])
      fmt::print("         the user sees {} -> {}\n", text(mapping, "Entry"),
                 text(mapping, "Target"));
  const Json& role = about["Role"];
  fmt::print("role     {}: {}\n", text(role, "Arn"),
             flag(role, "Assumed") ? "assumed for transfer.amazonaws.com"
                                   : "cannot be assumed: " + text(role, "Problem"));
  if (flag(about, "SessionPolicy")) fmt::print("         the user's session policy limits it\n");
  for (const Json& note : about["Notes"]) fmt::print("note     {}\n", note.get<std::string>());
  fmt::print("\n");
}

// A command of the AWS CLI as it is to be typed.
std::string for_shell(const std::string& command, const ApiTarget& target) {
  if (!command.starts_with("aws ")) return command;
  return fmt::format("aws --endpoint-url http://{} {}", target.endpoint.to_string(),
                     command.substr(4));
}

void print_steps(const Json& steps, const ApiTarget& target) {
  if (steps.empty()) return;
  fmt::print("\nwhat would change it:\n");
  int number = 0;
  for (const Json& step : steps) {
    fmt::print("{}. {}\n", ++number, text(step, "Text"));
    if (step.contains("Policy")) fmt::print("     {}\n", step["Policy"].dump());
    if (const std::string command = text(step, "Command"); !command.empty())
      fmt::print("   {}\n", for_shell(command, target));
  }
}

void print_one(const Json& verb, const ApiTarget& target) {
  fmt::print("{}: {}", text(verb, "Action"), text(verb, "Outcome"));
  if (const std::string why = text(verb, "Why"); !why.empty()) fmt::print(" ({})", why);
  fmt::print("\n");
  for (const Json& need : verb["Needs"]) {
    const char* lead = flag(need, "Optional") ? "  may    " : "  needs  ";
    for (const Json& ask : need["AnyOf"]) {
      std::string what = fmt::format("{} on {}", text(ask, "Action"), text(ask, "Resource"));
      if (ask.contains("Prefix")) what += fmt::format(" with prefix \"{}\"", text(ask, "Prefix"));
      fmt::print("{}{} {}\n         {}\n", lead, what, text(need, "Why"), answer_of(ask));
      lead = "  or     ";
    }
  }
  print_steps(verb["NextSteps"], target);
}

void print_explanation(const Json& about, const ApiTarget& target,
                       const ExplainAccessArguments& arguments) {
  fmt::print("{:<7} {:<21} {}\n", "ACTION", "ANSWER", "BECAUSE");
  std::string denied;
  // What stands in the way of every verb alike is told here.
  Json common = Json::array();
  std::set<std::string> told;
  for (const Json& verb : about["Actions"]) {
    const std::string outcome = text(verb, "Outcome");
    fmt::print("{:<7} {:<21} {}\n", text(verb, "Action"), outcome, because(verb));
    if (outcome.ends_with(" deny")) {
      if (denied.empty()) denied = text(verb, "Action");
      continue;
    }
    for (const Json& step : verb["NextSteps"])
      if (told.insert(text(step, "Command")).second) common.push_back(step);
  }
  print_steps(common, target);
  if (!denied.empty())
    fmt::print(
        "\nwhat would change it: sallyport explain-access --api http://{} --user {} --server {} "
        "--path {} "
        "--action {}\n",
        target.endpoint.to_string(), session::shell_word(arguments.user),
        session::shell_word(arguments.server), session::shell_word(arguments.path), denied);
}

}  // namespace

int explain_access_command(const ExplainAccessArguments& arguments) {
  const auto target = api_target(arguments.api);
  if (!target.ok()) return fail(target.error().message);
  const auto answer = api_get(*target, "/_sallyport/explain-access?" + query_of(arguments));
  if (!answer.ok()) {
    const std::string next =
        answer.error().code == Errc::kNotFound
            ? fmt::format(
                  "; list them with `aws --endpoint-url http://{0} transfer list-servers` and `aws "
                  "--endpoint-url http://{0} transfer list-users --server-id ID`",
                  target->endpoint.to_string())
            : "";
    return fail(answer.error().message + next);
  }
  const Json about = Json::parse(*answer, nullptr, false);
  if (!about.is_object() || !about.contains("Actions") || about["Actions"].empty())
    return fail("the API's answer is not an explanation; is it of this version?");
  if (arguments.json) {
    fmt::print("{}\n", about.dump(2));
  } else {
    print_place(about);
    if (about["Actions"].size() == 1)
      print_one(about["Actions"][0], *target);
    else
      print_explanation(about, *target, arguments);
  }
  return flag(about, "Allowed") ? kAllowed : kDenied;
}

}  // namespace sallyport::app
