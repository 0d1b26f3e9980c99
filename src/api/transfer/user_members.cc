#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/user_form.h"

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

json mappings_json(const std::vector<model::HomeDirectoryMapEntry>& mappings) {
  json out = json::array();
  for (const auto& mapping : mappings) {
    json entry = {{"Entry", mapping.entry}, {"Target", mapping.target}};
    if (mapping.type_given) entry["Type"] = mapping.type;
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

json keys_json(const std::vector<model::SshPublicKey>& keys) {
  json out = json::array();
  for (const auto& key : keys) {
    out.push_back({{"DateImported", timestamp_json(key.date_imported)},
                   {"SshPublicKeyBody", key.body},
                   {"SshPublicKeyId", key.id.str()}});
  }
  return out;
}

const char* type_name(HomeDirectoryType type) {
  return type == HomeDirectoryType::kLogical ? "LOGICAL" : "PATH";
}

// A change of type leaves the old type's home behind: mappings with PATH, the real path with
// LOGICAL.
void change_type(const json& request, model::User& user) {
  const auto type = text_of(request, "HomeDirectoryType") == "LOGICAL" ? HomeDirectoryType::kLogical
                                                                       : HomeDirectoryType::kPath;
  if (type == HomeDirectoryType::kPath) user.home_directory_mappings.clear();
  if (type != user.home_directory_type) user.home_directory.clear();
  user.home_directory_type = type;
}

}  // namespace

void apply_user_members(const json& request, model::User& user) {
  if (request.contains("HomeDirectoryType")) change_type(request, user);
  if (request.contains("HomeDirectory")) user.home_directory = text_of(request, "HomeDirectory");
  if (request.contains("HomeDirectoryMappings"))
    user.home_directory_mappings = read_mappings(request["HomeDirectoryMappings"]);
  if (request.contains("Policy")) user.policy = text_of(request, "Policy");
  if (request.contains("PosixProfile"))
    user.posix_profile = read_posix_profile(request["PosixProfile"]);
  if (request.contains("Role")) user.role = text_of(request, "Role");
}

json described_user(const model::User& user) {
  json out = {{"Arn", user.arn},
              {"HomeDirectoryType", type_name(user.home_directory_type)},
              {"Role", user.role},
              {"SshPublicKeys", keys_json(user.ssh_public_keys)},
              {"Tags", tags_json(user.tags)},
              {"UserName", user.user_name}};
  if (!user.home_directory.empty()) out["HomeDirectory"] = user.home_directory;
  if (!user.home_directory_mappings.empty())
    out["HomeDirectoryMappings"] = mappings_json(user.home_directory_mappings);
  if (!user.policy.empty()) out["Policy"] = user.policy;
  if (user.posix_profile) out["PosixProfile"] = posix_profile_json(*user.posix_profile);
  return out;
}

json listed_user(const model::User& user) {
  json out = {{"Arn", user.arn},
              {"HomeDirectoryType", type_name(user.home_directory_type)},
              {"Role", user.role},
              {"SshPublicKeyCount", user.ssh_public_keys.size()},
              {"UserName", user.user_name}};
  if (!user.home_directory.empty()) out["HomeDirectory"] = user.home_directory;
  return out;
}

}  // namespace sallyport::api
