// Single facts that all nodes on one database agree on, such as which master key its secrets are
// sealed under: who comes first says it. Part of the schema of resource_store.h.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::state {

class Database;

// Stores `value` under `name` unless there is a value already; returns the one that is there then.
// Blocking. Errors: kUnavailable, kCorrupt.
Result<std::string> settle_fact(Database& database, std::string_view name, std::string_view value);

}  // namespace sallyport::state
