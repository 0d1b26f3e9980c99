// What a ServerEngine offers and allows: plain data, so that a security policy is data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sallyport::ssh {

// A host key's public half; the private half stays with whoever answers SignExchangeHash.
struct PublicHostKey {
  // Key type: "ssh-rsa", "ecdsa-sha2-nistp256", "ssh-ed25519", …
  std::string type;
  Bytes blob;
};

// Names are IANA's (RFC 4250 and successors) or OpenSSH's, in order of preference. A name that this
// program, or its OpenSSL, does not know is never offered; a host key algorithm is offered only
// with a key for it.
struct ServerSettings {
  // Identification string without CR LF (RFC 4253 section 4.2).
  std::string ident = "SSH-2.0-AWS_SFTP_1.1";
  std::vector<std::string> kex;
  std::vector<std::string> host_key_algorithms;
  std::vector<std::string> ciphers;
  std::vector<std::string> macs;
  // Signature algorithms accepted from users, announced as server-sig-algs (RFC 8308).
  std::vector<std::string> public_key_algorithms;
  // Of several keys of a type the first signs the key exchange; all are announced.
  std::vector<PublicHostKey> host_keys;
  // Tell the client all host keys once it is logged in (hostkeys-00@openssh.com).
  bool announce_host_keys = true;

  // Shown before authentication when not empty (RFC 4252 section 5.4).
  std::string banner;
  // Failed authentication attempts until the connection is closed.
  int max_auth_attempts = 6;
  // Hold back the identification string until the client's has come.
  bool client_talks_first = false;

  // Our side asks for new keys after so many bytes in one direction (RFC 4253 section 9).
  std::uint64_t rekey_bytes = std::uint64_t{1} << 30;
  // Receive window of a channel, in bytes, and how many channels one connection may hold open.
  std::uint32_t channel_window = 2u << 20;
  std::size_t max_channels = 10;

  // Bytes offered to one receive call once the user is authenticated.
  std::size_t receive_size = std::size_t{512} << 10;
  // Bound on output waiting and reserved, in bytes, beyond which a channel is not writable.
  std::size_t output_limit = std::size_t{1} << 20;
};

// Everything that is built in, strongest and fastest first; host_keys empty.
ServerSettings default_server_settings();

}  // namespace sallyport::ssh
