#include "api/logs/request.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace sallyport::api {

namespace {

using nlohmann::json;

const json* find(const json& in, const char* member) {
  const auto it = in.find(member);
  return it == in.end() || it->is_null() ? nullptr : &*it;
}

Fault wrong_type(const char* member, std::string_view wanted) {
  return serialization_fault(fmt::format("{} can not be converted to {}", member, wanted));
}

// "arn:aws:logs:<region>:<account>:log-group:<name>[:*]"
std::string group_of_identifier(const std::string& identifier) {
  constexpr std::string_view kMark = ":log-group:";
  const auto at = identifier.find(kMark);
  if (!identifier.starts_with("arn:") || at == std::string::npos) return identifier;
  std::string name = identifier.substr(at + kMark.size());
  if (name.ends_with(":*")) name.resize(name.size() - 2);
  return name;
}

}  // namespace

Fault invalid_log_parameter(std::string message) {
  return {Errc::kInvalidArgument, std::move(message), "InvalidParameterException"};
}

Outcome<std::optional<std::string>> log_text(const json& in, const char* member) {
  const json* value = find(in, member);
  if (value == nullptr) return std::optional<std::string>();
  if (!value->is_string()) return wrong_type(member, "a String");
  return std::optional(value->get<std::string>());
}

Outcome<std::optional<std::int64_t>> log_integer(const json& in, const char* member) {
  const json* value = find(in, member);
  if (value == nullptr) return std::optional<std::int64_t>();
  const bool fits = value->is_number_integer() &&
                    !(value->is_number_unsigned() &&
                      value->get<std::uint64_t>() >
                          static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits) return wrong_type(member, "a Long");
  return std::optional(value->get<std::int64_t>());
}

Outcome<bool> log_flag(const json& in, const char* member, bool fallback) {
  const json* value = find(in, member);
  if (value == nullptr) return fallback;
  if (!value->is_boolean()) return wrong_type(member, "a Boolean");
  return value->get<bool>();
}

Outcome<std::vector<std::string>> log_texts(const json& in, const char* member) {
  std::vector<std::string> out;
  const json* value = find(in, member);
  if (value == nullptr) return out;
  if (!value->is_array() || value->size() > 100) return wrong_type(member, "a List of at most 100");
  for (const auto& item : *value) {
    if (!item.is_string()) return wrong_type(member, "a List of Strings");
    out.push_back(item.get<std::string>());
  }
  return out;
}

Outcome<std::string> log_group_name(const json& in) {
  TRY_ASSIGN(auto name, log_text(in, "logGroupName"));
  TRY_ASSIGN(auto identifier, log_text(in, "logGroupIdentifier"));
  if (name && identifier)
    return invalid_log_parameter("Specify either logGroupName or logGroupIdentifier, not both");
  if (identifier) name = group_of_identifier(*identifier);
  if (!name || name->empty() || name->size() > 512)
    return invalid_log_parameter("logGroupName must have 1 to 512 characters");
  return std::move(*name);
}

Outcome<std::uint32_t> log_limit(const json& in, std::uint32_t fallback, std::uint32_t max) {
  TRY_ASSIGN(const auto limit, log_integer(in, "limit"));
  if (!limit) return fallback;
  if (*limit < 1 || *limit > max)
    return invalid_log_parameter(fmt::format("limit must be between 1 and {}", max));
  return static_cast<std::uint32_t>(*limit);
}

}  // namespace sallyport::api
