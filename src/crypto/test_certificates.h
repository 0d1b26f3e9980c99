// Certificates and keys made on the spot. For tests only.
#pragma once

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <string>

#include "base/clock.h"
#include "crypto/x509.h"

namespace sallyport::crypto::testing {

inline EvpPkeyPtr rsa_key(unsigned bits) {
  return EvpPkeyPtr(EVP_RSA_gen(bits));
}
inline EvpPkeyPtr ec_key() {
  return EvpPkeyPtr(EVP_EC_gen("P-256"));
}

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

// PKCS #8.
inline std::string pem_of(EVP_PKEY* key, const char* passphrase = nullptr) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, passphrase != nullptr ? EVP_aes_128_cbc() : nullptr,
                                passphrase, passphrase != nullptr ? 4 : 0, nullptr, nullptr);
  return text_of(out.get());
}
inline std::string pem_of(X509* certificate) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  return text_of(out.get());
}

struct NewCertificate {
  std::string name = "test";
  EVP_PKEY* key = nullptr;
  // The issuer's; null: its own.
  X509* issuer = nullptr;
  EVP_PKEY* issuer_key = nullptr;
  bool ca = false;
  WallTime not_before{}, not_after{};
  std::uint64_t serial = 0x1234abcd;
  // Whom it is for, as OpenSSL writes it: "DNS:localhost,IP:127.0.0.1".
  std::string alternative_names;
};

inline void add_extension(X509* to, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  X509_add_ext(to, extension, -1);
  X509_EXTENSION_free(extension);
}

inline X509Ptr make_certificate(const NewCertificate& wanted) {
  X509Ptr out(X509_new());
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(out.get()), wanted.serial);
  ASN1_TIME_set(X509_getm_notBefore(out.get()), to_unix_ms(wanted.not_before) / 1000);
  ASN1_TIME_set(X509_getm_notAfter(out.get()), to_unix_ms(wanted.not_after) / 1000);
  X509_set_pubkey(out.get(), wanted.key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1, -1,
                             0);
  X509* issuer = wanted.issuer != nullptr ? wanted.issuer : out.get();
  X509_set_issuer_name(out.get(), X509_get_subject_name(issuer));
  add_extension(out.get(), NID_basic_constraints, wanted.ca ? "CA:TRUE" : "CA:FALSE");
  if (!wanted.alternative_names.empty())
    add_extension(out.get(), NID_subject_alt_name, wanted.alternative_names.c_str());
  X509_sign(out.get(), wanted.issuer_key != nullptr ? wanted.issuer_key : wanted.key, EVP_sha256());
  return out;
}

}  // namespace sallyport::crypto::testing
