// ML-KEM (FIPS 203), the side that encapsulates, through OpenSSL's own: there from OpenSSL 3.5 on,
// looked for when the program runs. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace sallyport::crypto {

enum class MlKemSet : std::uint8_t { kMlKem768, kMlKem1024 };

// OpenSSL's name of it: "ML-KEM-768", …
const char* ml_kem_name(MlKemSet set);
// Bytes of an encapsulation key and of a ciphertext (FIPS 203 section 8).
std::size_t ml_kem_key_size(MlKemSet set);
std::size_t ml_kem_ciphertext_size(MlKemSet set);

// Whether this process' OpenSSL has it.
bool has_ml_kem(MlKemSet set);

struct Encapsulation {
  Bytes ciphertext;
  // 32 bytes; the caller wipes it.
  Bytes shared_secret;
};

// For the peer's encapsulation key. kInvalidArgument: not of ml_kem_key_size(), or it does not pass
// the check of FIPS 203 section 7.2 (a coefficient that is not reduced). kInternal: no ML-KEM here,
// or OpenSSL fails.
Result<Encapsulation> ml_kem_encapsulate(MlKemSet set, ByteView encapsulation_key);

}  // namespace sallyport::crypto
