// The parameters of the CloudWatch Logs operations, typed and bounded.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/fault.h"

namespace sallyport::api {

// SerializationException for a wrong type; nothing when absent or null.
Outcome<std::optional<std::string>> log_text(const nlohmann::json& in, const char* member);
Outcome<std::optional<std::int64_t>> log_integer(const nlohmann::json& in, const char* member);
Outcome<bool> log_flag(const nlohmann::json& in, const char* member, bool fallback);
Outcome<std::vector<std::string>> log_texts(const nlohmann::json& in, const char* member);

// logGroupName or logGroupIdentifier (a name or an ARN). InvalidParameterException without either.
Outcome<std::string> log_group_name(const nlohmann::json& in);
// `limit`, from 1 to `max`; `max` when absent. InvalidParameterException.
Outcome<std::uint32_t> log_limit(const nlohmann::json& in, std::uint32_t fallback,
                                 std::uint32_t max);

Fault invalid_log_parameter(std::string message);

}  // namespace sallyport::api
