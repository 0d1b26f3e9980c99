// Backups, exports and imports are text of one JSON value a line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport::api {

// Takes the first line, without its end, from the front of a text that is not empty.
std::string_view take_line(std::string_view& text);

// The value of a line of up to 16 MiB. kInvalidArgument.
Result<nlohmann::json> read_line(std::string_view line);

// A member of an object; "" for what is not there or is no text.
std::string text_in(const nlohmann::json& object, std::string_view member);

}  // namespace sallyport::api
