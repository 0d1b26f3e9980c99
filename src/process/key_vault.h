// Where private host keys live: whoever needs one names it by its sealed text and never sees it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "crypto/digest.h"
#include "sftp/host_key_signer.h"
#include "ssh/host_key.h"
#include "ssh/server_settings.h"

namespace sallyport::process {

// A host key as it is stored: what crypto::SecretBox made of ssh::HostKey::to_pem() under
// `context`.
class SealedKey {
 public:
  SealedKey(std::string sealed, std::string context);
  const std::string& sealed() const { return sealed_; }
  const std::string& context() const { return context_; }
  // SHA-256 over both.
  const crypto::Sha256Sum& id() const { return id_; }

 private:
  std::string sealed_, context_;
  crypto::Sha256Sum id_;
};

// What is stored of a new key.
struct NewKey {
  std::string type;         // SSH key type, e.g. "ssh-rsa"
  std::string fingerprint;  // "SHA256:…=", padded
  std::string sealed;
};

// Thread-safe. Calls resume on the caller's loop. Errors of all: kUnavailable when the keys'
// process is gone or died of this very request; else those named.
class KeyVault {
 public:
  virtual ~KeyVault() = default;
  virtual Task<Result<NewKey>> generate(ssh::HostKeyType type, std::string context) = 0;
  // A text that ssh::HostKey::parse() reads; its errors.
  virtual Task<Result<NewKey>> import(SecretString text, std::string context) = 0;
  // The public half of a stored key. Errors: crypto::SecretBox::open(), ssh::HostKey::parse().
  virtual Task<Result<ssh::PublicHostKey>> open(std::shared_ptr<const SealedKey> key) = 0;
  // The signature blob. Errors: those of open(), and kInvalidArgument for an algorithm that is not
  // the key's.
  virtual Task<Result<Bytes>> sign(std::shared_ptr<const SealedKey> key, std::string algorithm,
                                   Bytes data) = 0;
};

// A server's host keys in the order of ssh::ServerSettings::host_keys. The vault outlives it.
class VaultSigner final : public sftp::HostKeySigner {
 public:
  VaultSigner(std::vector<std::shared_ptr<const SealedKey>> keys, KeyVault& vault)
      : keys_(std::move(keys)), vault_(vault) {}
  Task<Result<Bytes>> sign(std::size_t index, std::string algorithm, Bytes data) override;

 private:
  std::vector<std::shared_ptr<const SealedKey>> keys_;
  KeyVault& vault_;
};

}  // namespace sallyport::process
