// From shared secret to packet keys (RFC 4253 section 7.2). Pure.
#pragma once

#include "base/bytes.h"
#include "crypto/digest.h"
#include "ssh/algorithms.h"
#include "ssh/packet_cipher.h"

namespace sallyport::ssh {

// `size` bytes of HASH(K || H || letter || session_id) and its extension. `shared_secret` is K as
// an encoded mpint.
Bytes derive_key(crypto::DigestKind hash, ByteView shared_secret, ByteView exchange_hash,
                 char letter, ByteView session_id, std::size_t size);

struct KeyMaterial {
  crypto::DigestKind hash;
  ByteView shared_secret, exchange_hash, session_id;
};

// The letters: A, C, E from client to server; B, D, F from server to client.
DirectionKeys client_to_server_keys(const KeyMaterial& from, const CipherSpec& cipher,
                                    const MacSpec* mac);
DirectionKeys server_to_client_keys(const KeyMaterial& from, const CipherSpec& cipher,
                                    const MacSpec* mac);

}  // namespace sallyport::ssh
