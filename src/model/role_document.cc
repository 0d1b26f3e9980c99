#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/role.h"

namespace sallyport::model {
using nlohmann::json;

std::string to_document(const Role& role) {
  return codec::write_json(json{
      {"RoleName", role.name},
      {"Path", role.path},
      {"RoleId", role.id},
      {"Arn", role.arn},
      {"Description", role.description},
      {"AssumeRolePolicyDocument", role.assume_role_policy_document},
      {"MaxSessionDuration", role.max_session_duration},
      {"InlinePolicies", json(role.inline_policies)},
      {"AttachedPolicyArns", role.attached_policy_arns},
      {"Tags", tags_to_json(role.tags)},
      {"CreateDateMs", to_unix_ms(role.created)},
  });
}

Result<Role> role_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "role"));
  FieldReader fields(object, "role");
  Role role;
  fields.required_text("RoleName", role.name);
  fields.text("Path", role.path);
  fields.text("RoleId", role.id);
  fields.text("Arn", role.arn);
  fields.text("Description", role.description);
  fields.text("AssumeRolePolicyDocument", role.assume_role_policy_document);
  fields.integer("MaxSessionDuration", role.max_session_duration);
  fields.text_map("InlinePolicies", role.inline_policies);
  fields.texts("AttachedPolicyArns", role.attached_policy_arns);
  fields.tags("Tags", role.tags);
  fields.time("CreateDateMs", role.created);
  TRY(fields.result());
  return role;
}

}  // namespace sallyport::model
