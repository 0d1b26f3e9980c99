// RSA certificates for requests, each key made once a process. For tests only.
#pragma once

#include <string>

#include "crypto/test_certificates.h"

namespace sallyport::api::testing {

// Valid from 2025-12-01 to 2026-12-01 (UTC).
inline constexpr double kNotBefore = 1'764'547'200, kNotAfter = 1'796'083'200;

struct TestCertificate {
  std::string pem;
  std::string key;
  crypto::X509Ptr x509;
  crypto::EvpPkeyPtr pair;
};

inline TestCertificate make_test_certificate(crypto::EvpPkeyPtr pair,
                                             const TestCertificate* issuer = nullptr,
                                             double not_after = kNotAfter) {
  crypto::testing::NewCertificate wanted;
  wanted.name = issuer == nullptr ? "authority" : "partner";
  wanted.key = pair.get();
  wanted.ca = issuer == nullptr;
  if (issuer != nullptr) {
    wanted.issuer = issuer->x509.get();
    wanted.issuer_key = issuer->pair.get();
  }
  wanted.not_before = from_unix_ms(static_cast<std::int64_t>(kNotBefore) * 1000);
  wanted.not_after = from_unix_ms(static_cast<std::int64_t>(not_after) * 1000);
  auto x509 = crypto::testing::make_certificate(wanted);
  std::string pem = crypto::testing::pem_of(x509.get());
  std::string key = crypto::testing::pem_of(pair.get());
  return {std::move(pem), std::move(key), std::move(x509), std::move(pair)};
}

inline const TestCertificate& test_authority() {
  static const TestCertificate made = make_test_certificate(crypto::testing::rsa_key(2048));
  return made;
}
// Issued by the authority.
inline const TestCertificate& test_certificate() {
  static const TestCertificate made =
      make_test_certificate(crypto::testing::rsa_key(2048), &test_authority());
  return made;
}

}  // namespace sallyport::api::testing
