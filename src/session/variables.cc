#include "session/variables.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "codec/json.h"
#include "iam/pattern.h"
#include "session/path.h"

namespace sallyport::session {

namespace {

template <class ValueOf>
std::string replace(std::string_view text, const ValueOf& value_of) {
  constexpr std::string_view kOpen = "${transfer:";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (iam::equal_ignoring_case(text.substr(0, kOpen.size()), kOpen)) {
      const std::size_t end = text.find('}');
      const std::optional<std::string> value =
          end == std::string_view::npos
              ? std::nullopt
              : value_of(iam::ascii_lower(text.substr(kOpen.size(), end - kOpen.size())));
      if (value) {
        out.append(*value);
        text.remove_prefix(end + 1);
        continue;
      }
    }
    out.push_back(text.front());
    text.remove_prefix(1);
  }
  return out;
}

// Only policies of 2012-10-17 have variables, and with them a way to write a plain `*`.
bool has_policy_variables(std::string_view policy) {
  const auto json = codec::parse_json(policy);
  if (!json.ok() || !json->is_object()) return false;
  const auto version = json->find("Version");
  return version != json->end() && *version == "2012-10-17";
}

// What stands for the text itself where wildcards and variables mean more.
std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool special = text[i] == '*' || text[i] == '?' || text.substr(i, 2) == "${";
    if (special) {
      out.append("${").push_back(text[i]);
      out.push_back('}');
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string json_escaped(std::string_view text) {
  const std::string quoted = codec::write_json(nlohmann::json(std::string(text)));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

std::string expand_target(std::string_view target, std::string_view user_name) {
  return replace(target, [user_name](std::string_view name) -> std::optional<std::string> {
    if (name == "username") return std::string(user_name);
    return std::nullopt;
  });
}

std::string expand_session_policy(const identity::Principal& principal) {
  const bool logical = principal.home_directory_type == model::HomeDirectoryType::kLogical;
  std::string home;
  if (auto clean = clean_path("/", principal.home_directory); clean.ok()) home = clean->substr(1);
  const std::size_t slash = home.find('/');
  const bool variables = has_policy_variables(principal.policy);
  const auto written = [variables](std::string_view value) {
    return json_escaped(variables ? literal(value) : std::string(value));
  };
  return replace(principal.policy, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "username") return written(principal.user_name);
    if (logical) return std::nullopt;
    if (name == "homedirectory") return written(home);
    if (name == "homebucket") return written(home.substr(0, slash));
    if (name == "homefolder")
      return written(slash == std::string::npos ? "" : home.substr(slash + 1));
    return std::nullopt;
  });
}

}  // namespace sallyport::session
