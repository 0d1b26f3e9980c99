#include "crypto/openssl_ptr.h"

#include <openssl/err.h>

#include <string>

namespace sallyport::crypto {

Error openssl_error(std::string_view what) {
  std::string message(what);
  const unsigned long code = ERR_peek_last_error();
  if (code != 0) {
    const char* reason = ERR_reason_error_string(code);
    message.append(": ").append(reason != nullptr ? reason : "unknown OpenSSL reason");
  }
  ERR_clear_error();
  return Error(Errc::kInternal, std::move(message));
}

void clear_openssl_errors() {
  ERR_clear_error();
}

}  // namespace sallyport::crypto
