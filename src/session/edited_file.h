// Files opened for writing at an extended server. Inside src/session only.
//
// What is written in order goes straight to storage, as at a strict server. The first write
// elsewhere takes what there is to the spool; from then on the file is written there, and to
// storage when it is closed. The old content is brought in when the first write does not replace
// it.
#pragma once

#include <memory>

#include "session/file_operation.h"

namespace sallyport::session {

// Every mode that holds WRITE or APPEND. Errors: those of Session::open_upload, without a line.
// `operation` is told of the close.
Task<Result<std::unique_ptr<Upload>>> open_edited_file(std::shared_ptr<Core> core,
                                                       Location location, OpenMode mode,
                                                       FileOperation operation);

}  // namespace sallyport::session
