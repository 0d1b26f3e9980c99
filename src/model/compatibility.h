// Whether a server behaves as the managed service does or better (docs/compatibility-switch.md).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

enum class Compatibility : std::uint8_t { kStrict, kExtended };

inline constexpr std::string_view kCompatibilityTag = "sallyport:compatibility";

// "strict" or "extended".
std::optional<Compatibility> compatibility_from(std::string_view name);

// What the tag among `tags` says; nullopt where it is not there. Error: kInvalidArgument with a
// sentence that names the tag and both values.
Result<std::optional<Compatibility>> tagged_compatibility(const std::vector<Tag>& tags);

}  // namespace sallyport::model
