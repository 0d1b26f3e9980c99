// The transport layer's conversation (RFC 4253): version exchange, key exchange in all its phases,
// extension information (RFC 8308), strict key exchange (OpenSSH PROTOCOL section 1.9).
//
// It owns the packet reader and writer; the other layers send through writer(). It is told each
// message that is its own after the message table has found it legal. Thread-safety: none.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "ssh/event_queue.h"
#include "ssh/kex_method.h"
#include "ssh/message_table.h"
#include "ssh/messages.h"
#include "ssh/negotiation.h"
#include "ssh/packet_reader.h"
#include "ssh/packet_writer.h"
#include "ssh/server_engine.h"

namespace sallyport::ssh {

class Transport {
 public:
  Transport(const ServerSettings& settings, Random& random, EventQueue& events,
            const std::shared_ptr<BufferPool>& pool);

  PacketReader& reader() { return reader_; }
  PacketWriter& writer() { return writer_; }
  const PacketWriter& writer() const { return writer_; }

  // ---- Version exchange. ----

  bool version_known() const { return version_known_; }
  // Looks for the client's identification line in what has arrived.
  Handled read_version();

  // ---- Key exchange. ----

  // The transport's phase while it has one, else `otherwise`.
  Phase phase(Phase otherwise) const;
  bool strict() const { return facts_.strict_kex; }
  // An answer to ComputeKex or SignExchangeHash is outstanding; no packet may be looked at.
  bool awaits_answer() const { return kex_ == Kex::kComputing || kex_ == Kex::kSigning; }
  // True once for a key exchange packet that was sent on a wrong guess.
  bool is_wrong_guess(std::uint8_t message);

  Handled handle_kexinit(ByteView payload);
  // The client's half of the exchange, of every method.
  Handled handle_method_init(ByteView payload);
  Handled handle_gex_request(ByteView payload);
  Handled kex_computed(Result<KexResult> result);
  Handled signature(Result<Bytes> signature_blob);
  Handled handle_newkeys(ByteView payload);

  // Sends KEXINIT unless an exchange is running or the first has not been.
  void start_rekey();
  // Starts one when as much has gone through as settings allow.
  void rekey_if_due();

  // The user is authenticated: the compression agreed on begins, in both directions (OpenSSH
  // PROTOCOL section 1.2). REQUIRES: no key exchange is running.
  void begin_compression();

  ConnectionFacts& facts() { return facts_; }
  const ConnectionFacts& facts() const { return facts_; }
  ByteView session_id() const { return session_id_; }

 private:
  enum class Kex : std::uint8_t {
    kIdle,
    kSentInit,  // our KEXINIT is out, the client's is awaited
    kGotInit,   // the client's half is awaited
    kComputing,
    kSigning,
    kAwaitNewKeys,
  };

  void send_ident();
  void send_kexinit();
  void send_ext_info();
  Bytes exchange_hash(const KexResult& result) const;
  Handled install_keys();

  const ServerSettings& settings_;
  Random& random_;
  EventQueue& events_;
  PacketReader reader_;
  PacketWriter writer_;

  bool version_known_ = false;
  ConnectionFacts facts_;

  Kex kex_ = Kex::kIdle;
  bool first_ = true;
  bool client_takes_ext_info_ = false;
  bool guess_to_ignore_ = false;
  bool may_compress_ = false;
  KexInit server_init_;
  Bytes server_init_payload_, client_init_payload_;
  Agreement agreed_;
  std::size_t host_key_ = 0;
  // Of a group exchange: the group, and what the exchange hash takes in of the agreement on it.
  std::optional<crypto::AgreementGroup> gex_group_;
  Bytes gex_hashed_;
  Bytes client_public_;
  KexResult kex_result_;
  Bytes exchange_hash_;
  Bytes session_id_;
  std::unique_ptr<PacketOpener> next_opener_;
};

}  // namespace sallyport::ssh
