// What an STS answers when it gives something ("Actions" in the AWS STS API reference), and other
// services that give keys. Pure; bounded, as it is what somebody else sent.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "s3/credentials.h"

namespace sallyport::s3 {

// What keys may be at most, wherever they come from: they go into headers.
inline constexpr std::size_t kMaxKeyIdBytes = 256;
inline constexpr std::size_t kMaxSecretBytes = 1024;
inline constexpr std::size_t kMaxSessionTokenBytes = 16 * 1024;
inline constexpr std::size_t kMaxStsAnswerBytes = 128 * 1024;

// Keys of what was found, where they can be some: no part is empty (a session token may be), too
// long, or holds other than visible ASCII. Error: kCorrupt, which tells nothing of them.
Result<Keys> keys_of(std::string_view access_key, std::string_view secret,
                     std::string_view session_token, std::optional<WallTime> expires);

// Of AssumeRole, or of AssumeRoleWithWebIdentity, as the `action` is called. Whether the keys still
// hold is not looked at. Error: kCorrupt.
Result<Keys> parse_session_keys(std::string_view action, std::string_view body);
// Of EC2's metadata service and of a container's credentials service ("UseIMDSv2" in EC2's guide,
// "GetCredentials" of ECS): the same object but for the member Code. Error: kUnavailable.
Result<Keys> parse_metadata_keys(const std::string& body);
// The ARN of GetCallerIdentity. Error: kCorrupt.
Result<std::string> parse_caller_arn(std::string_view body);

}  // namespace sallyport::s3
