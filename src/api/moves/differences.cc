#include "api/moves/differences.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using nlohmann::json;

bool is_empty(const json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || (value.is_structured() && value.empty());
}

// A policy is the same however it is laid out.
json as_json(const json& text) {
  const std::string& raw = text.get_ref<const std::string&>();
  if (!raw.starts_with('{')) return text;
  json parsed = json::parse(raw, nullptr, false);
  return parsed.is_object() ? parsed : text;
}

bool same_text(const json& want, const json& have) {
  return want == have || as_json(want) == as_json(have);
}

bool same_set(json want, json have) {
  if (want.size() != have.size()) return false;
  const auto by_text = [](const json& a, const json& b) { return a.dump() < b.dump(); };
  std::sort(want.begin(), want.end(), by_text);
  std::sort(have.begin(), have.end(), by_text);
  return std::equal(want.begin(), want.end(), have.begin(), covers);
}

}  // namespace

bool covers(const json& want, const json& have) {
  if (is_empty(want) && is_empty(have)) return true;
  if (want.is_string() && have.is_string()) return same_text(want, have);
  if (want.is_number() && have.is_number())
    return std::abs(want.get<double>() - have.get<double>()) < 0.001;
  if (want.is_array() && have.is_array()) return same_set(want, have);
  if (!want.is_object() || !have.is_object()) return want == have;
  for (const auto& [name, value] : want.items())
    if (!covers(value, have.contains(name) ? have[name] : json())) return false;
  return true;
}

json differences(const json& want, const json& have, const std::set<std::string>& members,
                 bool kept) {
  json out = json::array();
  for (const std::string& name : members) {
    const json here = have.contains(name) ? have[name] : json();
    if (!want.contains(name)) {
      if (kept && !is_empty(here))
        out.push_back({{"Member", name}, {"Here", here}, {"Kept", true}});
    } else if (!covers(want[name], here)) {
      out.push_back({{"Member", name}, {"Here", here}, {"File", want[name]}});
    }
  }
  return out;
}

}  // namespace sallyport::api
