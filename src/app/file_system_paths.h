// Directories that file systems must not be: with the data folder in them clients would read the
// master key, and inside it they would write beside it.
#pragma once

#include <string>

#include "base/result.h"
#include "config/settings.h"

namespace sallyport::app {

// Why `path` cannot be a file system's directory, in words that fit behind it ("holds the data
// folder"), or "". The same directory counts wherever it is mounted and whatever links lead to it.
// What is not there yet is judged by what is above it. Blocks as long as a mount does.
std::string fault_of_path(const std::string& path, const std::string& data_dir);

// Refuses such settings. A directory that cannot be looked at within three seconds is let pass,
// with a warning. REQUIRES: no other thread is running, and the data folder is there. Error:
// kInvalidArgument.
Result<void> check_file_system_paths(const config::Settings& settings);

}  // namespace sallyport::app
