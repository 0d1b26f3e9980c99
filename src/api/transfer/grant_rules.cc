#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/transfer/context.h"
#include "api/transfer/grant_form.h"
#include "codec/json.h"

namespace sallyport::api {

namespace {

using nlohmann::json;

// Without slashes at the end; "/" becomes "".
std::string_view without_end_slash(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// `inner` is `outer` or lies below it. Both without slashes at the end.
bool lies_within(std::string_view inner, std::string_view outer) {
  if (!inner.starts_with(outer)) return false;
  return inner.size() == outer.size() || inner[outer.size()] == '/';
}

Outcome<Done> check_policy(const model::Grant& grant, const model::Server& server,
                           const TransferLimits& limits) {
  if (grant.policy.empty()) return done();
  const auto length = std::count_if(grant.policy.begin(), grant.policy.end(),
                                    [](char c) { return (c & 0xC0) != 0x80; });
  if (length > limits.session_policy_characters)
    return quota_exceeded("PolicySize", limits.session_policy_characters);
  const auto parsed = codec::parse_json(grant.policy);
  if (!parsed.ok() || !parsed->is_object())
    return invalid_request("Policy is not a valid JSON document");
  if (server.domain != "S3") return invalid_request("Policy is supported for Domain: S3 only");
  return done();
}

}  // namespace

Outcome<Done> check_mappings(const std::vector<model::HomeDirectoryMapEntry>& mappings,
                             std::string_view home_directory) {
  std::vector<std::string_view> entries;
  entries.reserve(mappings.size());
  for (const auto& mapping : mappings) entries.push_back(without_end_slash(mapping.entry));

  // In this order whatever lies within an entry stands behind it, with only its siblings in
  // between.
  std::sort(entries.begin(), entries.end(), [](std::string_view a, std::string_view b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
      return rank(x) < rank(y);
    });
  });
  for (std::size_t i = 1; i < entries.size(); ++i) {
    if (entries[i - 1].empty())
      return invalid_request("HomeDirectoryMappings entry / must be the only mapping");
    if (lies_within(entries[i], entries[i - 1]))
      return invalid_request("HomeDirectoryMappings entries must not overlap");
  }

  if (home_directory.empty()) return done();
  const std::string_view home = without_end_slash(home_directory);
  const bool covered =
      home.empty() || std::any_of(entries.begin(), entries.end(),
                                  [&](std::string_view e) { return lies_within(home, e); });
  if (!covered) return invalid_request("HomeDirectory must be covered by HomeDirectoryMappings");
  return done();
}

Outcome<Done> check_grant(const model::Grant& grant, const model::Server& server,
                          const TransferLimits& limits) {
  if (grant.home_directory_type == model::HomeDirectoryType::kLogical) {
    if (grant.home_directory_mappings.empty())
      return invalid_request("HomeDirectoryMappings required for HomeDirectoryType: LOGICAL");
    TRY(check_mappings(grant.home_directory_mappings, grant.home_directory));
  } else if (!grant.home_directory_mappings.empty()) {
    return invalid_request("HomeDirectoryMappings unsupported for HomeDirectoryType: PATH");
  }
  TRY(check_policy(grant, server, limits));
  if (server.domain == "EFS" && !grant.posix_profile)
    return invalid_request("PosixProfile required for Domain: EFS");
  return done();
}

}  // namespace sallyport::api
