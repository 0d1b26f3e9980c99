#include "ssh/algorithms.h"

#include <array>

#include "ssh/server_settings.h"

namespace sallyport::ssh {
namespace {

constexpr std::array kCiphers{
    CipherSpec{"aes128-gcm@openssh.com", CipherKind::kGcm, "AES-128-GCM", 16, 12, 16},
    CipherSpec{"aes256-gcm@openssh.com", CipherKind::kGcm, "AES-256-GCM", 32, 12, 16},
    CipherSpec{"aes128-ctr", CipherKind::kCtr, "AES-128-CTR", 16, 16, 16},
    CipherSpec{"aes256-ctr", CipherKind::kCtr, "AES-256-CTR", 32, 16, 16},
    CipherSpec{"aes192-ctr", CipherKind::kCtr, "AES-192-CTR", 24, 16, 16},
    CipherSpec{"chacha20-poly1305@openssh.com", CipherKind::kChachaPoly1305, nullptr, 64, 0, 8},
};

constexpr MacSpec hmac(std::string_view name, crypto::DigestKind digest, std::size_t size,
                       bool encrypt_then_mac) {
  return {name, MacKind::kHmac, digest, size, size, encrypt_then_mac};
}
constexpr MacSpec umac(std::string_view name, std::size_t size, bool encrypt_then_mac) {
  return {name, MacKind::kUmac, crypto::DigestKind::kSha256, 16, size, encrypt_then_mac};
}

constexpr std::array kMacs{
    hmac("hmac-sha2-256-etm@openssh.com", crypto::DigestKind::kSha256, 32, true),
    hmac("hmac-sha2-512-etm@openssh.com", crypto::DigestKind::kSha512, 64, true),
    umac("umac-128-etm@openssh.com", 16, true),
    umac("umac-64-etm@openssh.com", 8, true),
    hmac("hmac-sha1-etm@openssh.com", crypto::DigestKind::kSha1, 20, true),
    hmac("hmac-sha2-256", crypto::DigestKind::kSha256, 32, false),
    hmac("hmac-sha2-512", crypto::DigestKind::kSha512, 64, false),
    umac("umac-128@openssh.com", 16, false),
    umac("umac-64@openssh.com", 8, false),
    hmac("hmac-sha1", crypto::DigestKind::kSha1, 20, false),
};

template <class Table>
auto find_in(const Table& table, std::string_view name) -> decltype(table.data()) {
  for (const auto& spec : table) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

}  // namespace

std::span<const CipherSpec> cipher_specs() {
  return kCiphers;
}
std::span<const MacSpec> mac_specs() {
  return kMacs;
}
const CipherSpec* find_cipher(std::string_view name) {
  return find_in(kCiphers, name);
}
const MacSpec* find_mac(std::string_view name) {
  return find_in(kMacs, name);
}

ServerSettings default_server_settings() {
  ServerSettings settings;
  settings.kex = {"mlkem768x25519-sha256",
                  "mlkem768nistp256-sha256",
                  "mlkem1024nistp384-sha384",
                  "curve25519-sha256",
                  "curve25519-sha256@libssh.org",
                  "ecdh-sha2-nistp256",
                  "ecdh-sha2-nistp384",
                  "ecdh-sha2-nistp521",
                  "diffie-hellman-group16-sha512",
                  "diffie-hellman-group18-sha512",
                  "diffie-hellman-group-exchange-sha256",
                  "diffie-hellman-group14-sha256",
                  "diffie-hellman-group14-sha1"};
  settings.host_key_algorithms = {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512",
                                  "rsa-sha2-256"};
  for (const CipherSpec& cipher : kCiphers) settings.ciphers.emplace_back(cipher.name);
  for (const MacSpec& mac : kMacs) settings.macs.emplace_back(mac.name);
  settings.public_key_algorithms = {"ssh-ed25519",         "ecdsa-sha2-nistp256",
                                    "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
                                    "rsa-sha2-512",        "rsa-sha2-256"};
  return settings;
}

}  // namespace sallyport::ssh
