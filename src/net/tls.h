// TLS over a TCP stream. OpenSSL stays behind this folder's sources.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/task.h"
#include "net/tcp.h"
#include "net/tls_context.h"

namespace sallyport::net {

// The `reason` of an error that trying again will not change: what the peer shows or speaks.
inline constexpr std::string_view kTlsExpired = "TlsCertificateExpired";
inline constexpr std::string_view kTlsNotYetValid = "TlsCertificateNotYetValid";
inline constexpr std::string_view kTlsWrongName = "TlsCertificateWrongName";
inline constexpr std::string_view kTlsUnknownAuthority = "TlsUnknownAuthority";
inline constexpr std::string_view kTlsSelfSigned = "TlsSelfSigned";
inline constexpr std::string_view kTlsCertificate = "TlsCertificate";  // refused for another reason
inline constexpr std::string_view kTlsNotSpoken = "TlsNotSpoken";
inline constexpr std::string_view kTlsVersion = "TlsVersion";  // older than 1.2
inline constexpr std::string_view kTlsHandshake = "TlsHandshake";

// An encrypted stream on one loop, with the rules of TcpStream: all calls on that loop, at most one
// read and one write waiting at a time, nothing waiting when it is destroyed.
// Errors: kClosed (also when the peer's side ends without TLS's own end, so that nobody takes a cut
// stream for a whole one), kCancelled, kTimeout, kCorrupt (not what the peer sent), kIo.
class TlsStream {
 public:
  // Shakes hands over a connected stream, as what `context` is. A client checks that the server's
  // certificate is for `server_name` (RFC 9525; a name, which is also sent as RFC 6066 says, or an
  // address); a server leaves it empty.
  // Errors: kTimeout after `timeout`; kUnavailable with one of the reasons above; kClosed; kIo.
  static Task<Result<TlsStream>> start(TcpStream stream, std::shared_ptr<TlsContext> context,
                                       std::string server_name, std::chrono::milliseconds timeout);
  // Tells the peer that this is the end as far as that is possible without waiting, and closes.
  ~TlsStream();
  TlsStream(TlsStream&&) noexcept;
  TlsStream& operator=(TlsStream&&) noexcept;

  // At least one byte unless the peer ended its side: then 0. REQUIRES: `into` is not empty.
  Task<Result<std::size_t>> read_some(MutableBytes into);
  // All of the pieces, in order; they outlive the task.
  Task<Result<void>> write_all(std::span<const ByteView> pieces);
  // The same as read_some() without waiting: nullopt when it would.
  std::optional<Result<std::size_t>> try_read(MutableBytes into);

  // As of TcpStream.
  void set_deadline(SteadyTime deadline);
  void cancel();
  std::function<void()> canceller();
  Endpoint remote() const;

  // Ends the sending side (close_notify, then FIN).
  void shutdown_send();

  // "TLSv1.3"
  std::string_view version() const;
  // The protocol both sides agreed on, "" for none.
  std::string_view alpn() const;
  // Whether an earlier session was gone on with.
  bool resumed() const;

 private:
  struct Impl;
  explicit TlsStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::net
