// Owning pointers for OpenSSL's objects and the one way its error queue becomes an Error.
// The pointers are unique_ptr aliases: single owner, freed at the end of the scope.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <memory>
#include <string_view>

#include "base/error.h"

namespace sallyport::crypto {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free_all>>;
using BnCtxPtr = std::unique_ptr<BN_CTX, OpensslFree<BN_CTX_free>>;
// Private numbers; wiped when freed. Also used for public ones, where the cost does not matter.
using BnPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_clear_free>>;
using EvpCipherCtxPtr = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;
using EvpCipherPtr = std::unique_ptr<EVP_CIPHER, OpensslFree<EVP_CIPHER_free>>;
using EvpKemPtr = std::unique_ptr<EVP_KEM, OpensslFree<EVP_KEM_free>>;
using EvpMacCtxPtr = std::unique_ptr<EVP_MAC_CTX, OpensslFree<EVP_MAC_CTX_free>>;
using EvpMacPtr = std::unique_ptr<EVP_MAC, OpensslFree<EVP_MAC_free>>;
using EvpMdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using EvpMdPtr = std::unique_ptr<EVP_MD, OpensslFree<EVP_MD_free>>;
using EvpPkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;
using EvpPkeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using ParamBuildPtr = std::unique_ptr<OSSL_PARAM_BLD, OpensslFree<OSSL_PARAM_BLD_free>>;
// Wipes what was pushed from BIGNUMs made with BN_secure_new(), and only that.
using ParamsPtr = std::unique_ptr<OSSL_PARAM, OpensslFree<OSSL_PARAM_free>>;

// kInternal with `what` and the newest reason in this thread's OpenSSL error queue; the queue is
// emptied. OpenSSL's reasons are fixed texts (its free-form data is left out), so no secret shows.
Error openssl_error(std::string_view what);

// Empties this thread's error queue; for failures that are expected, such as bad input of a peer.
void clear_openssl_errors();

}  // namespace sallyport::crypto
