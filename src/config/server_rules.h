// What [servers] sections say of behaviour and of users. Internal to config.
#pragma once

#include <string>
#include <string_view>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "config/settings.h"

namespace sallyport::config {

// "compatibility, user_max_sessions, …"
std::string server_rule_names();
// What a section may say, each with its meaning and default, commented out.
std::string server_rule_examples();
// Takes the value of `key` over; false: it is none of these. `name` is the setting's whole name.
// Errors: kInvalidArgument naming the setting and what would be right.
Result<bool> read_server_rule(const std::string& name, std::string_view key,
                              const toml::node& value, ServerSection& section);
// The lines that follow the others of the section, and the tables of its users.
std::string print_server_rules(const std::string& id, const ServerSection& section);

}  // namespace sallyport::config
