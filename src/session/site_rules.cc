#include "session/site_rules.h"

namespace sallyport::session {

void SiteRules::set_compatibility(std::map<std::string, model::Compatibility> by_server) {
  const std::lock_guard lock(mutex_);
  by_server_ = std::move(by_server);
}

bool SiteRules::is_extended(const model::Server& server) const {
  const auto tag = model::tagged_compatibility(server.tags);
  if (!tag.ok()) return false;
  if (*tag) return **tag == model::Compatibility::kExtended;
  const std::lock_guard lock(mutex_);
  auto said = by_server_.find(server.id.str());
  if (said == by_server_.end()) said = by_server_.find("default");
  return said != by_server_.end() && said->second == model::Compatibility::kExtended;
}

}  // namespace sallyport::session
