#include "model/grant_document.h"

#include <nlohmann/json.hpp>

namespace sallyport::model {
namespace {

using nlohmann::json;

std::string_view name_of(HomeDirectoryType type) {
  return type == HomeDirectoryType::kLogical ? "LOGICAL" : "PATH";
}

// An unknown type is an error, not PATH: a guess could show a user more than the mappings do.
void read_home_directory_type(FieldReader& fields, HomeDirectoryType& out) {
  std::string name(name_of(out));
  fields.text("HomeDirectoryType", name);
  if (name == "PATH") {
    out = HomeDirectoryType::kPath;
  } else if (name == "LOGICAL") {
    out = HomeDirectoryType::kLogical;
  } else {
    fields.fail("HomeDirectoryType", "PATH or LOGICAL");
  }
}

void read_mappings(FieldReader& parent, std::vector<HomeDirectoryMapEntry>& out) {
  for (const json* element : parent.objects("HomeDirectoryMappings")) {
    FieldReader fields(*element, "HomeDirectoryMapEntry");
    HomeDirectoryMapEntry& mapping = out.emplace_back();
    fields.required_text("Entry", mapping.entry);
    fields.required_text("Target", mapping.target);
    fields.text("Type", mapping.type);
    fields.boolean("TypeGiven", mapping.type_given);
    parent.absorb(fields);
  }
}

void read_posix_profile(FieldReader& parent, std::optional<PosixProfile>& out) {
  const json* const object = parent.object("PosixProfile");
  if (object == nullptr) return;
  FieldReader fields(*object, "PosixProfile");
  // An absent id must not become root's.
  for (const char* name : {"Uid", "Gid"}) {
    const auto found = object->find(name);
    if (found == object->end() || found->is_null()) fields.fail(name, "there");
  }
  PosixProfile& profile = out.emplace();
  fields.integer("Uid", profile.uid);
  fields.integer("Gid", profile.gid);
  fields.integers("SecondaryGids", profile.secondary_gids);
  parent.absorb(fields);
}

json mappings_to_json(const std::vector<HomeDirectoryMapEntry>& mappings) {
  json list = json::array();
  for (const HomeDirectoryMapEntry& mapping : mappings) {
    list.push_back({{"Entry", mapping.entry},
                    {"Target", mapping.target},
                    {"Type", mapping.type},
                    {"TypeGiven", mapping.type_given}});
  }
  return list;
}

}  // namespace

void write_grant(const Grant& grant, json& document) {
  document["HomeDirectory"] = grant.home_directory;
  document["HomeDirectoryType"] = std::string(name_of(grant.home_directory_type));
  document["HomeDirectoryMappings"] = mappings_to_json(grant.home_directory_mappings);
  document["Policy"] = grant.policy;
  document["Role"] = grant.role;
  if (grant.posix_profile) {
    document["PosixProfile"] = {{"Uid", grant.posix_profile->uid},
                                {"Gid", grant.posix_profile->gid},
                                {"SecondaryGids", grant.posix_profile->secondary_gids}};
  }
}

void read_grant(FieldReader& fields, Grant& out) {
  fields.text("HomeDirectory", out.home_directory);
  read_home_directory_type(fields, out.home_directory_type);
  read_mappings(fields, out.home_directory_mappings);
  fields.text("Policy", out.policy);
  read_posix_profile(fields, out.posix_profile);
  fields.text("Role", out.role);
}

}  // namespace sallyport::model
