#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/agreement.h"
#include "model/document_fields.h"

namespace sallyport::model {
namespace {

using nlohmann::json;

void read_custom_directories(FieldReader& parent, std::optional<CustomDirectories>& out) {
  const json* const object = parent.object("CustomDirectories");
  if (object == nullptr) return;
  FieldReader fields(*object, "CustomDirectories");
  CustomDirectories& directories = out.emplace();
  fields.required_text("FailedFilesDirectory", directories.failed_files);
  fields.required_text("MdnFilesDirectory", directories.mdn_files);
  fields.required_text("PayloadFilesDirectory", directories.payload_files);
  fields.required_text("StatusFilesDirectory", directories.status_files);
  fields.required_text("TemporaryFilesDirectory", directories.temporary_files);
  parent.absorb(fields);
}

}  // namespace

std::string arn_of(const Place& place, const ServerId& server, const AgreementId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:agreement/{}/{}", place.region, place.account,
                     server.str(), id.str());
}

std::string to_document(const Agreement& agreement) {
  json document = {
      {"AgreementId", agreement.id.str()},
      {"ServerId", agreement.server_id.str()},
      {"Description", agreement.description},
      {"Status", agreement.status},
      {"LocalProfileId", agreement.local_profile_id.str()},
      {"PartnerProfileId", agreement.partner_profile_id.str()},
      {"BaseDirectory", agreement.base_directory},
      {"AccessRole", agreement.access_role},
      {"PreserveFilename", agreement.preserve_filename},
      {"EnforceMessageSigning", agreement.enforce_message_signing},
      {"Tags", tags_to_json(agreement.tags)},
      {"CreatedMs", to_unix_ms(agreement.created)},
  };
  if (agreement.custom_directories) {
    const CustomDirectories& directories = *agreement.custom_directories;
    document["CustomDirectories"] = {{"FailedFilesDirectory", directories.failed_files},
                                     {"MdnFilesDirectory", directories.mdn_files},
                                     {"PayloadFilesDirectory", directories.payload_files},
                                     {"StatusFilesDirectory", directories.status_files},
                                     {"TemporaryFilesDirectory", directories.temporary_files}};
  }
  return codec::write_json(document);
}

Result<Agreement> agreement_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "agreement"));
  FieldReader fields(object, "agreement");
  Agreement agreement;
  fields.id("AgreementId", agreement.id);
  fields.id("ServerId", agreement.server_id);
  fields.text("Description", agreement.description);
  fields.text("Status", agreement.status);
  fields.id("LocalProfileId", agreement.local_profile_id);
  fields.id("PartnerProfileId", agreement.partner_profile_id);
  fields.text("BaseDirectory", agreement.base_directory);
  read_custom_directories(fields, agreement.custom_directories);
  fields.text("AccessRole", agreement.access_role);
  fields.text("PreserveFilename", agreement.preserve_filename);
  fields.text("EnforceMessageSigning", agreement.enforce_message_signing);
  fields.tags("Tags", agreement.tags);
  fields.time("CreatedMs", agreement.created);
  TRY(fields.result());
  return agreement;
}

}  // namespace sallyport::model
