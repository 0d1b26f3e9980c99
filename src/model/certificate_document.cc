#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "codec/json.h"
#include "model/certificate.h"
#include "model/document_fields.h"

namespace sallyport::model {

using nlohmann::json;

std::string arn_of(const Place& place, const CertificateId& id) {
  return fmt::format("arn:aws:transfer:{}:{}:certificate/{}", place.region, place.account,
                     id.str());
}

std::string_view Certificate::type() const {
  return sealed_private_key.empty() ? "CERTIFICATE" : "CERTIFICATE_WITH_PRIVATE_KEY";
}

std::string_view Certificate::status(WallTime now) const {
  if (now >= inactive) return "INACTIVE";
  return now < active ? "PENDING_ROTATION" : "ACTIVE";
}

std::string to_document(const Certificate& certificate) {
  return codec::write_json(json{
      {"CertificateId", certificate.id.str()},
      {"Usage", certificate.usage},
      {"Certificate", certificate.certificate},
      {"CertificateChain", certificate.chain},
      {"SealedPrivateKey", certificate.sealed_private_key},
      {"Serial", certificate.serial},
      {"NotBeforeMs", to_unix_ms(certificate.not_before)},
      {"NotAfterMs", to_unix_ms(certificate.not_after)},
      {"ActiveMs", to_unix_ms(certificate.active)},
      {"InactiveMs", to_unix_ms(certificate.inactive)},
      {"Description", certificate.description},
      {"Tags", tags_to_json(certificate.tags)},
      {"CreatedMs", to_unix_ms(certificate.created)},
  });
}

Result<Certificate> certificate_from_document(std::string_view document) {
  TRY_ASSIGN(const json object, parse_document(document, "certificate"));
  FieldReader fields(object, "certificate");
  Certificate certificate;
  fields.id("CertificateId", certificate.id);
  fields.required_text("Usage", certificate.usage);
  fields.required_text("Certificate", certificate.certificate);
  fields.text("CertificateChain", certificate.chain);
  fields.text("SealedPrivateKey", certificate.sealed_private_key);
  fields.text("Serial", certificate.serial);
  fields.time("NotBeforeMs", certificate.not_before);
  fields.time("NotAfterMs", certificate.not_after);
  fields.time("ActiveMs", certificate.active);
  fields.time("InactiveMs", certificate.inactive);
  fields.text("Description", certificate.description);
  fields.tags("Tags", certificate.tags);
  fields.time("CreatedMs", certificate.created);
  TRY(fields.result());
  return certificate;
}

}  // namespace sallyport::model
