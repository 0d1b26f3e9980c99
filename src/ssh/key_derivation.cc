#include "ssh/key_derivation.h"

#include <array>

#include "base/secret.h"

namespace sallyport::ssh {
namespace {

DirectionKeys keys_for(const KeyMaterial& from, const CipherSpec& cipher, const MacSpec* mac,
                       std::array<char, 3> letters) {
  const auto derive = [&](char letter, std::size_t size) {
    return derive_key(from.hash, from.shared_secret, from.exchange_hash, letter, from.session_id,
                      size);
  };
  DirectionKeys keys;
  keys.iv = derive(letters[0], cipher.iv_size);
  keys.key = derive(letters[1], cipher.key_size);
  if (mac != nullptr) keys.mac_key = derive(letters[2], mac->key_size);
  return keys;
}

}  // namespace

Bytes derive_key(crypto::DigestKind hash, ByteView shared_secret, ByteView exchange_hash,
                 char letter, ByteView session_id, std::size_t size) {
  crypto::Digest digest(hash);
  Bytes out(size);
  std::size_t have = 0;
  while (have < size) {
    digest.update(shared_secret).update(exchange_hash);
    if (have == 0) {
      digest.update(std::string_view(&letter, 1)).update(session_id);
    } else {
      digest.update(ByteView(out.data(), have));
    }
    std::array<std::uint8_t, crypto::kMaxDigestSize> block;
    digest.finish(block);
    const std::size_t n = std::min(digest.size(), size - have);
    std::memcpy(out.data() + have, block.data(), n);
    // Only whole blocks are followed by another, so `have` is what RFC 4253 calls K1 || K2 || ….
    have += n;
    wipe(block.data(), block.size());
  }
  return out;
}

DirectionKeys client_to_server_keys(const KeyMaterial& from, const CipherSpec& cipher,
                                    const MacSpec* mac) {
  return keys_for(from, cipher, mac, {'A', 'C', 'E'});
}

DirectionKeys server_to_client_keys(const KeyMaterial& from, const CipherSpec& cipher,
                                    const MacSpec* mac) {
  return keys_for(from, cipher, mac, {'B', 'D', 'F'});
}

}  // namespace sallyport::ssh
