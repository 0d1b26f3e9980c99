#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/grant_form.h"

namespace sallyport::api {

namespace {

using model::HomeDirectoryType;
using nlohmann::json;

std::vector<model::HomeDirectoryMapEntry> read_mappings(const json& in) {
  std::vector<model::HomeDirectoryMapEntry> out;
  out.reserve(in.size());
  for (const auto& mapping : in) {
    model::HomeDirectoryMapEntry entry;
    entry.entry = text_of(mapping, "Entry");
    entry.target = text_of(mapping, "Target");
    entry.type_given = mapping.contains("Type");
    if (entry.type_given) entry.type = text_of(mapping, "Type");
    out.push_back(std::move(entry));
  }
  return out;
}

model::PosixProfile read_posix_profile(const json& in) {
  model::PosixProfile out;
  out.uid = in["Uid"].get<std::int64_t>();
  out.gid = in["Gid"].get<std::int64_t>();
  if (in.contains("SecondaryGids"))
    out.secondary_gids = in["SecondaryGids"].get<std::vector<std::int64_t>>();
  return out;
}

json posix_profile_json(const model::PosixProfile& profile) {
  json out = {{"Uid", profile.uid}, {"Gid", profile.gid}};
  if (!profile.secondary_gids.empty()) out["SecondaryGids"] = profile.secondary_gids;
  return out;
}

const char* type_name(HomeDirectoryType type) {
  return type == HomeDirectoryType::kLogical ? "LOGICAL" : "PATH";
}

// A change of type leaves the old type's home behind: mappings with PATH, the real path with
// LOGICAL.
void change_type(const json& request, model::Grant& grant) {
  const auto type = text_of(request, "HomeDirectoryType") == "LOGICAL" ? HomeDirectoryType::kLogical
                                                                       : HomeDirectoryType::kPath;
  if (type == HomeDirectoryType::kPath) grant.home_directory_mappings.clear();
  if (type != grant.home_directory_type) grant.home_directory.clear();
  grant.home_directory_type = type;
}

}  // namespace

void apply_grant_members(const json& request, model::Grant& grant) {
  if (request.contains("HomeDirectoryType")) change_type(request, grant);
  set_text(request, "HomeDirectory", grant.home_directory);
  if (request.contains("HomeDirectoryMappings"))
    grant.home_directory_mappings = read_mappings(request["HomeDirectoryMappings"]);
  set_text(request, "Policy", grant.policy);
  if (request.contains("PosixProfile"))
    grant.posix_profile = read_posix_profile(request["PosixProfile"]);
  set_text(request, "Role", grant.role);
}

json mappings_json(const std::vector<model::HomeDirectoryMapEntry>& mappings) {
  json out = json::array();
  for (const auto& mapping : mappings) {
    json entry = {{"Entry", mapping.entry}, {"Target", mapping.target}};
    if (mapping.type_given) entry["Type"] = mapping.type;
    out.push_back(std::move(entry));
  }
  return out;
}

json listed_grant(const model::Grant& grant) {
  json out = {{"HomeDirectoryType", type_name(grant.home_directory_type)}, {"Role", grant.role}};
  if (!grant.home_directory.empty()) out["HomeDirectory"] = grant.home_directory;
  return out;
}

json described_grant(const model::Grant& grant) {
  json out = listed_grant(grant);
  if (!grant.home_directory_mappings.empty())
    out["HomeDirectoryMappings"] = mappings_json(grant.home_directory_mappings);
  if (!grant.policy.empty()) out["Policy"] = grant.policy;
  if (grant.posix_profile) out["PosixProfile"] = posix_profile_json(*grant.posix_profile);
  return out;
}

}  // namespace sallyport::api
