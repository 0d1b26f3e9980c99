// Looking at objects and copying them inside a store. `requester` and `caller` outlive the tasks.
#pragma once

#include <cstdint>

#include "s3/object_fields.h"
#include "s3/requester.h"
#include "s3/upload_ledger.h"

namespace sallyport::s3 {

struct CopyLimits {
  // What Amazon S3's CopyObject takes. Others take more (Ceph's, which shares the content) and are
  // asked for it first: Ceph 16 lets no role session copy a part.
  std::uint64_t at_once = std::uint64_t{5} << 30;
  // Of a copy in parts, at least: well inside the limit, so that no request takes very long.
  std::uint64_t part = std::uint64_t{1} << 30;
};

// What copies need; outlives them.
struct CopyServices {
  Requester& requester;
  UploadLedger& ledger;
  WriteDefaults defaults;
  CopyLimits limits = {};
};

Task<Result<storage::ObjectInfo>> head_object(Requester& requester, const Caller& caller,
                                              storage::ObjectRef object);
// With metadata, type and tags; in parts where the store says that it is too large, then without
// tags, and kConflict when the source is replaced meanwhile. A copy onto itself is none. `seen`:
// what head_object() said of the source.
Task<Result<storage::ObjectInfo>> copy_object(CopyServices services, const Caller& caller,
                                              storage::ObjectInfo seen, storage::ObjectRef from,
                                              storage::ObjectRef to);
// In place of all there is; the type and the other content headers stay. `etag` not empty: of the
// object that is meant, else kConflict. kUnsupported where the store cannot copy as much at once.
Task<Result<storage::ObjectInfo>> replace_metadata(Requester& requester, const Caller& caller,
                                                   storage::ObjectRef object, std::string etag,
                                                   storage::Metadata metadata,
                                                   WriteDefaults defaults);

}  // namespace sallyport::s3
