// One line in the public key format of sshd(8) AUTHORIZED_KEYS, without options, split but not yet
// understood as a key.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace sallyport::ssh {

// Longest line looked at, in bytes.
inline constexpr std::size_t kMaxAuthorizedKeySize = 16 * 1024;

struct AuthorizedKey {
  std::string type;
  Bytes blob;
  // May be empty; kept as given.
  std::string comment;
};

// "<type> <base64> [comment]"; white space around is ignored. kInvalidArgument "Unsupported or
// invalid SSH public key format" for more than one line, control characters, bad base64, or a blob
// that does not begin with the type named in front of it.
Result<AuthorizedKey> parse_authorized_key(std::string_view line);

}  // namespace sallyport::ssh
