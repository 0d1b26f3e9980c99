#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <ctime>

#include "net/tls.h"
#include "net/tls_internal.h"

namespace sallyport::net {
namespace {

// Names come from the peer.
constexpr std::size_t kMaxNameText = 200;

std::string memory_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  if (out.size() > kMaxNameText) out = out.substr(0, kMaxNameText) + "...";
  return out;
}

std::string quoted_name(const X509_NAME* name) {
  const crypto::BioPtr out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  const std::string text = memory_text(out.get());
  return text.empty() ? "a certificate without a name" : '"' + text + '"';
}

std::string date_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "a day that cannot be read";
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", parts.tm_year + 1900, parts.tm_mon + 1,
                parts.tm_mday);
  return text;
}

// The DNS names and addresses of the certificate.
std::string alternative_names(X509* certificate) {
  const crypto::BioPtr out(BIO_new(BIO_s_mem()));
  const int at = X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1);
  if (at < 0) return "no host name (a subject alternative name is needed)";
  if (X509V3_EXT_print(out.get(), X509_get_ext(certificate, at), 0, 0) != 1)
    return "names that cannot be read";
  std::string text = memory_text(out.get());
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return text;
}

std::string refusal_sentence(int code, X509* certificate) {
  if (certificate == nullptr) return X509_verify_cert_error_string(code);
  const std::string subject = quoted_name(X509_get_subject_name(certificate));
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return subject + " expired on " + date_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return subject + " is not valid before " + date_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return subject + " is for another host: " + alternative_names(certificate);
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return subject + " was issued by " + quoted_name(X509_get_issuer_name(certificate)) +
             ", which is not among the trusted authorities";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return subject + " is signed by itself and is not among the trusted certificates";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "the authority " + subject + " is not among the trusted ones";
    default: return subject + ": " + X509_verify_cert_error_string(code);
  }
}

std::string_view refusal_reason(int code) {
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return kTlsExpired;
    case X509_V_ERR_CERT_NOT_YET_VALID: return kTlsNotYetValid;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return kTlsWrongName;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return kTlsUnknownAuthority;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return kTlsSelfSigned;
    default: return kTlsCertificate;
  }
}

}  // namespace

int note_refusal(int accepted, X509_STORE_CTX* store) {
  if (accepted == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* notes = static_cast<TlsNotes*>(SSL_get_app_data(ssl));
  const int code = X509_STORE_CTX_get_error(store);
  notes->refusal =
      CertificateRefusal{code, refusal_sentence(code, X509_STORE_CTX_get_current_cert(store))};
  return 0;
}

Error handshake_error(const std::string& peer, const TlsNotes& notes) {
  if (notes.refusal) {
    crypto::clear_openssl_errors();
    return Error(Errc::kUnavailable,
                 "the certificate of " + peer + " is refused: " + notes.refusal->sentence,
                 std::string(refusal_reason(notes.refusal->code)));
  }
  const unsigned long code = ERR_peek_last_error();
  const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  const std::string said = text == nullptr ? "no reason is known" : text;
  crypto::clear_openssl_errors();
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
      return Error(Errc::kUnavailable, peer + " does not speak TLS", std::string(kTlsNotSpoken));
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
      return Error(Errc::kUnavailable, peer + " does not speak TLS 1.2 or 1.3",
                   std::string(kTlsVersion));
    default:
      return Error(Errc::kUnavailable, "the TLS handshake with " + peer + " failed: " + said,
                   std::string(kTlsHandshake));
  }
}

}  // namespace sallyport::net
