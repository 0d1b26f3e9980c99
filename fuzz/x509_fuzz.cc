// Certificates, chains and private keys as callers import them. What stands before the first byte 0
// is the certificates, what stands behind it a private key; base64 in PEM would keep a fuzzer out,
// so that the bytes are taken as one certificate's DER as well.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/bytes.h"
#include "codec/base64.h"
#include "crypto/x509.h"

using sallyport::SecretString;
using sallyport::crypto::X509Certificate;

namespace {

constexpr std::size_t kMost = 8;

void exercise(std::string_view pem, std::string_view key) {
  const auto chain = X509Certificate::chain_from_pem(pem, kMost);
  if (chain.ok() && (chain->empty() || chain->size() > kMost)) std::abort();
  const auto one = X509Certificate::from_pem(pem);
  if (!one.ok()) return;
  // What is one certificate is a chain of one, the same one.
  if (!chain.ok() || chain->size() != 1 || chain->front().serial() != one->serial()) std::abort();
  for (const std::size_t index : sallyport::crypto::issuers_of(*one, *chain))
    if (index >= chain->size()) std::abort();
  if (one->key_kind() != X509Certificate::KeyKind::kOther)
    (void)one->check_private_key(SecretString(std::string(key)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sallyport::ByteView input(data, size);
  const std::string_view text = sallyport::as_text(input);
  const auto end = text.find('\0');
  const std::string_view pem = text.substr(0, end);
  const std::string_view key = end == std::string_view::npos ? "" : text.substr(end + 1);
  exercise(pem, key);
  if (const auto chain = X509Certificate::chain_from_pem(pem, kMost); chain.ok())
    (void)sallyport::crypto::issuers_of(chain->front(), *chain);
  exercise("-----BEGIN CERTIFICATE-----\n" + sallyport::codec::base64_encode(input) +
               "\n-----END CERTIFICATE-----\n",
           "");
  return 0;
}
