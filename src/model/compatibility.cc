#include "model/compatibility.h"

#include <string>

namespace sallyport::model {

std::optional<Compatibility> compatibility_from(std::string_view name) {
  if (name == "strict") return Compatibility::kStrict;
  if (name == "extended") return Compatibility::kExtended;
  return std::nullopt;
}

Result<std::optional<Compatibility>> tagged_compatibility(const std::vector<Tag>& tags) {
  for (const Tag& tag : tags) {
    if (tag.key != kCompatibilityTag) continue;
    const auto value = compatibility_from(tag.value);
    if (!value) {
      return Error(Errc::kInvalidArgument, "Tag " + tag.key + " is '" + tag.value +
                                               "'; strict or extended is expected");
    }
    return value;
  }
  return std::optional<Compatibility>();
}

}  // namespace sallyport::model
