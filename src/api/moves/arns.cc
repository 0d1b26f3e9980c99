#include "api/moves/arns.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "iam/condition_values.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

struct Arn {
  std::string service, region, account, rest;
};

std::optional<Arn> parse_arn(std::string_view text) {
  const auto fields = iam::split_arn(text, false);
  if (!fields || (*fields)[0] != "arn") return {};
  return Arn{std::string((*fields)[2]), std::string((*fields)[3]), std::string((*fields)[4]),
             std::string((*fields)[5])};
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
