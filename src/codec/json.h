// Bounded parsing and writing of JSON (RFC 8259) over nlohmann::json. Thread-safe.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::codec {

struct JsonLimits {
  std::size_t max_bytes = 1024 * 1024;
  std::size_t max_depth = 64;  // of nested objects and arrays
};

// One JSON text, white space around it allowed, nothing else. Of a member that comes twice the last
// counts. kLimitExceeded for size and depth; kInvalidArgument for everything else (not JSON, a
// number beyond double, invalid UTF-8), the message says at which byte, and quotes nothing of the
// input. Include <nlohmann/json.hpp> where it is called.
Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits = {});

// Compact text. Strings that are not UTF-8 are written with U+FFFD in place of what is wrong.
std::string write_json(const nlohmann::json& value);
std::string write_json(const nlohmann::ordered_json& value);

}  // namespace sallyport::codec
