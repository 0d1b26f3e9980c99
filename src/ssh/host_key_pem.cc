#include <openssl/pem.h>

#include <string>

#include "ssh/host_key_format.h"

namespace sallyport::ssh {
namespace {

using crypto::EvpPkeyPtr;

constexpr std::string_view kLabels[] = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"};

bool begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool ends(std::string_view text, std::string_view with) {
  return text.size() >= with.size() && text.substr(text.size() - with.size()) == with;
}

// Whether `text` is exactly one block with this label.
bool is_block(std::string_view text, std::string_view label) {
  const std::string begin = "-----BEGIN " + std::string(label) + "-----";
  const std::string end = "-----END " + std::string(label) + "-----";
  return begins(text, begin) && ends(text, end) &&
         text.find("-----BEGIN", begin.size()) == std::string_view::npos;
}

// Without this, OpenSSL would ask for the passphrase on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

}  // namespace

Result<EvpPkeyPtr> read_pem_key(std::string_view text) {
  if (begins(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
      text.find("Proc-Type: 4,ENCRYPTED") != std::string_view::npos)
    return invalid_host_key("the key is protected by a passphrase, give it without");
  bool known = false;
  for (const std::string_view label : kLabels) known = known || is_block(text, label);
  if (!known) return invalid_host_key();

  crypto::BioPtr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!bio) return crypto::openssl_error("cannot read a private key");
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) return invalid_host_key();
  crypto::clear_openssl_errors();
  // Through the other reader, so that a key is checked the same way however it came, and one that
  // cannot be written again (an RSA key of three primes) is refused now.
  TRY_ASSIGN(const Bytes blob, public_blob_of(key.get()));
  const SecretString rewritten = write_openssh_key(key.get(), blob);
  if (rewritten.empty()) return invalid_host_key();
  std::string_view again = rewritten.reveal();
  again.remove_suffix(1);  // the last newline
  return read_openssh_key(again);
}

}  // namespace sallyport::ssh
