// Where a server's tag wants it to listen (docs/connections.md). Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/server.h"

namespace sallyport::model {

inline constexpr std::string_view kPortTag = "sallyport:sftp-port";

// What the tag among `tags` says, e.g. "2222" or "2222,2223/client-first"; empty where it is not
// there. Error: kInvalidArgument with a sentence that names the tag and what is expected.
Result<std::vector<SftpPort>> tagged_ports(const std::vector<Tag>& tags);

}  // namespace sallyport::model
