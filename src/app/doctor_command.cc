#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "app/cli_client.h"
#include "app/commands.h"
#include "app/doctor_checks.h"

namespace sallyport::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownOfAKind = 3;

// The findings of here and of the API in one, in the API's form.
Json findings_of(const DoctorReport& report) {
  Json out = Json::parse(report.json, nullptr, false);
  if (!out.is_object()) out = {{"More", Json::array()}, {"Problems", 0}, {"Warnings", 0}};
  Json all = Json::array();
  std::size_t problems = out.value("Problems", std::size_t{0}), warnings = out.value("Warnings", std::size_t{0});
  for (const DoctorLine& line : report.lines) {
    all.push_back({{"Area", line.area},
                   {"Kind", line.kind},
                   {"Level", line.level},
                   {"Subject", line.subject},
                   {"Text", line.text},
                   {"Next", line.next}});
    problems += line.level == "problem" ? 1 : 0;
    warnings += line.level == "warning" ? 1 : 0;
  }
  for (const Json& one : out.value("Findings", Json::array())) all.push_back(one);
  out["Findings"] = std::move(all);
  out["Problems"] = problems;
  out["Warnings"] = warnings;
  return out;
}

std::string for_shell(const std::string& command, const std::string& endpoint) {
  if (!command.starts_with("aws ") || endpoint.empty()) return command;
  return fmt::format("aws --endpoint-url http://{} {}", endpoint, command.substr(4));
}

void print_line(const Json& one, const std::string& endpoint) {
  const std::string subject = one.value("Subject", "");
  fmt::print("{:<8} {:<13} {}{}{}\n", one.value("Level", ""), one.value("Area", ""), subject,
             subject.empty() ? "" : ": ", one.value("Text", ""));
  if (const std::string next = one.value("Next", ""); !next.empty())
    fmt::print("{:<22} next: {}\n", "", for_shell(next, endpoint));
}

// Findings of one kind stand together; of many the first few are shown.
void print_findings(const Json& all, const Json& more, const std::string& endpoint) {
  using Key = std::pair<std::string, std::string>;
  std::vector<Key> order;
  std::map<Key, std::vector<const Json*>> kinds;
  for (const Json& one : all) {
    const Key key{one.value("Area", ""), one.value("Kind", "")};
    if (!kinds.contains(key)) order.push_back(key);
    kinds[key].push_back(&one);
  }
  for (const Key& key : order) {
    const auto& list = kinds[key];
    for (std::size_t i = 0; i < list.size() && i < kShownOfAKind; ++i) print_line(*list[i], endpoint);
    std::size_t hidden = list.size() - std::min(list.size(), kShownOfAKind);
    for (const Json& one : more)
      if (one.value("Area", "") == key.first && one.value("Kind", "") == key.second)
        hidden += one.value("Count", std::size_t{0});
    if (hidden > 0)
      fmt::print("{:<22} and {} more of this kind; `sallyport doctor --json` lists them\n", "", hidden);
  }
}

}  // namespace

int doctor_command(const DoctorArguments& arguments) {
  const Json found = findings_of(examine_from_here(arguments.api));
  const auto problems = found.value("Problems", std::size_t{0}), warnings = found.value("Warnings", std::size_t{0});
  if (arguments.json) {
    fmt::print("{}\n", found.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    const auto target = api_target(arguments.api);
    print_findings(found["Findings"], found["More"], target.ok() ? target->endpoint.to_string() : "");
    fmt::print("\n{} problem{}, {} warning{}\n", problems, problems == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
  }
  return problems == 0 ? 0 : 1;
}

}  // namespace sallyport::app
