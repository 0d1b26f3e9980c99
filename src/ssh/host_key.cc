#include "ssh/host_key.h"

#include <openssl/core_names.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "crypto/openssl_ptr.h"
#include "ssh/host_key_format.h"
#include "ssh/public_key_curve.h"
#include "ssh/public_key_signature.h"

namespace sallyport::ssh {

struct HostKey::State {
  crypto::EvpPkeyPtr key;
  PublicKey public_key;
};

namespace {

using crypto::BnPtr;
using crypto::EvpPkeyPtr;

BnPtr number_of(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return nullptr;
  return BnPtr(number);
}

Bytes magnitude_of(const BIGNUM* number) {
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  return out;
}

Result<Bytes> rsa_blob(EVP_PKEY* key) {
  BnPtr e = number_of(key, OSSL_PKEY_PARAM_RSA_E);
  BnPtr n = number_of(key, OSSL_PKEY_PARAM_RSA_N);
  if (!e || !n) return invalid_host_key();
  return ByteWriter()
      .string("ssh-rsa")
      .mpint(magnitude_of(e.get()))
      .mpint(magnitude_of(n.get()))
      .take();
}

Result<Bytes> ecdsa_blob(EVP_PKEY* key) {
  char name[64];
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name, sizeof name, &size) != 1) return invalid_host_key();
  for (const EcdsaCurve& curve : ecdsa_curves()) {
    if (curve.sec_name != name) continue;
    // By coordinates, as the key itself may have been stored with a compressed point.
    BnPtr x = number_of(key, OSSL_PKEY_PARAM_EC_PUB_X);
    BnPtr y = number_of(key, OSSL_PKEY_PARAM_EC_PUB_Y);
    const int width = static_cast<int>(curve.coordinate_size);
    Bytes point(1 + 2 * curve.coordinate_size, 0x04);
    if (!x || !y || BN_bn2binpad(x.get(), point.data() + 1, width) < 0 ||
        BN_bn2binpad(y.get(), point.data() + 1 + width, width) < 0)
      return invalid_host_key();
    return ByteWriter().string(curve.key_type).string(curve.name).string(point).take();
  }
  return invalid_host_key("the curve is none of nistp256, nistp384 and nistp521");
}

Result<Bytes> ed25519_blob(EVP_PKEY* key) {
  std::uint8_t raw[32];
  std::size_t size = sizeof raw;
  if (EVP_PKEY_get_raw_public_key(key, raw, &size) != 1 || size != sizeof raw)
    return invalid_host_key();
  return ByteWriter().string("ssh-ed25519").string(ByteView(raw)).take();
}

// A signature proves that the halves belong together, whatever the file claimed.
Result<void> prove(EVP_PKEY* key, const PublicKey& public_key) {
  const std::string algorithm = signature_algorithms_of_key_type(public_key.type()).front();
  const ByteView message = as_bytes("host key self-test");
  auto signature = make_raw_signature(key, algorithm, message);
  if (!signature.ok()) return invalid_host_key("the private half does not work");
  const Bytes blob = ByteWriter().string(algorithm).string(*signature).take();
  if (!public_key.verify(algorithm, message, blob))
    return invalid_host_key("the private and the public half do not belong together");
  return ok();
}

Result<EvpPkeyPtr> read_text(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos || text.size() > HostKey::kMaxTextSize)
    return invalid_host_key();
  text = text.substr(first, text.find_last_not_of(kSpace) - first + 1);
  if (text.substr(0, kOpensshKeyBegin.size()) == kOpensshKeyBegin) return read_openssh_key(text);
  return read_pem_key(text);
}

}  // namespace

Error invalid_host_key(std::string_view reason) {
  crypto::clear_openssl_errors();
  std::string message = "Invalid host key format";
  if (!reason.empty()) message.append(": ").append(reason);
  return Error(Errc::kInvalidArgument, std::move(message));
}

Result<Bytes> public_blob_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) return rsa_blob(key);
  if (EVP_PKEY_is_a(key, "EC") == 1) return ecdsa_blob(key);
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return ed25519_blob(key);
  return invalid_host_key("the key is none of RSA, ECDSA and ED25519");
}

Result<HostKey> HostKey::generate(HostKeyType type) {
  EvpPkeyPtr key;
  switch (type) {
    case HostKeyType::kRsa3072:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{3072}));
      break;
    case HostKeyType::kEcdsaP256:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
      break;
    case HostKeyType::kEd25519: key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
  }
  if (!key) return crypto::openssl_error("cannot make a host key");
  TRY_ASSIGN(const Bytes blob, public_blob_of(key.get()));
  TRY_ASSIGN(PublicKey public_key, PublicKey::from_blob(blob));
  return HostKey(std::make_shared<State>(State{std::move(key), std::move(public_key)}));
}

Result<HostKey> HostKey::parse(const SecretString& text) {
  TRY_ASSIGN(EvpPkeyPtr key, read_text(text.reveal()));
  TRY_ASSIGN(const Bytes blob, public_blob_of(key.get()));
  auto public_key = PublicKey::from_blob(blob);
  if (!public_key.ok()) return invalid_host_key("RSA keys need 2048 to 16384 bits");
  TRY(prove(key.get(), *public_key));
  return HostKey(std::make_shared<State>(State{std::move(key), std::move(*public_key)}));
}

SecretString HostKey::to_pem() const {
  return write_openssh_key(state_->key.get(), state_->public_key.blob());
}

const PublicKey& HostKey::public_key() const {
  return state_->public_key;
}

std::vector<std::string> HostKey::signature_algorithms() const {
  return signature_algorithms_of_key_type(state_->public_key.type());
}

Result<Bytes> HostKey::sign(std::string_view algorithm, ByteView data) const {
  const auto algorithms = signature_algorithms();
  const bool sha1 = algorithm == "ssh-rsa" && state_->public_key.type() == algorithm;
  if (!sha1 && std::find(algorithms.begin(), algorithms.end(), algorithm) == algorithms.end())
    return Error(Errc::kInvalidArgument, "the host key does not sign with this algorithm");
  TRY_ASSIGN(const Bytes signature, make_raw_signature(state_->key.get(), algorithm, data));
  return ByteWriter().string(algorithm).string(signature).take();
}

}  // namespace sallyport::ssh
