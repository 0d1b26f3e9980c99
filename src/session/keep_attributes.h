// SETSTAT at an extended server. Inside src/session only.
#pragma once

#include <memory>

#include "session/core.h"

namespace sallyport::session {

// `owner_is_ignored`: a change that names nothing that is kept (only an owner) is a success. A
// directory that is no object of its own keeps nothing. Errors: kNotFound, kUnsupported, and those
// of storage; without a line.
Task<Result<void>> keep_attributes(std::shared_ptr<Core> core, Location location,
                                   AttributeChange change, bool owner_is_ignored);

}  // namespace sallyport::session
