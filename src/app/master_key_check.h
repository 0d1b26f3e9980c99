// What is made of the master key, and whether it is the one that a database's secrets are sealed
// under.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sallyport::state {
class Database;
}

namespace sallyport::app {

// 32 bytes, a key of its own for each use of the master key.
SecretString derived_key(const SecretString& master, std::string_view use);

// 64 hexadecimal digits that tell keys apart and nothing about a key.
std::string key_check(const SecretString& master);

// Leaves the check in a database that has none. Blocking. Errors: kInvalidArgument (another key is
// in use there, with what to do), those of the database.
Result<void> check_master_key(state::Database& database, const SecretString& master);

}  // namespace sallyport::app
