// RENAME at an extended server. Inside src/session only.
#pragma once

#include <memory>

#include "session/core.h"

namespace sallyport::session {

inline constexpr std::string_view kRenamedInPart = "RenamedInPart";

// Files, and directories with all that is below them: batch by batch, so that after an error (or a
// crash) every object is there under its old name or its new one; at a store elsewhere, whose move
// is a copy and a removal, one of them may be there under both. `overwrite`: a file takes
// the place of a file, a directory that of an empty one. Errors without a line: kNotFound,
// kAlreadyExists, kConflict, kInvalidArgument (a directory into itself), those of storage; with
// the reason kRenamedInPart and a text for the client once some objects were renamed.
Task<Result<void>> rename_extended(std::shared_ptr<Core> core, Location from, Location to,
                                   bool overwrite);

}  // namespace sallyport::session
