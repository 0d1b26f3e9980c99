#include "api/moves/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "api/moves/lines.h"
#include "api/moves/rehearsal.h"
#include "api/transfer/host_keys.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

Result<std::vector<MovedElement>> read_all(std::string_view text, const model::Place& place) {
  std::vector<MovedElement> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty()) continue;
    auto elements = read_elements(line, place);
    if (!elements.ok())
      return std::move(elements).error().with_context(fmt::format("resource {}", number));
    std::move(elements->begin(), elements->end(), std::back_inserter(out));
  }
  // Rows of the table lie in the order in which they can be made.
  std::stable_sort(out.begin(), out.end(),
                   [](const MovedElement& a, const MovedElement& b) { return a.kind < b.kind; });
  return out;
}

// The keys that a new server got go where its own have come.
using KeysOfServers = std::map<std::string, std::set<std::string>>;
Task<Outcome<Done>> drop_generated_keys(const TransferContext& context, KeysOfServers imported) {
  for (const auto& [server, keys] : imported) {
    const HostKeysChange change =
        [&keys = keys](std::vector<model::HostKeyRecord>& all) -> Outcome<Done> {
      std::erase_if(
          all, [&keys](const model::HostKeyRecord& key) { return !keys.contains(key.id.str()); });
      return done();
    };
    CO_TRY(co_await change_host_keys(context, model::ServerId(server), change));
  }
  co_return done();
}

json result_json(const MovedElement& element, const Outcome<ImportResult>& result) {
  json out{{"Resource", name_of(*element.kind, element.server, element.id)}};
  if (!result.ok()) {
    out["Outcome"] = "refused";
    out["Text"] = result.error().message;
    return out;
  }
  out["Outcome"] = result->outcome;
  if (!result->differences.empty()) out["Differences"] = result->differences;
  if (!result->text.empty()) out["Text"] = result->text;
  return out;
}

// Answers an array of results.
Task<Outcome<json>> import_all(const TransferContext& context,
                               const std::vector<MovedElement>& elements) {
  json results = json::array();
  std::set<std::string> made_servers;
  KeysOfServers imported_keys;
  for (const MovedElement& element : elements) {
    const bool document = element.kind->create.empty();
    auto result = document ? co_await import_document(context, element)
                           : co_await import_resource(context, element);
    // Without the database nothing more will come of it.
    if (!result.ok() && result.error().code == Errc::kUnavailable)
      co_return std::move(result).error();
    if (result.ok() && result->outcome == "made") {
      if (element.kind->member == "Server") made_servers.insert(element.id);
      if (element.kind->member == "HostKey" && made_servers.contains(element.server))
        imported_keys[element.server].insert(element.id);
    }
    results.push_back(result_json(element, result));
  }
  CO_TRY(co_await drop_generated_keys(context, std::move(imported_keys)));
  co_return results;
}

// The results of what was done to a copy.
json as_planned(json results) {
  for (json& one : results) {
    const std::string outcome = one["Outcome"];
    if (outcome == "made" || outcome == "changed") one["Outcome"] = "would be " + outcome;
  }
  return results;
}

}  // namespace

Task<Outcome<json>> import_lines(TransferContext context, std::string text, bool dry_run) {
  CO_TRY_ASSIGN(const auto elements, read_all(text, context.place));
  json results;
  if (dry_run) {
    CO_TRY_ASSIGN(const auto rehearsal, co_await Rehearsal::start(context));
    CO_TRY_ASSIGN(results, co_await import_all(rehearsal->context(), elements));
    results = as_planned(std::move(results));
  } else {
    CO_TRY_ASSIGN(results, co_await import_all(context, elements));
  }
  co_return json{{"Results", std::move(results)}};
}

}  // namespace sallyport::api
