// What one side of TLS trusts, shows and remembers; shared by all its connections.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace sallyport::net {

enum class TlsRole : std::uint8_t { kClient, kServer };

struct TlsClientOptions {
  std::string ca_file;  // PEM; only what it holds is trusted. Empty: the system's authorities
  std::string alpn;     // the one protocol that is offered (RFC 7301), "http/1.1"; empty: none
};

struct TlsServerOptions {
  std::string certificates;  // PEM; the server's own first, then its issuers
  SecretString private_key;  // PEM, not encrypted
  std::string alpn;  // the one protocol that is accepted; empty: the client's list is ignored
};

// TLS 1.2 and 1.3 (RFC 5246, RFC 8446). A client asks for and checks the server's certificate; it
// remembers sessions a server gave it, a few a server, so that the next connection costs less.
// Immutable but for those; thread-safe.
class TlsContext {
 public:
  // Reads files, so it may block. Errors: kInvalidArgument (the file cannot be read, or holds no
  // certificate), kInternal.
  static Result<std::shared_ptr<TlsContext>> client(const TlsClientOptions& options);
  // Errors: kInvalidArgument (not a certificate, not its key), kInternal.
  static Result<std::shared_ptr<TlsContext>> server(const TlsServerOptions& options);
  ~TlsContext();

  TlsRole role() const;

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  explicit TlsContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::net
