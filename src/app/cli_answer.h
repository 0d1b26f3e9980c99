// What the commands that ask the API have in common once it has answered.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace sallyport::app {

// The answer's JSON, members in the order they were sent in. Errors: the answer's own; kCorrupt (it is not JSON).
Result<nlohmann::ordered_json> parse_answer(const Result<std::string>& answer);

// Prints the error to standard error; returns the exit code of a command that failed.
int print_failure(const Error& error);

}  // namespace sallyport::app
