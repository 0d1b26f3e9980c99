#include "storage/embedded_etag.h"

#include "base/bytes.h"
#include "crypto/digest.h"

namespace sallyport::storage {

namespace {

constexpr std::size_t kMd5Bytes = 16;

std::uint8_t digit(char c) {
  return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10);
}

}  // namespace

bool is_md5(std::string_view etag) {
  return etag.size() == 2 * kMd5Bytes &&
         etag.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string etag_of_parts(const std::vector<std::string>& etags) {
  Bytes sums;
  sums.reserve(etags.size() * kMd5Bytes);
  for (const std::string& etag : etags) {
    if (!is_md5(etag)) return {};
    for (std::size_t i = 0; i < etag.size(); i += 2) {
      sums.push_back(static_cast<std::uint8_t>(digit(etag[i]) << 4 | digit(etag[i + 1])));
    }
  }
  // Not every installation of OpenSSL offers it.
  if (!crypto::digest_available(crypto::DigestKind::kMd5)) return {};
  const Bytes sum = crypto::digest(crypto::DigestKind::kMd5, sums);
  return to_hex(sum) + "-" + std::to_string(etags.size());
}

}  // namespace sallyport::storage
