#include "crypto/x509.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace sallyport::crypto {

namespace {

// RFC 5280 section 4.1.2.2, with the sign's byte.
constexpr int kMaxSerialBytes = 21;

// The default one asks at the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

BioPtr reader_of(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Error invalid(const char* what) {
  clear_openssl_errors();
  return Error(Errc::kInvalidArgument, what);
}

// The next certificate, or null at the end.
Result<X509Ptr> next_certificate(BIO* reader) {
  X509Ptr found(PEM_read_bio_X509(reader, nullptr, &no_passphrase, nullptr));
  if (found == nullptr) {
    const unsigned long code = ERR_peek_last_error();
    const bool at_end =
        ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (!at_end) return invalid("a certificate cannot be read");
  }
  clear_openssl_errors();
  return found;
}

bool read_time(const ASN1_TIME* time, WallTime& out) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return false;
  out = from_unix_ms(static_cast<std::int64_t>(::timegm(&parts)) * 1000);
  return true;
}

bool read_serial(const X509* x509, std::string& out) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(x509);
  if (serial == nullptr || ASN1_STRING_length(serial) > kMaxSerialBytes) return false;
  const unsigned char* bytes = ASN1_STRING_get0_data(serial);
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 0; i < ASN1_STRING_length(serial); ++i) {
    out.push_back(kDigits[bytes[i] >> 4]);
    out.push_back(kDigits[bytes[i] & 15]);
  }
  return !out.empty();
}

// Whether what `secret` signs verifies under `shown`: equal public halves alone say nothing of the
// private one.
bool signs_for(EVP_PKEY* secret, EVP_PKEY* shown) {
  constexpr std::array<unsigned char, 16> kMessage{'k', 'e', 'y'};
  EvpMdCtxPtr context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, secret) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, kMessage.data(), kMessage.size()) != 1)
    return false;
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, kMessage.data(), kMessage.size()) != 1)
    return false;
  EVP_MD_CTX_reset(context.get());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, shown) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), size, kMessage.data(),
                          kMessage.size()) == 1;
}

}  // namespace

Result<X509Certificate> X509Certificate::take(X509Ptr x509) {
  X509Certificate out;
  if (!read_serial(x509.get(), out.serial_)) return invalid("a certificate's serial is too long");
  if (!read_time(X509_get0_notBefore(x509.get()), out.not_before_) ||
      !read_time(X509_get0_notAfter(x509.get()), out.not_after_))
    return invalid("a certificate's validity cannot be read");
  const EVP_PKEY* key = X509_get0_pubkey(x509.get());
  if (key == nullptr) return invalid("a certificate's public key cannot be read");
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) out.key_kind_ = KeyKind::kRsa;
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) out.key_kind_ = KeyKind::kEcdsa;
  out.key_bits_ = EVP_PKEY_get_bits(key);
  out.x509_ = std::move(x509);
  return out;
}

Result<X509Certificate> X509Certificate::from_pem(std::string_view pem) {
  TRY_ASSIGN(auto all, chain_from_pem(pem, 1));
  return std::move(all.front());
}

Result<std::vector<X509Certificate>> X509Certificate::chain_from_pem(std::string_view pem,
                                                                     std::size_t most) {
  const BioPtr reader = reader_of(pem);
  std::vector<X509Certificate> all;
  while (true) {
    TRY_ASSIGN(auto next, next_certificate(reader.get()));
    if (next == nullptr) break;
    if (all.size() == most) return Error(Errc::kLimitExceeded, "too many certificates");
    TRY_ASSIGN(auto taken, take(std::move(next)));
    all.push_back(std::move(taken));
  }
  if (all.empty()) return Error(Errc::kInvalidArgument, "no certificate");
  return all;
}

bool X509Certificate::issued_by(const X509Certificate& issuer) const {
  const bool issued = X509_check_issued(issuer.x509_.get(), x509_.get()) == X509_V_OK &&
                      X509_check_ca(issuer.x509_.get()) > 0 &&
                      X509_verify(x509_.get(), X509_get0_pubkey(issuer.x509_.get())) == 1;
  clear_openssl_errors();
  return issued;
}

Result<void> X509Certificate::check_private_key(const SecretString& pem) const {
  const BioPtr reader = reader_of(pem.reveal());
  const EvpPkeyPtr key(PEM_read_bio_PrivateKey(reader.get(), nullptr, &no_passphrase, nullptr));
  if (key == nullptr) return invalid("not an unencrypted PEM private key");
  EVP_PKEY* shown = X509_get0_pubkey(x509_.get());
  const bool fits = EVP_PKEY_eq(shown, key.get()) == 1 && signs_for(key.get(), shown);
  clear_openssl_errors();
  if (!fits) return Error(Errc::kConflict, "the private key is not the certificate's");
  return ok();
}

std::vector<std::size_t> issuers_of(const X509Certificate& leaf,
                                    const std::vector<X509Certificate>& chain) {
  std::vector<std::size_t> path;
  const X509Certificate* at = &leaf;
  // Each certificate at most once, so loops end.
  while (path.size() < chain.size()) {
    const auto known = [&path](std::size_t i) {
      return std::find(path.begin(), path.end(), i) != path.end();
    };
    std::size_t i = 0;
    while (i < chain.size() && (known(i) || !at->issued_by(chain[i]))) ++i;
    if (i == chain.size()) break;
    path.push_back(i);
    at = &chain[i];
  }
  return path;
}

}  // namespace sallyport::crypto
