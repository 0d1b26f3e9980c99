// Reading and writing the text forms of private keys. For host_key.cc only. Pure, thread-safe.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::ssh {

inline constexpr std::string_view kOpensshKeyBegin = "-----BEGIN OPENSSH PRIVATE KEY-----";
inline constexpr std::string_view kOpensshKeyEnd = "-----END OPENSSH PRIVATE KEY-----";

// kInvalidArgument "Invalid host key format", with the reason behind it unless that is empty.
// Empties OpenSSL's error queue.
Error invalid_host_key(std::string_view reason = {});

// The wire form (public_key.h) of the public half; kInvalidArgument for a kind of key SSH hosts do
// not have.
Result<Bytes> public_blob_of(EVP_PKEY* key);

// `text` from kOpensshKeyBegin to kOpensshKeyEnd. The public half in clear, the private numbers and
// the padding must agree with each other; that the key works is left to the caller to prove.
Result<crypto::EvpPkeyPtr> read_openssh_key(std::string_view text);
// REQUIRES: public_blob is public_blob_of(key).
SecretString write_openssh_key(EVP_PKEY* key, ByteView public_blob);

// `text` is one PEM block of PKCS#1, SEC 1 or PKCS#8.
Result<crypto::EvpPkeyPtr> read_pem_key(std::string_view text);

}  // namespace sallyport::ssh
