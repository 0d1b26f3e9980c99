#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/managed_policy.h"

namespace sallyport::model {
using nlohmann::json;

const PolicyVersion* ManagedPolicy::version(std::string_view wanted) const {
  for (const PolicyVersion& one : versions)
    if (one.id == wanted) return &one;
  return nullptr;
}

std::string to_document(const ManagedPolicy& policy) {
  json versions = json::array();
  for (const PolicyVersion& one : policy.versions) {
    versions.push_back({{"VersionId", one.id},
                        {"Document", one.document},
                        {"CreateDateMs", to_unix_ms(one.created)}});
  }
  return codec::write_json(json{
      {"PolicyName", policy.name},
      {"Path", policy.path},
      {"PolicyId", policy.id},
      {"Arn", policy.arn},
      {"Description", policy.description},
      {"DefaultVersionId", policy.default_version},
      {"LastVersion", policy.last_version},
      {"Versions", std::move(versions)},
      {"Tags", tags_to_json(policy.tags)},
      {"CreateDateMs", to_unix_ms(policy.created)},
      {"UpdateDateMs", to_unix_ms(policy.updated)},
  });
}

Result<ManagedPolicy> managed_policy_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "managed policy"));
  FieldReader fields(object, "managed policy");
  ManagedPolicy policy;
  fields.required_text("PolicyName", policy.name);
  fields.text("Path", policy.path);
  fields.text("PolicyId", policy.id);
  fields.text("Arn", policy.arn);
  fields.text("Description", policy.description);
  fields.text("DefaultVersionId", policy.default_version);
  fields.integer("LastVersion", policy.last_version);
  for (const json* one : fields.objects("Versions")) {
    FieldReader nested(*one, "policy version");
    PolicyVersion version;
    nested.required_text("VersionId", version.id);
    nested.required_text("Document", version.document);
    nested.time("CreateDateMs", version.created);
    fields.absorb(nested);
    policy.versions.push_back(std::move(version));
  }
  fields.tags("Tags", policy.tags);
  fields.time("CreateDateMs", policy.created);
  fields.time("UpdateDateMs", policy.updated);
  TRY(fields.result());
  return policy;
}

}  // namespace sallyport::model
