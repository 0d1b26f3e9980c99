#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>

#include "net/tls_internal.h"

namespace sallyport::net {
namespace {

// Encrypted and handed to the kernel at once.
constexpr std::size_t kWritePiece = 128 * 1024;
// Records add at most this much to a piece.
constexpr std::size_t kRecordRoom = 1024;
constexpr std::size_t kKeptBuffer = 16 * 1024;

// Of a connection that was established, from this thread's error queue.
Error broken_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  const std::string reason = text == nullptr ? "no reason is known" : text;
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) >= SSL_AD_REASON_OFFSET)
    return Error(Errc::kClosed, "the peer ended the TLS connection: " + reason);
  return Error(Errc::kCorrupt, "the TLS connection broke: " + reason);
}

}  // namespace

// SSL's two ends are this object: it reads from the socket without waiting, and what it writes
// gathers in `out` until flush() has sent it.
struct TlsStream::Impl {
  Impl(TcpStream stream, std::shared_ptr<TlsContext> c, std::string name)
      : tcp(std::move(stream)), context(std::move(c)), peer(std::move(name)) {}
  ~Impl() { say_end(); }

  TcpStream tcp;
  std::shared_ptr<TlsContext> context;
  std::string peer;
  TlsNotes notes;
  SslPtr ssl;
  Bytes out;
  std::size_t sent = 0;     // of `out`
  bool flushing = false;    // somebody waits to send `out`
  bool cut = false;         // the socket's end was read
  bool peer_ended = false;  // TLS's end was read
  bool established = false;
  bool said_end = false;
  std::optional<Error>
      socket_error;  // of the last read; the socket itself repeats it as long as it holds
  std::optional<Error> broken;  // the connection is of no use any more

  static int bio_read(BIO* bio, char* data, std::size_t size, std::size_t* got);
  static int bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* written);
  static long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }
  static const BIO_METHOD* bio_method();

  Result<void> set_up();
  Task<Result<void>> handshake();
  Result<void> send_now();
  Task<Result<void>> flush();
  std::optional<Result<std::size_t>> read_now(MutableBytes into);
  void say_end();
};

int TlsStream::Impl::bio_read(BIO* bio, char* data, std::size_t size, std::size_t* got) {
  Impl& self = *static_cast<Impl*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  auto n = self.tcp.try_read(MutableBytes(reinterpret_cast<std::uint8_t*>(data), size));
  if (n && n->ok() && **n != 0) {
    *got = **n;
    return 1;
  }
  if (n && !n->ok()) self.socket_error = std::move(*n).error();
  if (n && n->ok()) self.cut = true;
  // OpenSSL gives up for good after any other answer; a passed deadline may be followed by another.
  BIO_set_retry_read(bio);
  return 0;
}

int TlsStream::Impl::bio_write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  Impl& self = *static_cast<Impl*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(data);
  self.out.insert(self.out.end(), bytes, bytes + size);
  *written = size;
  return 1;
}

const BIO_METHOD* TlsStream::Impl::bio_method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TcpStream");
    BIO_meth_set_read_ex(method, &Impl::bio_read);
    BIO_meth_set_write_ex(method, &Impl::bio_write);
    BIO_meth_set_ctrl(method, &Impl::bio_control);
    return method;
  }();
  return kMethod;
}

Result<void> TlsStream::Impl::set_up() {
  notes.context = &context->impl();
  ssl.reset(SSL_new(context->impl().ctx.get()));
  BIO* const bio = BIO_new(bio_method());
  if (ssl == nullptr || bio == nullptr) {
    BIO_free(bio);
    return crypto::openssl_error("beginning TLS");
  }
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl.get(), bio, bio);
  SSL_set_app_data(ssl.get(), &notes);
  if (context->role() == TlsRole::kServer) {
    SSL_set_accept_state(ssl.get());
    return ok();
  }
  SSL_set_connect_state(ssl.get());
  X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  bool named = false;
  if (const auto address = IpAddress::parse(peer); address.ok()) {
    named = X509_VERIFY_PARAM_set1_ip_asc(wanted, address->to_string().c_str()) == 1;
  } else {
    named = !peer.empty() && X509_VERIFY_PARAM_set1_host(wanted, peer.data(), peer.size()) == 1 &&
            SSL_set_tlsext_host_name(ssl.get(), peer.c_str()) == 1;
  }
  if (!named) {
    crypto::clear_openssl_errors();
    return Error(Errc::kInvalidArgument, "TLS needs a server's name");
  }
  notes.server = peer + ":" + std::to_string(tcp.remote().port);
  if (const SslSessionPtr known = notes.context->sessions.take(notes.server); known != nullptr)
    SSL_set_session(ssl.get(), known.get());
  return ok();
}

Task<Result<void>> TlsStream::Impl::handshake() {
  while (true) {
    crypto::clear_openssl_errors();
    const int rc = SSL_do_handshake(ssl.get());
    std::optional<Error> failed;
    // The queue of errors is the thread's: it is read before anything else runs here.
    if (rc != 1 && SSL_get_error(ssl.get(), rc) != SSL_ERROR_WANT_READ)
      failed = handshake_error(peer, notes);
    // Also after a failure, as the peer is told the reason.
    const Result<void> flushed = co_await flush();
    if (failed) co_return std::move(*failed);
    if (socket_error) co_return std::move(*socket_error);
    if (cut) co_return Error(Errc::kClosed, peer + " hung up during the TLS handshake");
    if (!flushed.ok()) co_return flushed.error();
    if (rc == 1) break;
    CO_TRY(co_await tcp.readable());
  }
  established = true;
  co_return ok();
}

// As much as the socket takes.
Result<void> TlsStream::Impl::send_now() {
  while (sent < out.size()) {
    const iovec rest{out.data() + sent, out.size() - sent};
    auto n = tcp.try_write(std::span<const iovec>(&rest, 1));
    if (!n) return ok();
    if (!n->ok()) return std::move(*n).error();
    sent += **n;
  }
  out.clear();
  sent = 0;
  return ok();
}

// `out` may grow while this waits: a reader answers what the peer asks of TLS itself.
Task<Result<void>> TlsStream::Impl::flush() {
  flushing = true;
  Result<void> done = send_now();
  while (done.ok() && !out.empty()) {
    done = co_await tcp.writable();
    if (done.ok()) done = send_now();
  }
  flushing = false;
  if (out.empty() && out.capacity() > kKeptBuffer) Bytes().swap(out);
  co_return done;
}

std::optional<Result<std::size_t>> TlsStream::Impl::read_now(MutableBytes into) {
  std::size_t total = 0;
  socket_error.reset();
  while (total < into.size() && !broken && !peer_ended) {
    crypto::clear_openssl_errors();
    std::size_t n = 0;
    if (SSL_read_ex(ssl.get(), into.data() + total, into.size() - total, &n) == 1) {
      total += n;
      continue;
    }
    const int why = SSL_get_error(ssl.get(), 0);
    if (why == SSL_ERROR_ZERO_RETURN) {
      peer_ended = true;
    } else if (why != SSL_ERROR_WANT_READ) {
      broken = broken_error();
      crypto::clear_openssl_errors();
    } else if (cut) {
      broken = Error(Errc::kClosed, "the peer cut the TLS connection without ending it");
    } else {
      break;
    }
  }
  // Without waiting; what is left goes with the next write.
  if (!flushing && !out.empty()) (void)send_now();
  if (total != 0) return total;
  if (broken) return *broken;
  if (peer_ended) return std::size_t{0};
  if (socket_error) return std::move(*socket_error);
  return std::nullopt;
}

void TlsStream::Impl::say_end() {
  if (!established || broken || std::exchange(said_end, true)) return;
  crypto::clear_openssl_errors();
  SSL_shutdown(ssl.get());
  crypto::clear_openssl_errors();
  if (!flushing) (void)send_now();
}

TlsStream::TlsStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsStream::~TlsStream() = default;
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;

Task<Result<TlsStream>> TlsStream::start(TcpStream stream, std::shared_ptr<TlsContext> context,
                                         std::string server_name,
                                         std::chrono::milliseconds timeout) {
  auto impl = std::make_unique<Impl>(std::move(stream), std::move(context), std::move(server_name));
  CO_TRY(impl->set_up());
  if (impl->peer.empty()) impl->peer = impl->tcp.remote().to_string();
  impl->tcp.set_deadline(std::chrono::steady_clock::now() + timeout);
  const Result<void> shaken = co_await impl->handshake();
  if (!shaken.ok()) impl->notes.context->sessions.forget(impl->notes.server);
  if (!shaken.ok() && shaken.error().code == Errc::kTimeout)
    co_return Error(Errc::kTimeout, "the TLS handshake with " + impl->peer + " took too long");
  if (!shaken.ok()) co_return shaken.error();
  impl->tcp.set_deadline(SteadyTime::max());
  co_return TlsStream(std::move(impl));
}

std::optional<Result<std::size_t>> TlsStream::try_read(MutableBytes into) {
  return impl_->read_now(into);
}

Task<Result<std::size_t>> TlsStream::read_some(MutableBytes into) {
  while (true) {
    if (auto done = impl_->read_now(into)) co_return std::move(*done);
    CO_TRY(co_await impl_->tcp.readable());
  }
}

Task<Result<void>> TlsStream::write_all(std::span<const ByteView> pieces) {
  Impl& self = *impl_;
  if (self.broken) co_return *self.broken;
  if (self.said_end) co_return Error(Errc::kClosed, "the sending side has ended");
  std::size_t total = 0;
  for (const ByteView piece : pieces) total += piece.size();
  self.out.reserve(std::min(total, kWritePiece) + kRecordRoom);
  std::size_t gathered = 0;
  for (ByteView piece : pieces) {
    while (!piece.empty()) {
      const ByteView part = piece.first(std::min(piece.size(), kWritePiece - gathered));
      piece = piece.subspan(part.size());
      crypto::clear_openssl_errors();
      std::size_t n = 0;
      if (SSL_write_ex(self.ssl.get(), part.data(), part.size(), &n) != 1) {
        self.broken = crypto::openssl_error("sending over TLS");
        co_return *self.broken;
      }
      gathered += part.size();
      if (gathered < kWritePiece) continue;
      CO_TRY(co_await self.flush());
      gathered = 0;
    }
  }
  co_return co_await self.flush();
}

void TlsStream::set_deadline(SteadyTime deadline) {
  impl_->tcp.set_deadline(deadline);
}
void TlsStream::cancel() {
  impl_->tcp.cancel();
}
std::function<void()> TlsStream::canceller() {
  return impl_->tcp.canceller();
}
Endpoint TlsStream::remote() const {
  return impl_->tcp.remote();
}

void TlsStream::shutdown_send() {
  impl_->say_end();
  if (impl_->out.empty()) impl_->tcp.shutdown_send();
}

std::string_view TlsStream::version() const {
  return SSL_get_version(impl_->ssl.get());
}

std::string_view TlsStream::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(impl_->ssl.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsStream::resumed() const {
  return SSL_session_reused(impl_->ssl.get()) == 1;
}

}  // namespace sallyport::net
