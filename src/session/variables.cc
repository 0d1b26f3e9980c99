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
  return replace(principal.policy, [&](std::string_view name) -> std::optional<std::string> {
    if (name == "username") return json_escaped(principal.user_name);
    if (logical) return std::nullopt;
    if (name == "homedirectory") return json_escaped(home);
    if (name == "homebucket") return json_escaped(home.substr(0, slash));
    if (name == "homefolder")
      return json_escaped(slash == std::string::npos ? "" : home.substr(slash + 1));
    return std::nullopt;
  });
}

}  // namespace sallyport::session
