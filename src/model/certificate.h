// An imported certificate, as ImportCertificate makes it and DescribeCertificate shows it
// (DescribedCertificate). Plain data.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/ids.h"
#include "model/server.h"

namespace sallyport::model {

using CertificateId = StrongString<struct CertificateIdTag>;  // cert- and 17 hexadecimal digits

std::string arn_of(const Place& place, const CertificateId& id);

struct Certificate {
  CertificateId id;
  std::string usage;               // SIGNING, ENCRYPTION or TLS
  std::string certificate;         // PEM
  std::string chain;               // PEM; empty: none
  std::string sealed_private_key;  // crypto::SecretBox, bound to "certificate:<id>"; empty: none
  std::string serial;              // hexadecimal digits
  WallTime not_before{}, not_after{};
  WallTime active{}, inactive{};  // within the two above
  std::string description;
  std::vector<Tag> tags;
  WallTime created{};

  // CERTIFICATE or CERTIFICATE_WITH_PRIVATE_KEY
  std::string_view type() const;
  // ACTIVE, INACTIVE once its time is over, PENDING_ROTATION before it has come.
  std::string_view status(WallTime now) const;
};

std::string to_document(const Certificate& certificate);
Result<Certificate> certificate_from_document(std::string_view document);

}  // namespace sallyport::model
