// Files that only their owner may read.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::app {

// Blocks until it is on the disk whole: written aside ("<path>.new") and renamed, so that a crash
// leaves what was there. Mode 0600. Error: kIo and the like, with the path.
Result<void> write_private_file(const std::string& path, std::string_view text);

// Everything to a descriptor of any kind; `name` is what errors call it.
Result<void> write_text(int fd, std::string_view text, const std::string& name);

}  // namespace sallyport::app
