// What `sallyport doctor` wants to know of the machine.
#pragma once

#include <string>

#include "api/support/host_facts.h"
#include "base/clock.h"

namespace sallyport::app {

// Looks at the data folder: space, modes, and a file that is written and taken away again. Blocks.
api::HostFacts host_facts(const std::string& data_dir, const Clock& clock);

}  // namespace sallyport::app
