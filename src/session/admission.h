// Whether a server can serve a user at all, whatever he proved. Pure.
#pragma once

#include "session/session.h"

namespace sallyport::session {

// Where the server's Domain is EFS, the user has a POSIX profile that can be used, and this program
// can act as it. Errors: kInvalidArgument, kUnsupported with the reason for operators.
Result<void> can_be_served(const SessionServices& services, const model::Server& server,
                           const identity::Principal& principal);

}  // namespace sallyport::session
