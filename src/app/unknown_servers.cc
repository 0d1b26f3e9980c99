#include "app/unknown_servers.h"

#include <spdlog/spdlog.h>

#include "state/repository.h"

namespace sallyport::app {

Task<void> warn_of_unknown_servers(state::ResourceStore& resources, std::vector<std::string> ids) {
  state::Repository<model::Server> servers(resources);
  for (const std::string& id : ids) {
    if (id == "default") continue;
    const auto found = co_await servers.get("", id);
    if (found.ok() || found.error().code != Errc::kNotFound) continue;
    spdlog::warn("the configuration has a section [servers.\"{}\"], and there is no such server: "
                 "`aws transfer list-servers` tells which there are",
                 id);
  }
}

}  // namespace sallyport::app
