// What the serving process and a signing process say to each other: one datagram a message, fields
// as in RFC 4251.
//
//   request: uint32 number, byte operation, …     reply: uint32 number, byte status, …
//
// A reply carries its request's number. kRestarted comes from the process that watches over the
// signing processes: what was sent before may be lost.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "process/key_vault.h"

namespace sallyport::process {

// Longest message in bytes; no reply is longer than its request and a sealed key.
inline constexpr std::size_t kMaxMessage = 128 * 1024;

enum class KeyOperation : std::uint8_t {
  kGenerate = 1,  // byte type, string context → string type, string fingerprint, string sealed
  kImport = 2,    // string text, string context → as kGenerate
  kOpen = 3,      // string sealed, string context → string type, string blob
  kSign = 4,      // byte[32] id, string algorithm, string data → string signature
};
enum class KeyStatus : std::uint8_t {
  kDone = 0,
  kFailed = 1,      // byte code (Errc), string message
  kUnknownKey = 2,  // of kSign: open it first
  kRestarted = 3,
};

Bytes generate_request(ssh::HostKeyType type, std::string_view context);
Bytes import_request(const SecretString& text, std::string_view context);
Bytes open_request(const SealedKey& key);
Bytes sign_request(const crypto::Sha256Sum& id, std::string_view algorithm, ByteView data);
// Requests are made with number 0.
void set_number(Bytes& request, std::uint32_t number);

Bytes failed_reply(std::uint32_t number, const Error& error);

// A reply that was understood; `body` points into the message.
struct KeyReply {
  std::uint32_t number = 0;
  KeyStatus status = KeyStatus::kFailed;
  ByteView body;
};
// kCorrupt.
Result<KeyReply> read_reply(ByteView message);
// Of kFailed.
Error read_error(ByteView body);
// Of kDone. kCorrupt.
Result<NewKey> read_new_key(ByteView body);
Result<ssh::PublicHostKey> read_public_key(ByteView body);
Result<Bytes> read_signature(ByteView body);

}  // namespace sallyport::process
