// Signatures of the SSH algorithms without the blob around them (RFC 8332 section 3, RFC 5656
// section 3.1.2, RFC 8709 section 6). For the key code of this folder only. Thread-safe.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/openssl_ptr.h"

namespace sallyport::ssh {

// REQUIRES of both: `algorithm` is one of the key's type.
bool verify_raw_signature(EVP_PKEY* key, std::string_view algorithm, ByteView data,
                          ByteView signature);
Result<Bytes> make_raw_signature(EVP_PKEY* key, std::string_view algorithm, ByteView data);

}  // namespace sallyport::ssh
