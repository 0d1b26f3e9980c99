#include "app/server_gate.h"

#include <fmt/format.h>

namespace sallyport::app {

Result<void> check_served(const model::Server& server, bool file_systems) {
  for (const std::string& protocol : server.protocols)
    if (protocol != "SFTP")
      return Error(Errc::kUnsupported,
                   fmt::format("{} is not available in this version; remove it from Protocols", protocol));
  if (server.domain == "EFS" && !file_systems)
    return Error(Errc::kUnsupported,
                 "its Domain is EFS and no file system is configured; name one as [file_systems.\"fs-…\"] in the "
                 "configuration (docs/file-systems.md)");
  if (server.identity_provider_type != "SERVICE_MANAGED")
    return Error(Errc::kUnsupported, fmt::format("the identity provider {} is not available in this version; "
                                                 "use SERVICE_MANAGED", server.identity_provider_type));
  if (!server.on_upload.empty() || !server.on_partial_upload.empty())
    return Error(Errc::kUnsupported, "managed workflows are not run in this version; "
                                     "remove WorkflowDetails (\"OnUpload\": [], \"OnPartialUpload\": [])");
  return ok();
}

}  // namespace sallyport::app
