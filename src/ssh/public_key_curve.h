// The NIST curves of RFC 5656, one row each. For the key code of this folder only.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "crypto/digest.h"

namespace sallyport::ssh {

struct EcdsaCurve {
  std::string_view key_type;    // "ecdsa-sha2-nistp256": the key type and the signature algorithm
  std::string_view name;        // "nistp256": the curve identifier inside blobs
  const char* openssl_name;     // for OSSL_PKEY_PARAM_GROUP_NAME
  std::string_view sec_name;    // what OpenSSL reports for a key read from a file
  std::size_t coordinate_size;  // bytes
  int bits;
  crypto::DigestKind digest;  // RFC 5656 section 6.2.1
};

std::span<const EcdsaCurve> ecdsa_curves();
// Null when there is none.
const EcdsaCurve* find_curve_by_key_type(std::string_view key_type);

}  // namespace sallyport::ssh
