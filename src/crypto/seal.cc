#include "crypto/seal.h"

#include <openssl/evp.h>

#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::crypto {
namespace {

constexpr std::string_view kVersion = "v1:";
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kMaxSealed =
    kVersion.size() + (kNonceSize + SecretBox::kMaxPlaintext + kTagSize + 2) / 3 * 4;

Error wrong_key_size() {
  return Error(Errc::kInvalidArgument, "the master key must be 32 bytes long");
}

Error does_not_open() {
  return Error(Errc::kCorrupt,
               "a sealed secret does not open: it was altered, or sealed under another master key");
}

int as_int(std::size_t size) {
  return static_cast<int>(size);
}

// OpenSSL's base64, as this folder knows no other. Its decoder leaves zeros for the padding.
std::string to_base64(ByteView in) {
  std::string out((in.size() + 2) / 3 * 4 + 1, '\0');
  out.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), in.data(), as_int(in.size()))));
  return out;
}

// Empty when malformed.
Bytes from_base64(std::string_view in) {
  if (in.empty() || in.size() % 4 != 0) return {};
  const std::size_t padding = in.size() - 1 - in.find_last_not_of('=');
  Bytes out(in.size() / 4 * 3);
  const int size = EVP_DecodeBlock(out.data(), as_bytes(in).data(), as_int(in.size()));
  if (padding > 2 || size < 0 || static_cast<std::size_t>(size) != out.size()) return {};
  out.resize(out.size() - padding);
  return out;
}

// Key, nonce and associated data are set for either direction (`encrypt` 1 or 0).
bool start(EVP_CIPHER_CTX* context, int encrypt, std::string_view key, const std::uint8_t* nonce,
           std::string_view aad) {
  int written = 0;
  return EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, as_bytes(key).data(), nonce,
                           encrypt) == 1 &&
         (aad.empty() || EVP_CipherUpdate(context, nullptr, &written, as_bytes(aad).data(),
                                          as_int(aad.size())) == 1);
}

}  // namespace

SecretBox::SecretBox(SecretString key) : key_(std::move(key)) {}

Result<std::string> SecretBox::seal(const SecretString& plaintext, std::string_view aad) const {
  if (key_.reveal().size() != kKeySize) return wrong_key_size();
  const ByteView clear = as_bytes(plaintext.reveal());
  if (clear.size() > kMaxPlaintext || aad.size() > kMaxPlaintext)
    return Error(Errc::kLimitExceeded, "a secret to be sealed is longer than 1 MiB");

  Bytes out(kNonceSize + clear.size() + kTagSize);
  std::uint8_t* const nonce = out.data();
  std::uint8_t* const body = nonce + kNonceSize;
  SystemRandom().fill(MutableBytes(nonce, kNonceSize));

  EvpCipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool sealed =
      context != nullptr && start(context.get(), 1, key_.reveal(), nonce, aad) &&
      (clear.empty() ||
       EVP_CipherUpdate(context.get(), body, &written, clear.data(), as_int(clear.size())) == 1) &&
      EVP_CipherFinal_ex(context.get(), body + clear.size(), &written) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, as_int(kTagSize),
                          body + clear.size()) == 1;
  if (!sealed) return openssl_error("cannot seal a secret");
  return std::string(kVersion) + to_base64(out);
}

Result<SecretString> SecretBox::open(std::string_view sealed, std::string_view aad) const {
  if (key_.reveal().size() != kKeySize) return wrong_key_size();
  if (sealed.substr(0, kVersion.size()) != kVersion) {
    // "v2:" and later are ours, only newer.
    if (sealed.size() >= 3 && sealed[0] == 'v' && sealed[1] >= '2' && sealed[1] <= '9')
      return Error(Errc::kUnsupported, "a secret was sealed by a newer version of this program");
    return does_not_open();
  }
  if (sealed.size() > kMaxSealed || aad.size() > kMaxPlaintext) return does_not_open();
  const Bytes in = from_base64(sealed.substr(kVersion.size()));
  if (in.size() < kNonceSize + kTagSize) return does_not_open();

  const std::size_t size = in.size() - kNonceSize - kTagSize;
  const std::uint8_t* const body = in.data() + kNonceSize;
  std::string clear(size, '\0');
  auto* const out = reinterpret_cast<std::uint8_t*>(clear.data());

  EvpCipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool opened =
      context != nullptr && start(context.get(), 0, key_.reveal(), in.data(), aad) &&
      (size == 0 || EVP_CipherUpdate(context.get(), out, &written, body, as_int(size)) == 1) &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, as_int(kTagSize),
                          const_cast<std::uint8_t*>(body) + size) == 1 &&
      EVP_CipherFinal_ex(context.get(), out + size, &written) == 1;
  SecretString secret(std::move(clear));
  if (!opened) {
    clear_openssl_errors();
    return does_not_open();
  }
  return secret;
}

}  // namespace sallyport::crypto
