#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/access.h"
#include "model/grant_document.h"

namespace sallyport::model {

using nlohmann::json;

std::string to_document(const Access& access) {
  json document = {
      {"ServerId", access.server_id.str()},
      {"ExternalId", access.external_id},
      {"CreatedMs", to_unix_ms(access.created)},
  };
  write_grant(access, document);
  return codec::write_json(document);
}

Result<Access> access_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "access"));
  FieldReader fields(object, "access");
  Access access;
  fields.id("ServerId", access.server_id);
  fields.required_text("ExternalId", access.external_id);
  fields.time("CreatedMs", access.created);
  read_grant(fields, access);
  TRY(fields.result());
  return access;
}

}  // namespace sallyport::model
