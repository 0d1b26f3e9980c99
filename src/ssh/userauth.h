// User authentication (RFC 4252): public keys and OpenSSH's certificates only, with RFC 8332's RSA
// signatures.
// Told each message that is its own after the message table has found it legal. Thread-safety:
// none.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "ssh/event_queue.h"
#include "ssh/messages.h"
#include "ssh/packet_writer.h"
#include "ssh/server_settings.h"

namespace sallyport::ssh {

class Userauth {
 public:
  Userauth(const ServerSettings& settings, EventQueue& events, PacketWriter& writer)
      : settings_(settings), events_(events), writer_(writer) {}

  // SERVICE_REQUEST: ssh-userauth and nothing else, as often as attempts may be made.
  Handled handle_service_request(ByteView payload);
  // `session_id` is what signatures are bound to.
  Handled handle_request(ByteView payload, ByteView session_id);
  // The answer to CheckPublicKey or AuthRefused; without effect when none is outstanding.
  Handled verdict(bool accept);

  bool started() const { return started_; }
  bool awaits_answer() const { return pending_.has_value() || refusing_; }
  bool authenticated() const { return authenticated_; }
  const std::string& user() const { return user_; }

 private:
  struct Pending {
    std::string user;
    std::string algorithm;
    PublicKey key;
    // As offered: the key's, or the certificate's.
    Bytes blob;
    bool proven;
  };
  struct Request {
    std::string user, service, method;
  };

  Handled handle_public_key(const Request& request, ByteReader& in, ByteView session_id);
  Handled refuse(const Request& request, AuthFailure reason,
                 std::optional<PublicKey> key = std::nullopt);
  Handled count_failure();
  void send_failure();

  const ServerSettings& settings_;
  EventQueue& events_;
  PacketWriter& writer_;
  bool started_ = false;
  bool authenticated_ = false;
  int service_requests_ = 0;
  int requests_ = 0;
  int failures_ = 0;
  std::optional<Pending> pending_;
  // A refusal of our own waits until it may be told.
  bool refusing_ = false;
  std::string user_;
};

}  // namespace sallyport::ssh
