#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/user.h"

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

void read_keys(FieldReader& parent, std::vector<SshPublicKey>& out) {
  for (const json* element : parent.objects("SshPublicKeys")) {
    FieldReader fields(*element, "SshPublicKey");
    SshPublicKey& key = out.emplace_back();
    fields.id("SshPublicKeyId", key.id);
    fields.required_text("SshPublicKeyBody", key.body);
    fields.time("DateImportedMs", key.date_imported);
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

json keys_to_json(const std::vector<SshPublicKey>& keys) {
  json list = json::array();
  for (const SshPublicKey& key : keys) {
    list.push_back({{"SshPublicKeyId", key.id.str()},
                    {"SshPublicKeyBody", key.body},
                    {"DateImportedMs", to_unix_ms(key.date_imported)}});
  }
  return list;
}

}  // namespace

std::string to_document(const User& user) {
  json document = {
      {"ServerId", user.server_id.str()},
      {"UserName", user.user_name},
      {"Arn", user.arn},
      {"HomeDirectory", user.home_directory},
      {"HomeDirectoryType", std::string(name_of(user.home_directory_type))},
      {"HomeDirectoryMappings", mappings_to_json(user.home_directory_mappings)},
      {"Policy", user.policy},
      {"Role", user.role},
      {"SshPublicKeys", keys_to_json(user.ssh_public_keys)},
      {"Tags", tags_to_json(user.tags)},
      {"CreatedMs", to_unix_ms(user.created)},
  };
  if (user.posix_profile) {
    document["PosixProfile"] = {{"Uid", user.posix_profile->uid},
                                {"Gid", user.posix_profile->gid},
                                {"SecondaryGids", user.posix_profile->secondary_gids}};
  }
  return codec::write_json(document);
}

Result<User> user_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "user"));
  FieldReader fields(object, "user");
  User user;
  fields.id("ServerId", user.server_id);
  fields.required_text("UserName", user.user_name);
  fields.text("Arn", user.arn);
  fields.text("HomeDirectory", user.home_directory);
  read_home_directory_type(fields, user.home_directory_type);
  read_mappings(fields, user.home_directory_mappings);
  fields.text("Policy", user.policy);
  read_posix_profile(fields, user.posix_profile);
  fields.text("Role", user.role);
  read_keys(fields, user.ssh_public_keys);
  fields.tags("Tags", user.tags);
  fields.time("CreatedMs", user.created);
  TRY(fields.result());
  return user;
}

}  // namespace sallyport::model
