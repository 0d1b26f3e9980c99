// In what a resource differs from what a file says of it. Pure. Inside api/moves only.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>

namespace sallyport::api {

// Whether `have` is what `want` says, as far as `want` says anything: lists are sets, texts that
// are JSON objects are compared as such, and what is empty may be missing.
bool covers(const nlohmann::json& want, const nlohmann::json& have);

// An array of {Member, Here, File} for each of `members` that differs, and of {Member, Here, Kept}
// for what is set here and not named by the file, unless `kept` is false.
nlohmann::json differences(const nlohmann::json& want, const nlohmann::json& have,
                           const std::set<std::string>& members, bool kept);

}  // namespace sallyport::api
