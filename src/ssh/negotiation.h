// KEXINIT messages and the choice of algorithms (RFC 4253 section 7.1). Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ssh/algorithms.h"
#include "ssh/kex_method.h"
#include "ssh/server_settings.h"

namespace sallyport::ssh {

using NameList = std::vector<std::string>;

// "a,b" → {"a", "b"}; "" → {}.
NameList split_names(std::string_view list);
std::string join_names(const NameList& names);
bool contains_name(const NameList& names, std::string_view name);

struct KexInit {
  std::array<std::uint8_t, 16> cookie{};
  NameList kex, host_key_algorithms;
  NameList ciphers_in, ciphers_out;  // in: client to server
  NameList macs_in, macs_out;
  NameList compressions_in, compressions_out;
  bool first_packet_follows = false;

  // `payload` with its message number. kInvalidArgument when malformed.
  static Result<KexInit> parse(ByteView payload);
  Bytes payload() const;
};

// What the server offers: the settings' names as far as they are known and, for host keys, backed
// by a key; with `first`, kex-strict-s-v00@openssh.com too. The cookie is left zero.
KexInit server_kex_init(const ServerSettings& settings, bool first);

// Index into settings.host_keys of the key for a signature algorithm.
std::optional<std::size_t> host_key_for(const ServerSettings& settings, std::string_view algorithm);

struct Agreement {
  const KexMethod* kex = nullptr;
  std::string host_key_algorithm;
  const CipherSpec* cipher_in = nullptr;
  const CipherSpec* cipher_out = nullptr;
  // Null with ciphers that have their own.
  const MacSpec* mac_in = nullptr;
  const MacSpec* mac_out = nullptr;
  // Compressed once the user is authenticated.
  bool compressed_in = false;
  bool compressed_out = false;
  // The client has sent a first key exchange packet on a guess that proved wrong.
  bool ignore_guessed_packet = false;
};

struct Disagreement {
  // "no matching cipher found", …
  std::string message;
  // What the client had to offer, comma-separated.
  std::string client_list;
};

// The client's first name of each list that the server has too.
std::variant<Agreement, Disagreement> negotiate(const KexInit& client, const KexInit& server);

}  // namespace sallyport::ssh
