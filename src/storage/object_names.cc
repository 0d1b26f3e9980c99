#include "storage/object_names.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "codec/utf8.h"

namespace sallyport::storage {

namespace {

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool looks_like_ipv4(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

Error bad_bucket(std::string_view why) {
  return Error(Errc::kInvalidArgument, "The specified bucket is not valid: " + std::string(why),
               "InvalidBucketName");
}

}  // namespace

Result<void> check_bucket_name(std::string_view name) {
  if (name.size() < 3 || name.size() > 63) return bad_bucket("a name has 3 to 63 characters");
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return is_lower_or_digit(c) || c == '.' || c == '-';
  });
  if (!characters)
    return bad_bucket("a name has lower-case letters, digits, dots and hyphens only");
  if (!is_lower_or_digit(name.front()) || !is_lower_or_digit(name.back())) {
    return bad_bucket("a name begins and ends with a letter or digit");
  }
  if (name.find("..") != std::string_view::npos) return bad_bucket("two dots stand together");
  if (looks_like_ipv4(name)) return bad_bucket("a name must not look like an IP address");
  constexpr std::array<std::string_view, 3> kPrefixes{"xn--", "sthree-", "amzn-s3-demo-"};
  constexpr std::array<std::string_view, 5> kSuffixes{"-s3alias", "--ol-s3", ".mrap", "--x-s3",
                                                      "--table-s3"};
  for (const auto prefix : kPrefixes) {
    if (name.starts_with(prefix)) return bad_bucket("the prefix is reserved");
  }
  for (const auto suffix : kSuffixes) {
    if (name.ends_with(suffix)) return bad_bucket("the suffix is reserved");
  }
  return ok();
}

Result<void> check_key(std::string_view key) {
  if (key.empty()) return Error(Errc::kInvalidArgument, "The object key is empty", "InvalidKey");
  if (key.size() > kMaxKeyBytes) {
    return Error(Errc::kInvalidArgument, "The object key is longer than 1,024 bytes",
                 "KeyTooLongError");
  }
  if (key.find('\0') != std::string_view::npos || !codec::is_valid_utf8(key)) {
    return Error(Errc::kInvalidArgument, "The object key is not UTF-8 text", "InvalidKey");
  }
  return ok();
}

std::string successor(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && next.back() == '\xff') next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<std::uint8_t>(next.back()) + 1);
  return next;
}

}  // namespace sallyport::storage
