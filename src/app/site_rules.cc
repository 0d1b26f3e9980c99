#include "app/site_rules.h"

#include <utility>

namespace sallyport::app {
namespace {

using config::UserLimitSettings;

session::UserRules rules_of(const UserLimitSettings& own, const UserLimitSettings& common) {
  const auto value = [&](std::optional<std::int64_t> UserLimitSettings::*member) {
    return static_cast<std::uint64_t>((own.*member).value_or((common.*member).value_or(0)));
  };
  session::UserRules rules;
  rules.max_sessions = value(&UserLimitSettings::max_sessions);
  rules.bandwidth_in = value(&UserLimitSettings::bandwidth_in);
  rules.bandwidth_out = value(&UserLimitSettings::bandwidth_out);
  rules.upload_bytes_per_day = value(&UserLimitSettings::upload_bytes_per_day);
  rules.upload_files_per_day = value(&UserLimitSettings::upload_files_per_day);
  return rules;
}

}  // namespace

Result<std::unique_ptr<session::SiteRules>> open_site_rules(const config::Settings& settings,
                                                            const std::string& spool_folder,
                                                            net::BlockingPool& disk,
                                                            const Clock& clock) {
  session::SpoolOptions options;
  options.folder = spool_folder;
  options.bytes = static_cast<std::uint64_t>(settings.storage_spool_bytes);
  options.file_bytes = static_cast<std::uint64_t>(settings.storage_spool_file_bytes);
  TRY_ASSIGN(auto spool, session::Spool::open(std::move(options), disk));
  auto site = std::make_unique<session::SiteRules>(std::move(spool), clock);
  apply_site_rules(settings, *site);
  return site;
}

void apply_site_rules(const config::Settings& settings, session::SiteRules& site) {
  std::map<std::string, model::Compatibility> compatibility;
  session::UserRuleBook book;
  for (const auto& [id, section] : settings.servers) {
    if (const auto said = model::compatibility_from(section.compatibility))
      compatibility.emplace(id, *said);
    session::ServerUserRules& rules = book[id];
    rules.everyone = rules_of(section.user_limits, section.user_limits);
    for (const auto& [user, own] : section.users)
      rules.users.emplace(user, rules_of(own, section.user_limits));
  }
  site.set_compatibility(std::move(compatibility));
  site.limits().apply(std::move(book));
}

}  // namespace sallyport::app
