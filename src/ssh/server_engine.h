// An SSH-2 server connection without I/O: bytes in, actions and bytes out.
//
// Follows RFC 4251-4254 (protocol), 4344 (rekeying), 5647 as OpenSSH's aes-gcm, 8308 (ext-info),
// 8332 (RSA with SHA-2), 8731 (curve25519), and OpenSSH's PROTOCOL (strict key exchange, etm MACs,
// chacha20-poly1305) and PROTOCOL.certkeys (certificates of users). Only public key authentication
// and session channels with the subsystem "sftp" are served; everything else is refused as the RFCs
// say.
//
// The driver's loop:
//     for (;;) {
//       Action a = engine.next();            // act on it; stop at NeedInput, NeedAnswer,
//       NeedOutput …
//     }
//     send output(), report sent(); when readable: receive into input_space(), report received();
//     then next() again. After every received(), sent() and answer, call next() until it says
//     Need….
//
// Memory: before authentication a connection holds at most some 80 KiB; an idle one holds no buffer
// (call input_space() only when there is something to receive). Thread-safety: none; one thread at
// a time. Nothing throws. `random` and what it refers to must outlive the engine.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "ssh/actions.h"
#include "ssh/buffer_pool.h"
#include "ssh/reservation.h"
#include "ssh/server_settings.h"

namespace sallyport::ssh {

// A channel's received bytes, held while a write of them is in flight; see lend_channel_input().
using InputLease = std::shared_ptr<const Buffer>;

// What was agreed, for logs. Empty strings before the first key exchange.
struct ConnectionFacts {
  // The client's identification string without line end.
  std::string client_ident;
  std::string kex;
  std::string host_key_algorithm;
  std::string cipher_in, cipher_out;
  // "<implicit>" with a cipher that authenticates by itself.
  std::string mac_in, mac_out;
  // Agreed on; in use from the end of authentication.
  bool compressed_in = false, compressed_out = false;
  bool strict_kex = false;
  // Empty until authenticated.
  std::string user;
};

class ServerEngine {
 public:
  // `pool` is shared by the sessions of one loop; without it the engine has its own.
  ServerEngine(std::shared_ptr<const ServerSettings> settings, Random& random,
               std::shared_ptr<BufferPool> pool = nullptr);
  ~ServerEngine();
  ServerEngine(const ServerEngine&) = delete;
  ServerEngine& operator=(const ServerEngine&) = delete;

  // ---- The byte stream to and from the client. ----

  // Where the next receive goes; empty when no input is wanted. Valid until the next call.
  MutableBytes input_space();
  // `n` bytes have been put there. REQUIRES: n <= input_space().size() as last returned.
  void received(std::size_t n);

  // The next thing to do. Views from channel_input() end with this call.
  Action next();

  // The bytes waiting to be sent, in order; returns how many elements of `out` are filled. Stay in
  // place until sent().
  std::size_t output(std::span<iovec> out) const;
  std::size_t output_size() const;
  // The first `n` of them are gone. REQUIRES: n <= output_size().
  void sent(std::size_t n);

  // ---- Answers. Each counts only while its action waits for it. ----

  void signature(Result<Bytes> signature_blob);
  void host_key_proofs(Result<std::vector<Bytes>> signature_blobs);
  void kex_computed(Result<KexResult> result);
  void public_key_verdict(bool accept);

  // ---- Channel input. Unknown or closed channels have none. ----

  // What has arrived and is not consumed, contiguous.
  ByteView channel_input(ChannelId channel) const;
  // Takes the first `n` bytes away and lets the client send as many more.
  void channel_consume(ChannelId channel, std::size_t n);
  // The same in two steps, for bytes that stay lent: away now, room for the client later.
  void channel_advance(ChannelId channel, std::size_t n);
  void channel_grant(ChannelId channel, std::size_t n);
  // Keeps the memory under the present channel_input() unchanged, for a write that runs elsewhere,
  // until the lease is dropped (on this thread).
  InputLease lend_channel_input(ChannelId channel) const;

  // ---- Channel output. Unknown, closed or ended channels take none. ----

  // Bytes that may be reserved or written now: the client's window, less what is reserved, within
  // the output bound; 0 while keys are exchanged.
  std::size_t channel_writable(ChannelId channel);
  // Space for min(n, channel_writable()) bytes.
  Reservation reserve(ChannelId channel, std::size_t n);
  // Queues the first `m` bytes (m <= size()) as packets, sealed in place; the rest is given back.
  void commit(Reservation reservation, std::size_t m);
  // Copies and queues as much of `data` as is writable; returns how much that was.
  std::size_t channel_write(ChannelId channel, ByteView data);

  // RFC 4254 section 6.10; before channel_close().
  void send_exit_status(ChannelId channel, std::uint32_t code);
  // No more output on this channel; what is committed goes first.
  void channel_eof(ChannelId channel);
  // Ends the channel (with an EOF if none was sent). ChannelClosed follows when the client agrees.
  void channel_close(ChannelId channel);

  // ---- The connection. ----

  // Sends DISCONNECT; next() reports Disconnected. Later calls do nothing.
  void disconnect(std::uint32_t code, std::string_view text);
  // True once the connection has ended, by either side; output() may still hold the last bytes.
  bool closed() const;
  bool authenticated() const;
  // Starts a key exchange if none is running and the user is authenticated.
  void request_rekey();
  // Asks the client for a sign of life (keepalive@openssh.com); its reply is input like any other.
  void send_keepalive();

  const ConnectionFacts& facts() const;
  // Hash that identifies the connection (RFC 4253 section 7.2); empty before the first keys.
  ByteView session_id() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sallyport::ssh
