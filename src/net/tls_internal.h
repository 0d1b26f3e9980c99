// What the TLS sources of this folder share; no other folder includes it.
#pragma once

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "crypto/openssl_ptr.h"
#include "net/tls_context.h"

namespace sallyport::net {

using SslCtxPtr = std::unique_ptr<SSL_CTX, crypto::OpensslFree<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, crypto::OpensslFree<SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, crypto::OpensslFree<SSL_SESSION_free>>;

// Sessions a client may resume, by server. Thread-safe.
class TlsSessions {
 public:
  void keep(const std::string& server, SslSessionPtr session);
  // Null without one. A session of TLS 1.3 is given out once (RFC 8446 section C.4).
  SslSessionPtr take(const std::string& server);
  void forget(const std::string& server);

 private:
  std::mutex mutex_;
  std::map<std::string, std::deque<SslSessionPtr>> by_server_;
};

struct TlsContext::Impl {
  TlsRole role = TlsRole::kClient;
  std::string alpn_wire;  // one protocol name with its length in front
  SslCtxPtr ctx;
  TlsSessions sessions;
};

// Why a server's certificate was refused.
struct CertificateRefusal {
  int code = 0;  // X509_V_ERR_…
  std::string sentence;
};

// What OpenSSL's callbacks find behind an SSL object (SSL_get_app_data).
struct TlsNotes {
  TlsContext::Impl* context = nullptr;
  std::string server;  // names the server for session resumption
  std::optional<CertificateRefusal> refusal;
};

// OpenSSL's callback that notes which certificate was refused, and why.
int note_refusal(int accepted, X509_STORE_CTX* store);

// What a failed handshake with `peer` comes to, from the notes and this thread's error queue, which
// is emptied.
Error handshake_error(const std::string& peer, const TlsNotes& notes);

}  // namespace sallyport::net
