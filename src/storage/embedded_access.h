// What every call of the embedded store begins with. Inside src/storage only.
#pragma once

#include <string>
#include <string_view>

#include "storage/embedded_core.h"
#include "storage/embedded_keys.h"

namespace sallyport::storage {

inline Result<void> check(const iam::Permit& permit, iam::Action action, std::string_view bucket,
                          std::string_view key) {
  if (permit.covers(action, bucket, key)) return ok();
  return Error(Errc::kInternal, "The permit does not cover the call");
}

// The bucket of a key that may be one.
inline Result<BucketPtr> bucket_of(const EmbeddedCore& core, const std::string& bucket,
                                   std::string_view key) {
  TRY(check_key(key));
  return core.buckets.find(bucket);
}

// An empty body of a folder's key is an index row only.
inline bool needs_file(std::string_view key, std::uint64_t size) {
  return size > 0 || !is_marker(key);
}

}  // namespace sallyport::storage
