#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/transfer/operations.h"
#include "api/transfer/references.h"
#include "crypto/seal.h"
#include "crypto/x509.h"

namespace sallyport::api {

namespace {

using crypto::X509Certificate;
using model::Certificate;
using nlohmann::json;

constexpr std::size_t kMaxChain = 32;
constexpr int kMinRsaBits = 2048, kMaxRsaBits = 4096;

// What DescribeCertificate and ListCertificates both show.
json listed_certificate(const TransferContext& context, const Certificate& certificate) {
  json out = {{"Arn", model::arn_of(context.place, certificate.id)},
              {"CertificateId", certificate.id.str()},
              {"Usage", certificate.usage},
              {"Status", certificate.status(context.clock.wall())},
              {"ActiveDate", timestamp_json(certificate.active)},
              {"InactiveDate", timestamp_json(certificate.inactive)},
              {"Type", certificate.type()}};
  put_text(out, "Description", certificate.description);
  return out;
}

json described_certificate(const TransferContext& context, const Certificate& certificate) {
  json out = listed_certificate(context, certificate);
  out["Certificate"] = certificate.certificate;
  put_text(out, "CertificateChain", certificate.chain);
  out["Serial"] = certificate.serial;
  out["NotBeforeDate"] = timestamp_json(certificate.not_before);
  out["NotAfterDate"] = timestamp_json(certificate.not_after);
  if (!certificate.tags.empty()) out["Tags"] = tags_json(certificate.tags);
  return out;
}

// The parties of AS2 sign and encrypt with RSA; a partner's endpoint may use ECDSA for TLS.
Outcome<Done> check_public_key(const X509Certificate& certificate, const std::string& usage) {
  switch (certificate.key_kind()) {
    case X509Certificate::KeyKind::kRsa:
      if (certificate.key_bits() >= kMinRsaBits && certificate.key_bits() <= kMaxRsaBits)
        return done();
      return invalid_request(fmt::format("Certificate must have an RSA key of {} to {} bits",
                                         kMinRsaBits, kMaxRsaBits));
    case X509Certificate::KeyKind::kEcdsa:
      if (usage == "TLS") return done();
      break;
    case X509Certificate::KeyKind::kOther: break;
  }
  return invalid_request("Unsupported public key algorithm for Usage: " + usage);
}

Outcome<Done> check_chain(const X509Certificate& certificate, const std::string& pem) {
  const auto chain = X509Certificate::chain_from_pem(pem, kMaxChain);
  if (!chain.ok()) {
    if (chain.error().code == Errc::kLimitExceeded)
      return quota_exceeded("CertificatesPerChain", kMaxChain);
    return invalid_request("Invalid certificate chain format");
  }
  if (crypto::issuers_of(certificate, *chain).empty())
    return invalid_request("Certificate was not issued by its certificate chain");
  return done();
}

// The text of a key comes in and a sealed one goes out.
Outcome<std::string> seal_private_key(const TransferContext& context,
                                      const X509Certificate& certificate,
                                      const model::CertificateId& id, const SecretString& pem) {
  if (auto fits = certificate.check_private_key(pem); !fits.ok()) {
    if (fits.error().code == Errc::kConflict)
      return invalid_request("Private key does not match the certificate");
    return invalid_request("Invalid private key format");
  }
  TRY_ASSIGN(auto sealed, context.secrets.seal(pem, certificate_seal_context(id)));
  return sealed;
}

Outcome<WallTime> read_date(const json& request, const char* member, const Certificate& within) {
  const double ms = request[member].get<double>() * 1000.0;
  if (!(ms >= static_cast<double>(to_unix_ms(within.not_before)) &&
        ms <= static_cast<double>(to_unix_ms(within.not_after))))
    return invalid_request(std::string(member) +
                           " must be between the certificate's NotBeforeDate and NotAfterDate");
  return from_unix_ms(static_cast<std::int64_t>(ms));
}

// Members that ImportCertificate and UpdateCertificate share.
Outcome<Done> apply_members(const json& request, Certificate& out) {
  if (request.contains("ActiveDate")) {
    TRY_ASSIGN(out.active, read_date(request, "ActiveDate", out));
  }
  if (request.contains("InactiveDate")) {
    TRY_ASSIGN(out.inactive, read_date(request, "InactiveDate", out));
  }
  if (out.active >= out.inactive) return invalid_request("ActiveDate must be before InactiveDate");
  set_text(request, "Description", out.description);
  return done();
}

Outcome<Certificate> new_certificate(const TransferContext& context, const json& request) {
  Certificate out;
  out.id = model::CertificateId(new_id(context, "cert-"));
  out.created = context.clock.wall();
  out.usage = text_of(request, "Usage");
  out.certificate = text_of(request, "Certificate");
  out.chain = text_of(request, "CertificateChain");
  const auto parsed = X509Certificate::from_pem(out.certificate);
  if (!parsed.ok()) return invalid_request("Invalid certificate format");
  TRY(check_public_key(*parsed, out.usage));
  out.serial = parsed->serial();
  out.not_before = out.active = parsed->not_before();
  out.not_after = out.inactive = parsed->not_after();
  if (out.created > out.not_after) return invalid_request("Certificate has expired");
  if (!out.chain.empty()) TRY(check_chain(*parsed, out.chain));
  if (const SecretString key(text_of(request, "PrivateKey")); !key.empty()) {
    TRY_ASSIGN(out.sealed_private_key, seal_private_key(context, *parsed, out.id, key));
  }
  TRY(apply_members(request, out));
  TRY_ASSIGN(out.tags, read_tags(request, "Tags"));
  return out;
}

}  // namespace

std::string certificate_seal_context(const model::CertificateId& id) {
  return "certificate:" + id.str();
}

Task<Outcome<json>> import_certificate(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto certificate, new_certificate(context, request));
  const auto quota =
      within_quota<Certificate>("", "CertificatesPerAccount", context.limits.certificates);
  CO_TRY(co_await insert_stored(context, certificate, quota));
  co_return json{{"CertificateId", certificate.id.str()}};
}

Task<Outcome<json>> describe_certificate(const TransferContext& context, json request) {
  CO_TRY_ASSIGN(const auto stored,
                co_await load_stored<Certificate>(context, "", text_of(request, "CertificateId")));
  co_return json{{"Certificate", described_certificate(context, stored.value)}};
}

Task<Outcome<json>> update_certificate(const TransferContext& context, json request) {
  const std::string id = text_of(request, "CertificateId");
  const Change<Certificate> change = [&request](Certificate& certificate) -> Outcome<bool> {
    TRY(apply_members(request, certificate));
    return true;
  };
  CO_TRY(co_await change_stored<Certificate>(context, "", id, change));
  co_return json{{"CertificateId", id}};
}

Task<Outcome<json>> delete_certificate(const TransferContext& context, json request) {
  const RemovalCheck<Certificate> check = [&context](const Certificate& certificate) {
    return check_certificate_unused(context, certificate.id);
  };
  CO_TRY(
      co_await remove_stored<Certificate>(context, "", text_of(request, "CertificateId"), check));
  co_return json();
}

Task<Outcome<json>> list_certificates(const TransferContext& context, json request) {
  const Shown<Certificate> show = [&context](const Certificate& certificate) {
    return listed_certificate(context, certificate);
  };
  co_return co_await list_stored<Certificate>(context, "ListCertificates", "", std::move(request),
                                              "Certificates", show);
}

}  // namespace sallyport::api
