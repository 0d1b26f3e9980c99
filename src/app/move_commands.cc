#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "app/cli_answer.h"
#include "app/cli_client.h"
#include "app/commands.h"
#include "app/move_files.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

Result<void> fetch(const MoveArguments& arguments, const std::string& path) {
  TRY_ASSIGN(const ApiTarget target, api_target(arguments.api));
  TRY_ASSIGN(const std::string text, api_bulk(target, "GET", path));
  return write_moved(arguments.files.front(), text);
}

Result<Json> send(const MoveArguments& arguments, std::string path, std::string text) {
  TRY_ASSIGN(const ApiTarget target, api_target(arguments.api));
  if (arguments.dry_run) path += "?dry-run=true";
  return parse_answer(api_bulk(target, "POST", path, std::move(text)));
}

Result<Json> import_all(const MoveArguments& arguments) {
  std::string lines;
  for (const std::string& file : arguments.files) {
    TRY_ASSIGN(const std::string text, read_moved(file));
    auto more = as_json_lines(text);
    if (!more.ok()) return std::move(more).error().with_context(file);
    if (more->empty()) return Error(Errc::kInvalidArgument, file + ": there is no resource in it");
    lines += *more;
  }
  return send(arguments, "/_sallyport/import", std::move(lines));
}

// A value in one line that is not longer than a screen.
std::string shortly(const Json& value) {
  if (value.is_null()) return "(none)";
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 100) text = text.substr(0, 97) + "...";
  return text;
}

void print_result(const Json& result) {
  const std::string text = result.value("Text", "");
  fmt::print("{:<16} {}{}{}\n", result.value("Outcome", ""), result.value("Resource", ""), text.empty() ? "" : ": ", text);
  for (const Json& one : result.value("Differences", Json::array())) {
    const std::string name = one.value("Member", "");
    if (one.contains("Kept"))
      fmt::print("    {}: {} here, not in the file; stays\n", name, shortly(one["Here"]));
    else
      fmt::print("    {}: {} here, {} in the file\n", name, shortly(one["Here"]), shortly(one["File"]));
  }
}

}  // namespace

int backup_command(const MoveArguments& arguments) {
  const auto done = fetch(arguments, "/_sallyport/backup");
  return done.ok() ? 0 : print_failure(done.error());
}

int export_command(const MoveArguments& arguments) {
  const auto done = fetch(arguments, arguments.secrets ? "/_sallyport/export?secrets=true" : "/_sallyport/export");
  return done.ok() ? 0 : print_failure(done.error());
}

int restore_command(const MoveArguments& arguments) {
  auto text = read_moved(arguments.files.front());
  if (!text.ok()) return print_failure(text.error());
  const auto counts = send(arguments, "/_sallyport/restore", std::move(*text));
  if (!counts.ok()) return print_failure(counts.error());
  fmt::print("{}{} made, {} changed, {} removed, {} as they were\n", arguments.dry_run ? "would be: " : "",
             counts->value("Made", 0), counts->value("Changed", 0), counts->value("Removed", 0), counts->value("Same", 0));
  return 0;
}

int import_command(const MoveArguments& arguments) {
  const auto answer = import_all(arguments);
  if (!answer.ok()) return print_failure(answer.error());
  const Json results = answer->value("Results", Json::array());
  bool refused = false;
  for (const Json& result : results) {
    refused = refused || result.value("Outcome", "") == "refused";
    if (!arguments.json) print_result(result);
  }
  if (arguments.json) fmt::print("{}\n", results.dump(2, ' ', false, Json::error_handler_t::replace));
  return refused ? 1 : 0;
}

}  // namespace sallyport::app
