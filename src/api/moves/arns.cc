#include "api/moves/arns.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

namespace sallyport::api {

namespace {

using nlohmann::json;

struct Arn {
  std::string partition, service, region, account, rest;
};

std::optional<Arn> parse_arn(std::string_view text) {
  Arn out;
  if (!text.starts_with("arn:")) return {};
  text.remove_prefix(4);
  for (std::string* part : {&out.partition, &out.service, &out.region, &out.account}) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return {};
    *part = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  out.rest = text;
  return out;
}

void rehome(json& value, const Arn& own, const model::Place& place) {
  if (value.is_structured()) {
    for (json& one : value) rehome(one, own, place);
    return;
  }
  if (!value.is_string()) return;
  const auto arn = parse_arn(value.get_ref<const std::string&>());
  if (!arn || arn->account != own.account) return;
  if (arn->service == "iam") {
    value = fmt::format("arn:aws:iam::{}:{}", place.account, arn->rest);
  } else if (arn->service == "transfer" || arn->service == "logs") {
    const bool here = arn->region == own.region || own.region.empty();
    value = fmt::format("arn:aws:{}:{}:{}:{}", arn->service, here ? place.region : arn->region,
                        place.account, arn->rest);
  }
}

}  // namespace

void rehome_arns(json& resource, const model::Place& place) {
  const auto it = resource.find("Arn");
  if (it == resource.end() || !it->is_string()) return;
  const auto own = parse_arn(it->get_ref<const std::string&>());
  if (own && !own->account.empty()) rehome(resource, *own, place);
}

}  // namespace sallyport::api
