// The role in whose name the managed service writes a server's log. Where it cannot be assumed, the
// service closes connections before authentication, and the client reads "Connection closed" (AWS
// Transfer Family user guide, "Troubleshooting", "Connection closed").
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "iam/authorizer.h"
#include "model/server.h"

namespace sallyport::sftp {

// Whether the server's LoggingRole can be assumed by the service on behalf of this server; a server
// without one is fine. Asked for every connection: a repaired trust counts at once, as does a
// broken one. What goes wrong is written to the program's own log, since it is the server's log
// that cannot be written. Errors: kPermissionDenied, kUnavailable. `server` and `authorizer`
// outlive the task.
Task<Result<void>> check_logging_role(iam::Authorizer& authorizer, const model::Server& server);

}  // namespace sallyport::sftp
