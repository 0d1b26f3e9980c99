// A security policy as the settings of the SSH engine.
#pragma once

#include "model/security_policy.h"
#include "ssh/server_settings.h"

namespace sallyport::app {

// Sets what `settings` offers to what the policy names, in its order. Algorithms that this build
// does not have are left out; the operator's log says so, once a name.
void apply_security_policy(const model::SecurityPolicy& policy, ssh::ServerSettings& settings);

}  // namespace sallyport::app
