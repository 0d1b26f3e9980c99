// Files that resources are moved in.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::app {

// "-": standard input. kNotFound and the like, naming the path.
Result<std::string> read_moved(const std::string& path);

// "-": standard output. Else mode 0600, and what stood at the path is replaced once the new text is on the disk.
Result<void> write_moved(const std::string& path, std::string_view text);

// JSON values one after another, laid out in any way, as lines of one value each. kInvalidArgument names the value.
Result<std::string> as_json_lines(std::string_view text);

}  // namespace sallyport::app
