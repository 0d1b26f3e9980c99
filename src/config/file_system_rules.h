// The [file_systems."fs-…"] sections of the configuration file, read, checked and printed. Internal
// to config.
#pragma once

#include <map>
#include <string>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/result.h"
#include "config/settings.h"

namespace sallyport::config {

// Errors: kInvalidArgument naming the setting and what would be right.
Result<void> read_file_systems(const toml::node& value,
                               std::map<std::string, FileSystemSection>& out);
// What a section may say, commented out, and the sections there are.
std::string print_file_systems(const std::map<std::string, FileSystemSection>& sections);

}  // namespace sallyport::config
