#include "api/page_token.h"

#include "base/bytes.h"
#include "codec/base64.h"
#include "crypto/digest.h"

namespace sallyport::api {

namespace {

constexpr std::size_t kTagSize = 32;
constexpr std::size_t kMaxTokenSize = 6144;

Fault bad_token() {
  return {Errc::kInvalidArgument, "The NextToken is not valid.", "InvalidNextTokenException"};
}

}  // namespace

std::string PageTokens::tag(std::string_view listing, std::string_view position) const {
  ByteWriter message;
  message.string("page-token").string(listing).string(position);
  const auto sum = crypto::hmac_sha256(as_bytes(key_.reveal()), message.bytes());
  return std::string(as_text(sum));
}

std::string PageTokens::make(std::string_view listing, std::string_view position) const {
  return codec::base64_encode(as_bytes(tag(listing, position) + std::string(position)));
}

Outcome<std::string> PageTokens::open(std::string_view token, std::string_view listing) const {
  if (token.size() > kMaxTokenSize) return bad_token();
  const auto bytes = codec::base64_decode(token);
  if (!bytes.ok() || bytes->size() < kTagSize) return bad_token();
  const std::string_view text = as_text(*bytes);
  const std::string_view position = text.substr(kTagSize);
  if (!equal_constant_time(text.substr(0, kTagSize), tag(listing, position))) return bad_token();
  return std::string(position);
}

}  // namespace sallyport::api
