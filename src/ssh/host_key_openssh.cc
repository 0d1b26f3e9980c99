// The openssh-key-v1 container, PROTOCOL.key of OpenSSH, in its unencrypted form.
#include <openssl/core_names.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/random.h"
#include "codec/base64.h"
#include "ssh/host_key_format.h"
#include "ssh/public_key.h"
#include "ssh/public_key_curve.h"

namespace sallyport::ssh {
namespace {

using crypto::BnPtr;
using crypto::EvpPkeyPtr;

// The terminating NUL is part of it.
constexpr std::string_view kMagic("openssh-key-v1\0", 15);
constexpr std::size_t kPaddingBlock = 8;
constexpr std::size_t kSeedSize = 32;
constexpr std::size_t kLineLength = 70;

// Bytes that hold private numbers for a while. The capacity is set once, so that growing leaves no
// copy behind.
class PrivateBytes {
 public:
  explicit PrivateBytes(std::size_t capacity) { bytes_.reserve(capacity); }
  explicit PrivateBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
  PrivateBytes(const PrivateBytes&) = delete;
  PrivateBytes& operator=(const PrivateBytes&) = delete;
  ~PrivateBytes() { wipe(bytes_.data(), bytes_.size()); }

  const Bytes& bytes() const { return bytes_; }
  void raw(ByteView v) { bytes_.insert(bytes_.end(), v.begin(), v.end()); }
  void u8(std::uint8_t v) { bytes_.push_back(v); }
  void u32(std::uint32_t v) {
    std::uint8_t b[4];
    store_be32(b, v);
    raw(b);
  }
  void string(ByteView v) {
    u32(static_cast<std::uint32_t>(v.size()));
    raw(v);
  }
  void string(std::string_view v) { string(as_bytes(v)); }
  void mpint(const BIGNUM* v) {
    const auto size = static_cast<std::size_t>(BN_num_bytes(v));
    const bool pad = size != 0 && BN_is_bit_set(v, static_cast<int>(size * 8 - 1));
    u32(static_cast<std::uint32_t>(size + (pad ? 1 : 0)));
    if (pad) u8(0);
    bytes_.resize(bytes_.size() + size);
    BN_bn2bin(v, bytes_.data() + bytes_.size() - size);
  }

 private:
  Bytes bytes_;
};

// A positive mpint, or null. Secure numbers, as OSSL_PARAM copies of such are wiped.
BnPtr read_number(ByteReader& reader) {
  const ByteView raw = reader.string();
  if (raw.empty() || (raw[0] & 0x80) != 0 || raw.size() > kMaxRsaBits / 8 + 1) return nullptr;
  BnPtr number(BN_secure_new());
  if (!number || BN_bin2bn(raw.data(), static_cast<int>(raw.size()), number.get()) == nullptr ||
      BN_is_zero(number.get()))
    return nullptr;
  return number;
}

EvpPkeyPtr key_from(const char* algorithm, OSSL_PARAM_BLD* builder) {
  crypto::ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  crypto::EvpPkeyCtxPtr context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, params.get()) != 1)
    return nullptr;
  return EvpPkeyPtr(key);
}

// d mod (prime - 1), which the file does not hold and OpenSSL wants.
BnPtr exponent_of(const BIGNUM* d, const BIGNUM* prime, BN_CTX* scratch) {
  BnPtr less_one(BN_dup(prime));
  BnPtr out(BN_secure_new());
  if (!less_one || !out || BN_sub_word(less_one.get(), 1) != 1) return nullptr;
  BN_set_flags(less_one.get(), BN_FLG_CONSTTIME);
  if (BN_mod(out.get(), d, less_one.get(), scratch) != 1) return nullptr;
  return out;
}

EvpPkeyPtr read_rsa(ByteReader& reader) {
  BnPtr n = read_number(reader);
  BnPtr e = read_number(reader);
  BnPtr d = read_number(reader);
  BnPtr inverse = read_number(reader);
  BnPtr p = read_number(reader);
  BnPtr q = read_number(reader);
  if (!n || !e || !d || !inverse || !p || !q) return nullptr;

  // Cheap sanity before OpenSSL computes with them: odd, p * q = n, inverse * q = 1 mod p.
  crypto::BnCtxPtr scratch(BN_CTX_secure_new());
  BnPtr product(BN_new());
  if (!scratch || !product || BN_is_one(p.get()) || BN_is_one(q.get()) || !BN_is_odd(n.get()) ||
      BN_cmp(d.get(), n.get()) >= 0 ||
      BN_mul(product.get(), p.get(), q.get(), scratch.get()) != 1 ||
      BN_cmp(product.get(), n.get()) != 0 ||
      BN_mod_mul(product.get(), inverse.get(), q.get(), p.get(), scratch.get()) != 1 ||
      !BN_is_one(product.get()))
    return nullptr;

  BnPtr dp = exponent_of(d.get(), p.get(), scratch.get());
  BnPtr dq = exponent_of(d.get(), q.get(), scratch.get());
  crypto::ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  if (!dp || !dq || !builder) return nullptr;
  const std::pair<const char*, const BIGNUM*> numbers[] = {
      {OSSL_PKEY_PARAM_RSA_N, n.get()},          {OSSL_PKEY_PARAM_RSA_E, e.get()},
      {OSSL_PKEY_PARAM_RSA_D, d.get()},          {OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get()},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get()}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse.get()},
  };
  for (const auto& [name, number] : numbers)
    if (OSSL_PARAM_BLD_push_BN(builder.get(), name, number) != 1) return nullptr;
  return key_from("RSA", builder.get());
}

EvpPkeyPtr read_ecdsa(ByteReader& reader, const EcdsaCurve& curve) {
  if (reader.text() != curve.name) return nullptr;
  const ByteView point = reader.string();
  BnPtr d = read_number(reader);
  if (!d || point.size() != 1 + 2 * curve.coordinate_size || point[0] != 0x04) return nullptr;
  crypto::ParamBuildPtr builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.openssl_name,
                                      0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, d.get()) != 1)
    return nullptr;
  return key_from("EC", builder.get());
}

EvpPkeyPtr read_ed25519(ByteReader& reader) {
  const ByteView public_half = reader.string();
  const ByteView both = reader.string();
  if (public_half.size() != kSeedSize || both.size() != 2 * kSeedSize ||
      !std::equal(public_half.begin(), public_half.end(), both.begin() + kSeedSize))
    return nullptr;
  return EvpPkeyPtr(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, both.data(), kSeedSize));
}

// 1, 2, 3, … up to the cipher's block.
bool is_padding(ByteView rest) {
  if (rest.size() >= kPaddingBlock) return false;
  for (std::size_t i = 0; i < rest.size(); ++i)
    if (rest[i] != i + 1) return false;
  return true;
}

Result<EvpPkeyPtr> read_private_section(ByteView section, ByteView public_blob) {
  ByteReader reader(section);
  const std::uint32_t check = reader.u32();
  if (reader.u32() != check || section.size() % kPaddingBlock != 0) return invalid_host_key();
  const std::string_view type = reader.text();
  EvpPkeyPtr key;
  if (type == "ssh-rsa") {
    key = read_rsa(reader);
  } else if (type == "ssh-ed25519") {
    key = read_ed25519(reader);
  } else if (const EcdsaCurve* curve = find_curve_by_key_type(type)) {
    key = read_ecdsa(reader, *curve);
  } else {
    return invalid_host_key("the key is none of RSA, ECDSA and ED25519");
  }
  reader.string();  // the comment
  if (!key || reader.failed() || !is_padding(reader.rest())) return invalid_host_key();
  TRY_ASSIGN(const Bytes actual, public_blob_of(key.get()));
  if (!std::equal(actual.begin(), actual.end(), public_blob.begin(), public_blob.end()))
    return invalid_host_key("the private and the public half do not belong together");
  return key;
}

bool append_rsa(PrivateBytes& out, EVP_PKEY* key) {
  for (const char* name : {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
                           OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_FACTOR1,
                           OSSL_PKEY_PARAM_RSA_FACTOR2}) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) return false;
    const BnPtr owned(number);
    out.mpint(number);
  }
  return true;
}

bool append_ecdsa(PrivateBytes& out, EVP_PKEY* key, ByteReader& public_half) {
  out.string(public_half.string());  // curve name
  out.string(public_half.string());  // point
  BIGNUM* d = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) != 1) return false;
  const BnPtr owned(d);
  out.mpint(d);
  return true;
}

bool append_ed25519(PrivateBytes& out, EVP_PKEY* key, ByteReader& public_half) {
  const ByteView point = public_half.string();
  std::uint8_t seed[kSeedSize];
  std::size_t size = sizeof seed;
  if (EVP_PKEY_get_raw_private_key(key, seed, &size) != 1 || size != sizeof seed) return false;
  out.string(point);
  out.u32(static_cast<std::uint32_t>(kSeedSize + point.size()));
  out.raw(seed);
  wipe(seed, sizeof seed);
  out.raw(point);
  return true;
}

}  // namespace

Result<EvpPkeyPtr> read_openssh_key(std::string_view text) {
  if (text.size() < kOpensshKeyBegin.size() + kOpensshKeyEnd.size() ||
      text.substr(text.size() - kOpensshKeyEnd.size()) != kOpensshKeyEnd)
    return invalid_host_key();
  text.remove_prefix(kOpensshKeyBegin.size());
  text.remove_suffix(kOpensshKeyEnd.size());
  std::string body;
  body.reserve(text.size());
  for (const char c : text)
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') body.push_back(c);
  const SecretString base64(std::move(body));
  auto decoded = codec::base64_decode(base64.reveal());
  if (!decoded.ok()) return invalid_host_key();
  const PrivateBytes file(std::move(*decoded));

  ByteReader reader(file.bytes());
  if (as_text(reader.raw(kMagic.size())) != kMagic) return invalid_host_key();
  const std::string_view cipher = reader.text();
  const std::string_view kdf = reader.text();
  const ByteView kdf_options = reader.string();
  const std::uint32_t keys = reader.u32();
  const ByteView public_blob = reader.string();
  const ByteView section = reader.string();
  if (reader.failed()) return invalid_host_key();
  if (cipher != "none" || kdf != "none")
    return invalid_host_key("the key is protected by a passphrase, give it without");
  if (!kdf_options.empty() || keys != 1 || !reader.done()) return invalid_host_key();
  return read_private_section(section, public_blob);
}

SecretString write_openssh_key(EVP_PKEY* key, ByteView public_blob) {
  ByteReader public_half(public_blob);
  const std::string_view type = public_half.text();

  // The largest RSA key takes six numbers of at most kMaxRsaBits together with its public blob.
  constexpr std::size_t kCapacity = 8 * (kMaxRsaBits / 8);
  PrivateBytes section(kCapacity);
  std::uint8_t check[4];
  SystemRandom().fill(check);
  section.raw(check);
  section.raw(check);
  section.string(type);
  const bool complete = type == "ssh-rsa"       ? append_rsa(section, key)
                        : type == "ssh-ed25519" ? append_ed25519(section, key, public_half)
                                                : append_ecdsa(section, key, public_half);
  if (!complete) {
    crypto::clear_openssl_errors();
    return {};
  }
  section.string(std::string_view());
  for (std::uint8_t pad = 1; section.bytes().size() % kPaddingBlock != 0; ++pad) section.u8(pad);

  PrivateBytes file(2 * kCapacity);
  file.raw(as_bytes(kMagic));
  file.string("none");
  file.string("none");
  file.string(std::string_view());
  file.u32(1);
  file.string(public_blob);
  file.string(section.bytes());

  const SecretString base64(codec::base64_encode(file.bytes()));
  std::string text;
  text.reserve(base64.reveal().size() / kLineLength + base64.reveal().size() + 128);
  text.append(kOpensshKeyBegin).push_back('\n');
  for (std::size_t at = 0; at < base64.reveal().size(); at += kLineLength)
    text.append(base64.reveal().substr(at, kLineLength)).push_back('\n');
  text.append(kOpensshKeyEnd).push_back('\n');
  return SecretString(std::move(text));
}

}  // namespace sallyport::ssh
