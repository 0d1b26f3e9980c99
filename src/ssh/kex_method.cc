#include "ssh/kex_method.h"

#include <utility>

#include "base/secret.h"

namespace sallyport::ssh {
namespace {

using crypto::AgreementGroup;
using crypto::DigestKind;
using crypto::MlKemSet;

constexpr KexMethod kMethods[] = {
    {"curve25519-sha256", KexKind::kEcdh, DigestKind::kSha256, AgreementGroup::kX25519},
    {"curve25519-sha256@libssh.org", KexKind::kEcdh, DigestKind::kSha256, AgreementGroup::kX25519},
    {"ecdh-sha2-nistp256", KexKind::kEcdh, DigestKind::kSha256, AgreementGroup::kP256},
    {"ecdh-sha2-nistp384", KexKind::kEcdh, DigestKind::kSha384, AgreementGroup::kP384},
    {"ecdh-sha2-nistp521", KexKind::kEcdh, DigestKind::kSha512, AgreementGroup::kP521},
    {"diffie-hellman-group14-sha256", KexKind::kDh, DigestKind::kSha256, AgreementGroup::kModp2048},
    {"diffie-hellman-group16-sha512", KexKind::kDh, DigestKind::kSha512, AgreementGroup::kModp4096},
    {"diffie-hellman-group18-sha512", KexKind::kDh, DigestKind::kSha512, AgreementGroup::kModp8192},
    {"diffie-hellman-group-exchange-sha256", KexKind::kGex, DigestKind::kSha256,
     AgreementGroup::kModp2048},
    {"diffie-hellman-group14-sha1", KexKind::kDh, DigestKind::kSha1, AgreementGroup::kModp2048},
    // Last, so that they can be left out.
    {"mlkem768x25519-sha256", KexKind::kHybrid, DigestKind::kSha256, AgreementGroup::kX25519,
     MlKemSet::kMlKem768},
    {"mlkem768nistp256-sha256", KexKind::kHybrid, DigestKind::kSha256, AgreementGroup::kP256,
     MlKemSet::kMlKem768},
    {"mlkem1024nistp384-sha384", KexKind::kHybrid, DigestKind::kSha384, AgreementGroup::kP384,
     MlKemSet::kMlKem1024},
};

constexpr std::size_t kHybridMethods = 3;

struct GexGroup {
  std::uint32_t bits;
  AgreementGroup group;
};
constexpr GexGroup kGexGroups[] = {{2048, AgreementGroup::kModp2048},
                                   {3072, AgreementGroup::kModp3072},
                                   {4096, AgreementGroup::kModp4096},
                                   {6144, AgreementGroup::kModp6144},
                                   {8192, AgreementGroup::kModp8192}};

}  // namespace

Result<KexResult> KexMethod::compute_in(AgreementGroup agreed, ByteView client_public) const {
  if (kind == KexKind::kHybrid) return compute_hybrid(client_public);
  if (kind != KexKind::kEcdh && !client_public.empty() && (client_public[0] & 0x80) != 0)
    return Error(Errc::kInvalidArgument, "the peer's key exchange value is negative");
  TRY_ASSIGN(const crypto::AgreementKey ours, crypto::AgreementKey::generate(agreed));
  TRY_ASSIGN(Bytes secret, ours.agree(client_public));
  // RFC 8731 section 3.1: the X25519 octets, too, are taken as a big-endian number.
  KexResult result{ours.public_value(), ByteWriter().mpint(secret).take()};
  wipe(secret.data(), secret.size());
  return result;
}

Result<KexResult> KexMethod::compute_hybrid(ByteView client_public) const {
  const std::size_t key_size = crypto::ml_kem_key_size(ml_kem);
  if (client_public.size() < key_size)
    return Error(Errc::kInvalidArgument, "the peer's key exchange value is too short");
  // The curve first: it is the cheaper one to refuse by.
  TRY_ASSIGN(const crypto::AgreementKey ours, crypto::AgreementKey::generate(group));
  TRY_ASSIGN(Bytes classical, ours.agree(client_public.subspan(key_size)));
  auto kem = crypto::ml_kem_encapsulate(ml_kem, client_public.first(key_size));
  if (!kem.ok()) {
    wipe(classical.data(), classical.size());
    return kem.error();
  }
  // K = HASH(K_PQ || K_CL), a string; the curve's secret at its full width.
  Bytes secret = crypto::Digest(hash).update(kem->shared_secret).update(classical).finish();
  KexResult result{std::move(kem->ciphertext), ByteWriter().string(secret).take()};
  const Bytes& point = ours.public_value();
  result.server_public.insert(result.server_public.end(), point.begin(), point.end());
  for (Bytes* used : {&secret, &classical, &kem->shared_secret}) wipe(used->data(), used->size());
  return result;
}

std::optional<AgreementGroup> choose_gex_group(std::uint32_t min, std::uint32_t wanted,
                                               std::uint32_t max) {
  std::optional<AgreementGroup> best;
  for (const GexGroup& one : kGexGroups) {
    if (one.bits < min || one.bits > max) continue;
    best = one.group;
    if (one.bits >= wanted) break;
  }
  return best;
}

std::span<const KexMethod> kex_methods() {
  static const bool has_hybrids =
      crypto::has_ml_kem(MlKemSet::kMlKem768) && crypto::has_ml_kem(MlKemSet::kMlKem1024);
  const std::span<const KexMethod> all(kMethods);
  return has_hybrids ? all : all.first(all.size() - kHybridMethods);
}

const KexMethod* find_kex_method(std::string_view name) {
  for (const KexMethod& method : kex_methods())
    if (method.name == name) return &method;
  return nullptr;
}

}  // namespace sallyport::ssh
