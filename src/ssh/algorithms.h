// The ciphers and MACs of the packet layer, as tables. Immutable, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "crypto/digest.h"

namespace sallyport::ssh {

enum class CipherKind : std::uint8_t {
  kCtr,             // RFC 4344, with a MAC
  kGcm,             // RFC 5647 as OpenSSH's aes*-gcm@openssh.com
  kChachaPoly1305,  // OpenSSH PROTOCOL.chacha20poly1305
};

struct CipherSpec {
  std::string_view name;
  CipherKind kind;
  // OpenSSL's name, for the AES modes.
  const char* openssl_name;
  std::size_t key_size, iv_size, block_size;

  bool has_own_mac() const { return kind != CipherKind::kCtr; }
};

enum class MacKind : std::uint8_t {
  kHmac,  // RFC 2104 over `digest`
  kUmac,  // RFC 4418 with the packet's number as nonce (draft-miller-secsh-umac-01)
};

struct MacSpec {
  std::string_view name;
  MacKind kind;
  crypto::DigestKind digest;  // of HMAC
  std::size_t key_size;
  std::size_t size;  // of the tag
  bool encrypt_then_mac;
};

// All of them, in the order of default preference.
std::span<const CipherSpec> cipher_specs();
std::span<const MacSpec> mac_specs();

// By name, from static storage; null when unknown.
const CipherSpec* find_cipher(std::string_view name);
const MacSpec* find_mac(std::string_view name);

}  // namespace sallyport::ssh
