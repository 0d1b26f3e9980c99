// For those who copy and remove where a store cannot move.
#pragma once

#include <string>

#include "storage/object_store.h"

namespace sallyport::storage {

// What was stored since the copy is not what was copied, and what was removed has come back by it:
// kConflict with the reason "PreconditionFailed" unless the object is there with the ETag. `store`
// outlives the task.
Task<Result<void>> check_unchanged(ObjectStore& store, iam::Permit read, ObjectRef object,
                                   std::string etag);

}  // namespace sallyport::storage
