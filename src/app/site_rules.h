// What the settings say of servers and users, for sessions.
#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "net/blocking_pool.h"
#include "session/site_rules.h"

namespace sallyport::app {

// With the spool in DATA_DIR. Blocking. All outlive the result.
Result<std::unique_ptr<session::SiteRules>> open_site_rules(const config::Settings& settings,
                                                            const std::string& spool_folder,
                                                            net::BlockingPool& disk,
                                                            const Clock& clock);

// Takes the [servers] sections over; at start-up and when the configuration was read again.
void apply_site_rules(const config::Settings& settings, session::SiteRules& site);

}  // namespace sallyport::app
