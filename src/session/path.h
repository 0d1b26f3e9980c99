// Paths as clients write them. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::session {

inline constexpr std::size_t kMaxKeyBytes = 1024;   // of an S3 object key
inline constexpr std::size_t kMaxBucketBytes = 63;  // of a bucket name
inline constexpr std::size_t kMaxPathBytes = 1 + kMaxBucketBytes + 1 + kMaxKeyBytes;

// Joins `path` to the absolute `base` unless it is absolute itself, and resolves "", "." and ".."
// lexically; ".." stops at "/". The result begins with "/" and ends with it only if it is "/".
// Errors: kInvalidArgument (NUL, not UTF-8, longer than kMaxPathBytes once clean).
Result<std::string> clean_path(std::string_view base, std::string_view path);

// "/a/b" → "b"; "/" → "".
std::string_view base_name(std::string_view clean);
// "/a/b" → "/a"; "/a" and "/" → "/".
std::string_view parent_path(std::string_view clean);

}  // namespace sallyport::session
