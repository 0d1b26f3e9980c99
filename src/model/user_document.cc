#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/grant_document.h"
#include "model/user.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

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
      {"SshPublicKeys", keys_to_json(user.ssh_public_keys)},
      {"Tags", tags_to_json(user.tags)},
      {"CreatedMs", to_unix_ms(user.created)},
  };
  write_grant(user, document);
  return codec::write_json(document);
}

Result<User> user_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "user"));
  FieldReader fields(object, "user");
  User user;
  fields.id("ServerId", user.server_id);
  fields.required_text("UserName", user.user_name);
  fields.text("Arn", user.arn);
  read_grant(fields, user);
  read_keys(fields, user.ssh_public_keys);
  fields.tags("Tags", user.tags);
  fields.time("CreatedMs", user.created);
  TRY(fields.result());
  return user;
}

}  // namespace sallyport::model
