#include "ssh/public_key_curve.h"

namespace sallyport::ssh {
namespace {

using crypto::DigestKind;

constexpr EcdsaCurve kCurves[] = {
    {"ecdsa-sha2-nistp256", "nistp256", "P-256", "prime256v1", 32, 256, DigestKind::kSha256},
    {"ecdsa-sha2-nistp384", "nistp384", "P-384", "secp384r1", 48, 384, DigestKind::kSha384},
    {"ecdsa-sha2-nistp521", "nistp521", "P-521", "secp521r1", 66, 521, DigestKind::kSha512},
};

}  // namespace

std::span<const EcdsaCurve> ecdsa_curves() {
  return kCurves;
}

const EcdsaCurve* find_curve_by_key_type(std::string_view key_type) {
  for (const EcdsaCurve& curve : kCurves)
    if (curve.key_type == key_type) return &curve;
  return nullptr;
}

}  // namespace sallyport::ssh
