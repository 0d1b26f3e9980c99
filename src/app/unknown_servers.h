// Configuration sections of servers that are not there: what they guard, they guard for nobody.
#pragma once

#include <string>
#include <vector>

#include "base/task.h"
#include "state/resource_store.h"

namespace sallyport::app {

// Warns in the program's log of each of the ids in [servers."…"] that no server has. On a loop;
// `resources` outlives the task.
Task<void> warn_of_unknown_servers(state::ResourceStore& resources, std::vector<std::string> ids);

}  // namespace sallyport::app
