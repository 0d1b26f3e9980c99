// The [stores.NAME] sections of the configuration file, read, checked and printed. Internal to
// config.
#pragma once

#include <map>
#include <string>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/result.h"
#include "config/store_section.h"

namespace sallyport::config {

using StoreSections = std::map<std::string, StoreSection>;

// Errors: kInvalidArgument naming the setting and what would be right; never a secret.
Result<void> read_stores(const toml::node& value, StoreSections& out);
// What a section may say, commented out, and the sections there are; secrets hidden.
std::string print_stores(const StoreSections& stores);

}  // namespace sallyport::config
