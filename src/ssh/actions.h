// What a ServerEngine tells its driver to do or to know.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "ssh/kex_method.h"
#include "ssh/public_key.h"

namespace sallyport::ssh {

// Never reused within a connection.
using ChannelId = std::uint32_t;

// ---- What the driver waits for. ----

// Nothing to do until bytes arrive: receive into input_space().
struct NeedInput {};
// An earlier action is not answered yet; do not receive meanwhile.
struct NeedAnswer {};
// Too much output is waiting: send, report it with sent(), and call next() again before receiving.
struct NeedOutput {};

// ---- What the driver must answer, in any amount of time. ----

// Sign `data` (the exchange hash) with settings.host_keys[host_key]; answer
// ServerEngine::signature().
struct SignExchangeHash {
  std::string algorithm;
  std::size_t host_key;
  Bytes data;
};

// Sign each `data` with its settings.host_keys[host_key]; answer ServerEngine::host_key_proofs()
// with the signature blobs in the same order (OpenSSH PROTOCOL section 2.5).
struct ProveHostKeys {
  std::vector<SignExchangeHash> wanted;
};

// Run `job` on any thread (self-contained; a large DH group takes tens of milliseconds); answer
// ServerEngine::kex_computed().
struct ComputeKex {
  std::function<Result<KexResult>()> job;
  // What has gone through in both directions under the keys that end, 0 before the first. A client
  // may begin exchanges as often as it likes; a driver that has better to do may take its time.
  std::uint64_t bytes_before = 0;
};

class Certificate;

// May `user` log in with `key`? Without `proven` the client only asks whether it would be worth
// signing; with it the engine has verified the client's signature. Answer
// ServerEngine::public_key_verdict(). Equal work for known and unknown users is the driver's
// matter.
struct CheckPublicKey {
  std::string user;
  std::string algorithm;
  PublicKey key;
  bool proven;
  // Set: `key` was not offered by itself but is what this certificate certifies. Nothing of the
  // certificate has been verified yet.
  std::shared_ptr<const Certificate> certificate;
};

enum class AuthFailure : std::uint8_t {
  kMethodNotOffered,      // "none", "password", …
  kAlgorithmNotAccepted,  // not among settings.public_key_algorithms
  kMalformedKey,
  kBadSignature,
};

// An attempt that the engine itself refuses. Answer ServerEngine::public_key_verdict(false) when
// the client may hear of it; there is no other answer.
struct AuthRefused {
  std::string user;
  std::string method;
  AuthFailure reason;
  // For kBadSignature.
  std::optional<PublicKey> key;
};

// ---- What the driver may want to know. ----

// Client and server have no algorithm in common; Disconnected follows.
struct NegotiationFailed {
  // "no matching key exchange method found", "no matching host key type found", …
  std::string message;
  // The client's list of that kind, comma-separated.
  std::string client_list;
};

// Keys are in use, for the first time or again; see ServerEngine::facts().
struct KeysChanged {
  bool first;
};

struct Authenticated {
  std::string user;
  PublicKey key;
  std::string algorithm;
};

struct ChannelOpened {
  ChannelId channel;
};
// The client's "subsystem" request was accepted; `name` is "sftp".
struct SubsystemStarted {
  ChannelId channel;
  std::string name;
};
// channel_input() has grown. Reported only after SubsystemStarted.
struct ChannelInput {
  ChannelId channel;
};
// The client will send no more on this channel.
struct ChannelEof {
  ChannelId channel;
};
// Both sides have closed the channel. What it had received can be read until the next call of
// ServerEngine::next(); then its id means nothing any more.
struct ChannelClosed {
  ChannelId channel;
};
// channel_writable() was found too small earlier and has grown.
struct WindowAvailable {
  ChannelId channel;
};

// The end. Send what output() still holds, then close the connection.
struct Disconnected {
  bool by_peer;
  // RFC 4253 section 11.1.
  std::uint32_t code;
  std::string text;
};

using Action = std::variant<NeedInput, NeedAnswer, NeedOutput, SignExchangeHash, ProveHostKeys,
                            ComputeKex, CheckPublicKey, AuthRefused, NegotiationFailed, KeysChanged,
                            Authenticated, ChannelOpened, SubsystemStarted, ChannelInput,
                            ChannelEof, ChannelClosed, WindowAvailable, Disconnected>;

}  // namespace sallyport::ssh
