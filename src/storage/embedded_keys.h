// Which keys of embedded buckets can be paths. Pure.
#pragma once

#include <string_view>

#include "storage/object_names.h"

namespace sallyport::storage {

inline constexpr std::string_view kReservedFolder = ".sallyport";

// Whether the key's content may lie at the path of the same name.
bool has_plain_path(std::string_view key);

}  // namespace sallyport::storage
