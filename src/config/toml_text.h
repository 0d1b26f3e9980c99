// Writing TOML. Internal to config. Pure.
#pragma once

#include <string>

namespace sallyport::config {

// As a basic string, in quotes.
std::string quoted(const std::string& text);

}  // namespace sallyport::config
