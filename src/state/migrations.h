// Brings a database to the newest schema. Inside src/state only.
#pragma once

#include <span>

#include "state/backend_connection.h"

namespace sallyport::state {

// Applies what is missing of each set, a transaction each; nothing if all is there.
// Errors: kUnsupported if the database has a version that a set does not know (nothing is changed
// then), kInternal if a set's versions do not run 1, 2, 3, …
Result<void> migrate(BackendConnection& connection, std::span<const MigrationSet> sets);

}  // namespace sallyport::state
