#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/document_fields.h"
#include "model/profile.h"

namespace sallyport::model {

using nlohmann::json;

std::string arn_of(const Place& place, const ProfileId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:profile/{}", place.region, place.account, id.str());
}

std::string to_document(const Profile& profile) {
  return codec::write_json(json{
      {"ProfileId", profile.id.str()},
      {"ProfileType", profile.type},
      {"As2Id", profile.as2_id},
      {"CertificateIds", profile.certificate_ids},
      {"Tags", tags_to_json(profile.tags)},
      {"CreatedMs", to_unix_ms(profile.created)},
  });
}

Result<Profile> profile_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "profile"));
  FieldReader fields(object, "profile");
  Profile profile;
  fields.id("ProfileId", profile.id);
  fields.required_text("ProfileType", profile.type);
  fields.required_text("As2Id", profile.as2_id);
  fields.texts("CertificateIds", profile.certificate_ids);
  fields.tags("Tags", profile.tags);
  fields.time("CreatedMs", profile.created);
  TRY(fields.result());
  return profile;
}

}  // namespace sallyport::model
