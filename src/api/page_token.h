// Opaque page tokens: where a listing goes on, bound to the listing and authenticated.
#pragma once

#include <string>
#include <string_view>

#include "api/fault.h"
#include "base/secret.h"

namespace sallyport::api {

// Immutable, thread-safe.
class PageTokens {
 public:
  explicit PageTokens(SecretString key) : key_(std::move(key)) {}

  // `listing` names what is listed, e.g. "ListUsers|s-0123…"; `position` is where it goes on.
  std::string make(std::string_view listing, std::string_view position) const;
  // The position. InvalidNextTokenException for a token that is not one of ours, was altered, or
  // belongs to another listing.
  Outcome<std::string> open(std::string_view token, std::string_view listing) const;

 private:
  std::string tag(std::string_view listing, std::string_view position) const;
  SecretString key_;
};

}  // namespace sallyport::api
