// Times and modes that clients set, kept in the object's metadata under the names and in the forms
// that rclone and s3fs read and write: "mtime" in decimal seconds since 1970 (rclone adds a
// fraction), "mode" the decimal st_mode with the file's type. Pure.
#pragma once

#include "session/session.h"

namespace sallyport::session {

// Puts what `metadata` tells in place of what storage says; what is malformed counts for nothing.
void show_kept(const storage::Metadata& metadata, FileAttributes& attributes);

// The names to set for `change`.
storage::Metadata kept_metadata(const AttributeChange& change, bool directory);

}  // namespace sallyport::session
