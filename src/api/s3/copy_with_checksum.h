// A copy whose content passes through here, because it gets a checksum that its source does not
// have.
#pragma once

#include <optional>

#include "api/s3/copy_source.h"

namespace sallyport::api {

struct RewrittenCopy {
  PermittedSource source;
  std::optional<iam::Permit> read_tags;  // of the source, when it has some that come along
  iam::Permit write;
  storage::CopyOptions options;
};

// To the request's object. Errors as of BucketStore::copy_version.
Task<Outcome<storage::ObjectInfo>> copy_with_checksum(const S3Call& call, RewrittenCopy copy,
                                                      http::ChecksumAlgorithm algorithm);

}  // namespace sallyport::api
