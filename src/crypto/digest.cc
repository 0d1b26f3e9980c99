#include "crypto/digest.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include <cassert>
#include <cstdlib>

namespace sallyport::crypto {
namespace {

constexpr std::size_t kKinds = 5;

const char* openssl_name(DigestKind kind) {
  switch (kind) {
    case DigestKind::kSha1: return "SHA1";
    case DigestKind::kSha256: return "SHA2-256";
    case DigestKind::kSha384: return "SHA2-384";
    case DigestKind::kSha512: return "SHA2-512";
    case DigestKind::kMd5: return "MD5";
  }
  std::abort();
}

// Digests over memory have no failure but exhaustion and a broken installation; neither is
// survivable.
void must(bool succeeded) {
  if (!succeeded) std::abort();
}

// A context per thread and kind spares each short digest an allocation and OpenSSL's fetch.
EVP_MD_CTX* thread_digest_context(DigestKind kind) {
  thread_local std::array<EvpMdCtxPtr, kKinds> contexts;
  auto& context = contexts[static_cast<std::size_t>(kind)];
  if (!context) {
    context.reset(EVP_MD_CTX_new());
    must(context != nullptr);
  }
  return context.get();
}

void digest_into(DigestKind kind, ByteView data, std::uint8_t* out) {
  EVP_MD_CTX* context = thread_digest_context(kind);
  must(EVP_DigestInit_ex2(context, evp_digest(kind), nullptr) == 1 &&
       EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
       EVP_DigestFinal_ex(context, out, nullptr) == 1);
}

EVP_MAC_CTX* thread_hmac_context(DigestKind kind) {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  must(mac != nullptr);
  thread_local std::array<EvpMacCtxPtr, kKinds> contexts;
  auto& context = contexts[static_cast<std::size_t>(kind)];
  if (!context) {
    context.reset(EVP_MAC_CTX_new(mac));
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                         const_cast<char*>(openssl_name(kind)), 0),
        OSSL_PARAM_construct_end()};
    must(context != nullptr && EVP_MAC_CTX_set_params(context.get(), params) == 1);
  }
  return context.get();
}

void hmac_into(DigestKind kind, ByteView key, ByteView data, std::uint8_t* out) {
  EVP_MAC_CTX* context = thread_hmac_context(kind);
  // A null key would mean "the key used before".
  static constexpr std::uint8_t kNoKey = 0;
  const std::uint8_t* key_bytes = key.empty() ? &kNoKey : key.data();
  std::size_t written = 0;
  must(EVP_MAC_init(context, key_bytes, key.size(), nullptr) == 1 &&
       EVP_MAC_update(context, data.data(), data.size()) == 1 &&
       EVP_MAC_final(context, out, &written, digest_size(kind)) == 1);
}

}  // namespace

std::size_t digest_size(DigestKind kind) {
  switch (kind) {
    case DigestKind::kSha1: return 20;
    case DigestKind::kSha256: return 32;
    case DigestKind::kSha384: return 48;
    case DigestKind::kSha512: return 64;
    case DigestKind::kMd5: return 16;
  }
  std::abort();
}

const EVP_MD* evp_digest(DigestKind kind) {
  static const std::array<const EVP_MD*, kKinds> digests = [] {
    std::array<const EVP_MD*, kKinds> fetched{};
    for (std::size_t i = 0; i < kKinds; ++i) {
      fetched[i] = EVP_MD_fetch(nullptr, openssl_name(static_cast<DigestKind>(i)), nullptr);
      must(fetched[i] != nullptr || static_cast<DigestKind>(i) == DigestKind::kMd5);
    }
    return fetched;
  }();
  return digests[static_cast<std::size_t>(kind)];
}

bool digest_available(DigestKind kind) {
  return evp_digest(kind) != nullptr;
}

Sha1Sum sha1(ByteView data) {
  Sha1Sum out;
  digest_into(DigestKind::kSha1, data, out.data());
  return out;
}

Sha256Sum sha256(ByteView data) {
  Sha256Sum out;
  digest_into(DigestKind::kSha256, data, out.data());
  return out;
}

Sha384Sum sha384(ByteView data) {
  Sha384Sum out;
  digest_into(DigestKind::kSha384, data, out.data());
  return out;
}

Sha512Sum sha512(ByteView data) {
  Sha512Sum out;
  digest_into(DigestKind::kSha512, data, out.data());
  return out;
}

Bytes digest(DigestKind kind, ByteView data) {
  Bytes out(digest_size(kind));
  digest_into(kind, data, out.data());
  return out;
}

Sha256Sum hmac_sha256(ByteView key, ByteView data) {
  Sha256Sum out;
  hmac_into(DigestKind::kSha256, key, data, out.data());
  return out;
}

Bytes hmac(DigestKind kind, ByteView key, ByteView data) {
  Bytes out(digest_size(kind));
  hmac_into(kind, key, data, out.data());
  return out;
}

Digest::Digest(DigestKind kind) : kind_(kind), ctx_(EVP_MD_CTX_new()) {
  must(ctx_ != nullptr);
  reset();
}

void Digest::reset() {
  must(EVP_DigestInit_ex2(ctx_.get(), evp_digest(kind_), nullptr) == 1);
}

Digest& Digest::update(ByteView data) {
  must(EVP_DigestUpdate(ctx_.get(), data.data(), data.size()) == 1);
  return *this;
}

void Digest::finish(MutableBytes out) {
  assert(out.size() >= size());
  must(EVP_DigestFinal_ex(ctx_.get(), out.data(), nullptr) == 1);
  reset();
}

Bytes Digest::finish() {
  Bytes out(size());
  finish(out);
  return out;
}

}  // namespace sallyport::crypto
