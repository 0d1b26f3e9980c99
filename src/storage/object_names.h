// The names of buckets and objects (Amazon S3 user guide, "General purpose bucket naming rules" and
// "Naming Amazon S3 objects"). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::storage {

inline constexpr std::size_t kMaxKeyBytes = 1024;

// Error: kInvalidArgument "InvalidBucketName".
Result<void> check_bucket_name(std::string_view name);
// Errors: kInvalidArgument "KeyTooLongError" or "InvalidKey".
Result<void> check_key(std::string_view key);

// A key that stands for a folder.
inline bool is_marker(std::string_view key) {
  return key.ends_with('/');
}

// The least byte string above all that begin with `prefix`; empty if there is none.
std::string successor(std::string_view prefix);

}  // namespace sallyport::storage
