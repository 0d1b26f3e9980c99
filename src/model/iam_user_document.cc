#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/access_key.h"
#include "model/document_fields.h"
#include "model/iam_user.h"

namespace sallyport::model {
using nlohmann::json;

std::string to_document(const IamUser& user) {
  return codec::write_json(json{
      {"UserName", user.name},
      {"Path", user.path},
      {"UserId", user.id},
      {"Arn", user.arn},
      {"InlinePolicies", json(user.inline_policies)},
      {"AttachedPolicyArns", user.attached_policy_arns},
      {"AccessKeyIds", user.access_key_ids},
      {"Tags", tags_to_json(user.tags)},
      {"CreateDateMs", to_unix_ms(user.created)},
  });
}

Result<IamUser> iam_user_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "IAM user"));
  FieldReader fields(object, "IAM user");
  IamUser user;
  fields.required_text("UserName", user.name);
  fields.text("Path", user.path);
  fields.text("UserId", user.id);
  fields.text("Arn", user.arn);
  fields.text_map("InlinePolicies", user.inline_policies);
  fields.texts("AttachedPolicyArns", user.attached_policy_arns);
  fields.texts("AccessKeyIds", user.access_key_ids);
  fields.tags("Tags", user.tags);
  fields.time("CreateDateMs", user.created);
  TRY(fields.result());
  return user;
}

std::string to_document(const AccessKey& key) {
  return codec::write_json(json{
      {"AccessKeyId", key.id},
      {"UserName", key.user_name},
      {"SealedSecret", key.sealed_secret},
      {"Active", key.active},
      {"CreateDateMs", to_unix_ms(key.created)},
  });
}

Result<AccessKey> access_key_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "access key"));
  FieldReader fields(object, "access key");
  AccessKey key;
  // A damaged row must not become an active key.
  key.active = false;
  fields.required_text("AccessKeyId", key.id);
  fields.required_text("UserName", key.user_name);
  fields.required_text("SealedSecret", key.sealed_secret);
  fields.boolean("Active", key.active);
  fields.time("CreateDateMs", key.created);
  TRY(fields.result());
  return key;
}

}  // namespace sallyport::model
