#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "crypto/x509.h"
#include "net/tls_internal.h"

namespace sallyport::net {
namespace {

constexpr std::size_t kMaxServers = 256;
constexpr std::size_t kMaxSessionsOfOne = 4;
// Large enough that a fast sender costs few system calls; freed while nothing is buffered.
constexpr std::size_t kReadAhead = 128 * 1024;

// The default one asks at the terminal.
int no_tls_passphrase(char*, int, int, void*) {
  return -1;
}

int keep_new_session(SSL* ssl, SSL_SESSION* session) {
  auto* notes = static_cast<TlsNotes*>(SSL_get_app_data(ssl));
  notes->context->sessions.keep(notes->server, SslSessionPtr(session));
  return 1;  // the session is ours now
}

int choose_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                unsigned in_size, void* argument) {
  const auto& ours = static_cast<TlsContext::Impl*>(argument)->alpn_wire;
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), in,
                            in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::unique_ptr<TlsContext::Impl>> new_context(TlsRole role, const std::string& alpn) {
  auto impl = std::make_unique<TlsContext::Impl>();
  impl->role = role;
  impl->ctx.reset(
      SSL_CTX_new(role == TlsRole::kClient ? TLS_client_method() : TLS_server_method()));
  SSL_CTX* const ctx = impl->ctx.get();
  if (ctx == nullptr || SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(ctx, 0) != 1)
    return crypto::openssl_error("setting up TLS");
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(ctx, 1);
  SSL_CTX_set_default_read_buffer_len(ctx, kReadAhead);
  if (alpn.size() > 255) return Error(Errc::kInvalidArgument, "a protocol's name is too long");
  if (!alpn.empty()) {
    impl->alpn_wire.push_back(static_cast<char>(alpn.size()));
    impl->alpn_wire += alpn;
  }
  return impl;
}

// OpenSSL's own reader has one error for all that can be wrong.
Result<void> check_ca_file(const std::string& file) {
  const crypto::BioPtr in(BIO_new_file(file.c_str(), "r"));
  if (in == nullptr) {
    const int why = errno;
    crypto::clear_openssl_errors();
    return Error(Errc::kInvalidArgument,
                 "the authorities' file " + file + " cannot be read: " + std::strerror(why));
  }
  const crypto::X509Ptr first(PEM_read_bio_X509(in.get(), nullptr, &no_tls_passphrase, nullptr));
  crypto::clear_openssl_errors();
  if (first == nullptr)
    return Error(Errc::kInvalidArgument,
                 "the authorities' file " + file + " holds no certificate in PEM");
  return ok();
}

Result<void> show_certificates(SSL_CTX* ctx, const TlsServerOptions& options) {
  const auto refused = [](const char* what) {
    crypto::clear_openssl_errors();
    return Error(Errc::kInvalidArgument, what);
  };
  const crypto::BioPtr in(
      BIO_new_mem_buf(options.certificates.data(), static_cast<int>(options.certificates.size())));
  bool first = true;
  while (true) {
    const crypto::X509Ptr next(PEM_read_bio_X509(in.get(), nullptr, &no_tls_passphrase, nullptr));
    if (next == nullptr) break;
    const bool taken = first ? SSL_CTX_use_certificate(ctx, next.get()) == 1
                             : SSL_CTX_add1_chain_cert(ctx, next.get()) == 1;
    if (!taken) return refused("the server's certificate cannot be used");
    first = false;
  }
  if (first) return refused("the server's certificate is not PEM");
  const std::string_view key_text = options.private_key.reveal();
  const crypto::BioPtr key_in(BIO_new_mem_buf(key_text.data(), static_cast<int>(key_text.size())));
  const crypto::EvpPkeyPtr key(
      PEM_read_bio_PrivateKey(key_in.get(), nullptr, &no_tls_passphrase, nullptr));
  if (key == nullptr) return refused("the server's private key is not unencrypted PEM");
  if (SSL_CTX_use_PrivateKey(ctx, key.get()) != 1)
    return refused("the private key is not the certificate's");
  crypto::clear_openssl_errors();
  return ok();
}

}  // namespace

void TlsSessions::keep(const std::string& server, SslSessionPtr session) {
  const std::lock_guard lock(mutex_);
  if (by_server_.size() >= kMaxServers && by_server_.count(server) == 0)
    by_server_.erase(by_server_.begin());
  std::deque<SslSessionPtr>& kept = by_server_[server];
  kept.push_back(std::move(session));
  if (kept.size() > kMaxSessionsOfOne) kept.pop_front();
}

SslSessionPtr TlsSessions::take(const std::string& server) {
  const std::lock_guard lock(mutex_);
  const auto at = by_server_.find(server);
  if (at == by_server_.end()) return nullptr;
  SslSessionPtr newest = std::move(at->second.back());
  at->second.pop_back();
  if (SSL_SESSION_get_protocol_version(newest.get()) < TLS1_3_VERSION) {
    SSL_SESSION_up_ref(newest.get());
    at->second.emplace_back(newest.get());
  }
  if (at->second.empty()) by_server_.erase(at);
  return newest;
}

void TlsSessions::forget(const std::string& server) {
  const std::lock_guard lock(mutex_);
  by_server_.erase(server);
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

TlsRole TlsContext::role() const {
  return impl_->role;
}

Result<std::shared_ptr<TlsContext>> TlsContext::client(const TlsClientOptions& options) {
  TRY_ASSIGN(auto impl, new_context(TlsRole::kClient, options.alpn));
  SSL_CTX* const ctx = impl->ctx.get();
  if (options.ca_file.empty()) {
    if (SSL_CTX_set_default_verify_paths(ctx) != 1)
      return crypto::openssl_error("finding the system's certificate authorities");
  } else {
    TRY(check_ca_file(options.ca_file));
    if (SSL_CTX_load_verify_file(ctx, options.ca_file.c_str()) != 1) {
      crypto::clear_openssl_errors();
      return Error(Errc::kInvalidArgument,
                   "the authorities' file " + options.ca_file + " holds a damaged certificate");
    }
    // What the file names is trusted as it is, also when it is no root.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  }
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, &note_refusal);
  if (!impl->alpn_wire.empty() &&
      SSL_CTX_set_alpn_protos(ctx, reinterpret_cast<const unsigned char*>(impl->alpn_wire.data()),
                              static_cast<unsigned>(impl->alpn_wire.size())) != 0)
    return crypto::openssl_error("offering a protocol");
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(ctx, &keep_new_session);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

Result<std::shared_ptr<TlsContext>> TlsContext::server(const TlsServerOptions& options) {
  TRY_ASSIGN(auto impl, new_context(TlsRole::kServer, options.alpn));
  SSL_CTX* const ctx = impl->ctx.get();
  TRY(show_certificates(ctx, options));
  if (!impl->alpn_wire.empty()) SSL_CTX_set_alpn_select_cb(ctx, &choose_alpn, impl.get());
  // Tickets hold the sessions, so nothing needs to be kept.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  return std::shared_ptr<TlsContext>(new TlsContext(std::move(impl)));
}

}  // namespace sallyport::net
