// The `transfer` variables of session policies and logical targets (AWS Transfer Family user guide,
// "Creating a session policy for an Amazon S3 bucket" and "Using logical directories"). Names are
// taken in any letter case; what is put in is not looked at again. Pure.
#pragma once

#include <string>
#include <string_view>

#include "identity/principal.h"

namespace sallyport::session {

// ${transfer:UserName}; everything else stays as it is.
std::string expand_target(std::string_view target, std::string_view user_name);

// In a policy's JSON text: ${transfer:UserName} and, unless the home directory is LOGICAL,
// ${transfer:HomeBucket}, ${transfer:HomeFolder} and ${transfer:HomeDirectory}. Values are escaped
// for a JSON string and, in a policy of 2012-10-17, so that they match nothing but themselves: a
// `*` in a folder's name is no wildcard. Variables that do not apply stay, and match nothing in
// such a policy.
std::string expand_session_policy(const identity::Principal& principal);

}  // namespace sallyport::session
