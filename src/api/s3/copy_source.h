// The source of CopyObject and UploadPartCopy: where it is, on which conditions, with which rights.
#pragma once

#include "api/s3/call.h"

namespace sallyport::api {

inline constexpr std::uint64_t kMaxCopySource = 5ull << 30;

struct PermittedSource {
  storage::VersionRef object;
  storage::ObjectInfo info;  // as it is now
  iam::Permit read;
};

// The object of x-amz-copy-source, with the permit s3:GetObject (or …Version) of it. Errors as of a
// GET of the source, and InvalidRequest for a delete marker.
Task<Outcome<PermittedSource>> find_copy_source(const S3Call& call);

// x-amz-copy-source-if-…, as S3 combines them. PreconditionFailed, InvalidArgument.
Outcome<Done> read_source_conditions(const http::Headers& headers, storage::CopyOptions& options);

// The same of what was opened, where the store does not do it.
Outcome<Done> check_source_conditions(const storage::CopyOptions& options,
                                      const storage::ObjectInfo& source);

}  // namespace sallyport::api
