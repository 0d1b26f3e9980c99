// Writes that take place only if the name is free, or has the object that is meant (RFC 9110
// section 13.1; Amazon S3's conditional writes). Stores that do not know them are asked by a look
// before.
#pragma once

#include "s3/requester.h"
#include "storage/object_store.h"

namespace sallyport::s3 {

// What may be so only once cannot be tried twice: the call is not repeated then.
void add_conditions(const storage::PutOptions& options, Call& call);
void drop_conditions(Call& call);

// Whether an answer to a write with conditions says that the store has none: Swift's S3, and others
// of before 2024.
bool knows_no_conditions(const storage::PutOptions& options, const Error& error);

// The refusal as storage::PutOptions names it.
Error refused_by_condition(const storage::PutOptions& options, Error error);

// By a look. `requester` and `caller` outlive the task. Errors: as storage::PutOptions says.
Task<Result<void>> check_conditions(Requester& requester, const Caller& caller,
                                    storage::ObjectRef object, storage::PutOptions options);

}  // namespace sallyport::s3
