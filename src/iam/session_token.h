// What a session token carries: everything about temporary credentials, sealed, so that nothing of
// them is stored. Inside src/iam only.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::crypto {
class SecretBox;
}

namespace sallyport::iam {

// Of a token's text: what still leaves room in a request's head.
inline constexpr std::size_t kMaxSessionToken = 8192;

struct SessionToken {
  std::string access_key;
  SecretString secret;
  std::string role_arn;
  std::string user_id;  // "<role id>:<session name>": a later role of the same name is another one
  std::string session_name;
  std::string session_policy;
  WallTime issued{};
  WallTime expires{};
};

// kLimitExceeded beyond kMaxSessionToken.
Result<std::string> seal_token(const crypto::SecretBox& box, const SessionToken& token);
// kInvalidArgument for what this installation did not seal.
Result<SessionToken> open_token(const crypto::SecretBox& box, std::string_view text);

}  // namespace sallyport::iam
