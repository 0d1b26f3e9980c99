// Actions on a user that mean the caller himself when they name nobody.
#pragma once

#include <optional>
#include <string>

#include "api/query/parameters.h"

namespace sallyport::api {

// ValidationError when nobody is named and the caller is no user.
inline Outcome<std::string> user_or_caller(const QueryCall& call,
                                           const std::optional<std::string>& given) {
  if (given) return *given;
  const iam::Identity& caller = call.caller.identity;
  if (caller.kind() == iam::Identity::Kind::kUser) return caller.user_name();
  return validation_error("Must specify userName when calling with non-User credentials");
}

}  // namespace sallyport::api
