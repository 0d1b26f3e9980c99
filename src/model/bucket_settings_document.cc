#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/bucket_settings.h"
#include "model/document_fields.h"

namespace sallyport::model {
using nlohmann::json;

std::string to_document(const BucketSettings& settings) {
  return codec::write_json(json{
      {"Bucket", settings.bucket},
      {"Policy", settings.policy},
      {"Tags", tags_to_json(settings.tags)},
  });
}

Result<BucketSettings> bucket_settings_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "bucket settings"));
  FieldReader fields(object, "bucket settings");
  BucketSettings settings;
  fields.required_text("Bucket", settings.bucket);
  fields.text("Policy", settings.policy);
  fields.tags("Tags", settings.tags);
  TRY(fields.result());
  return settings;
}

}  // namespace sallyport::model
