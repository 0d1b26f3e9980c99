#include "config/server_rules.h"

#include <fmt/format.h>

namespace sallyport::config {
namespace {

struct LimitRow {
  std::string_view name;
  std::optional<std::int64_t> UserLimitSettings::*member;
  std::string_view meaning;
};

constexpr LimitRow kLimits[] = {
    {"user_max_sessions", &UserLimitSettings::max_sessions, "Sessions of one user at a time"},
    {"user_bandwidth_in", &UserLimitSettings::bandwidth_in, "Bytes a second that one user may upload"},
    {"user_bandwidth_out", &UserLimitSettings::bandwidth_out, "Bytes a second that one user may download"},
    {"user_upload_bytes_per_day", &UserLimitSettings::upload_bytes_per_day,
     "Bytes that one user may upload a day (UTC)"},
    {"user_upload_files_per_day", &UserLimitSettings::upload_files_per_day,
     "Files that one user may open for writing a day (UTC)"},
};

constexpr std::string_view kCompatibilityMeaning =
    "strict: as the managed service; extended: serves more. The tag sallyport:compatibility wins";

Error wrong(const std::string& name, std::string_view right) {
  return Error(Errc::kInvalidArgument, fmt::format("setting '{}': {}", name, right));
}

Result<bool> read_limit(const std::string& name, std::string_view key, const toml::node& value,
                        UserLimitSettings& limits) {
  for (const LimitRow& row : kLimits) {
    if (row.name != key) continue;
    const auto number = value.value_exact<std::int64_t>();
    if (!number || *number < 0) return wrong(name, "a whole number from 0 is expected; 0: no limit");
    limits.*row.member = *number;
    return true;
  }
  return false;
}

std::string limit_names() {
  std::string out;
  for (const LimitRow& row : kLimits) out += fmt::format("{}{}", out.empty() ? "" : ", ", row.name);
  return out;
}

Result<void> read_users(const std::string& name, const toml::node& value, ServerSection& section) {
  const toml::table* const users = value.as_table();
  if (users == nullptr) return wrong(name, "a table for each user is expected");
  for (const auto& [user, limits] : *users) {
    const std::string user_name = fmt::format("{}.{}", name, user.str());
    const toml::table* const table = limits.as_table();
    if (table == nullptr) return wrong(user_name, "a table is expected");
    UserLimitSettings& out = section.users[std::string(user.str())];
    for (const auto& [key, limit] : *table) {
      const std::string full_name = fmt::format("{}.{}", user_name, key.str());
      TRY_ASSIGN(const bool taken, read_limit(full_name, key.str(), limit, out));
      if (!taken) return wrong(full_name, fmt::format("no such setting of a user; there are {}", limit_names()));
    }
  }
  return ok();
}

std::string print_limits(const UserLimitSettings& limits) {
  std::string out;
  for (const LimitRow& row : kLimits) {
    if (const auto& value = limits.*row.member)
      out += fmt::format("# {}; 0: no limit. Source: file.\n{} = {}\n", row.meaning, row.name, *value);
  }
  return out;
}

}  // namespace

std::string server_rule_names() {
  return fmt::format("compatibility, {}, users", limit_names());
}

std::string server_rule_examples() {
  std::string out = fmt::format("# # {}.\n# compatibility = \"strict\"\n", kCompatibilityMeaning);
  for (const LimitRow& row : kLimits) out += fmt::format("# # {}; 0: no limit.\n# {} = 0\n", row.meaning, row.name);
  return out + "# # One user's own; what is not named here is as above.\n# [servers.default.users.\"USER\"]\n"
               "# user_max_sessions = 0\n";
}

Result<bool> read_server_rule(const std::string& name, std::string_view key,
                              const toml::node& value, ServerSection& section) {
  if (key == "users") {
    TRY(read_users(name, value, section));
    return true;
  }
  if (key != "compatibility") return read_limit(name, key, value, section.user_limits);
  const auto text = value.value_exact<std::string>();
  if (!text || (*text != "strict" && *text != "extended"))
    return wrong(name, "\"strict\" or \"extended\" is expected");
  section.compatibility = *text;
  return true;
}

std::string print_server_rules(const std::string& id, const ServerSection& section) {
  std::string out;
  if (!section.compatibility.empty())
    out += fmt::format("# {}. Source: file.\ncompatibility = \"{}\"\n", kCompatibilityMeaning,
                       section.compatibility);
  out += print_limits(section.user_limits);
  for (const auto& [user, limits] : section.users)
    out += fmt::format("[servers.\"{}\".users.\"{}\"]\n{}", id, user, print_limits(limits));
  return out;
}

}  // namespace sallyport::config
