// The JSON log of a server in the managed service's shape: activity types, keys and streams
// (AWS Transfer Family user guide, "Amazon CloudWatch log structure"). Values may be any bytes:
// what is not UTF-8 becomes U+FFFD, and a value is cut at 8 KiB (ssh-public-key at 64 KiB).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "events/event_log.h"
#include "model/server.h"

namespace sallyport::events {

// One line. Keys are the documented ones ("activity-type", "session-id", "bytes-in" as text, …);
// empty values are left out.
struct ServerEvent {
  std::string activity_type;
  std::string user;  // picks the stream "<server-id>/<user>"; the line shows it only in `fields`
  Importance importance = Importance::kTransfer;
  std::vector<std::pair<std::string_view, std::string>> fields;

  ServerEvent& with(std::string_view key, std::string value) {
    fields.emplace_back(key, std::move(value));
    return *this;
  }
};

// The log group of a server: that of StructuredLogDestinations, else "/aws/transfer/<server-id>".
std::string log_group_of(const model::Server& server);

// Writes a server's lines. Cheap to copy; thread-safe.
class ServerLog {
 public:
  ServerLog(EventLog& log, const Clock& clock, const model::Server& server);

  // To the stream "<server-id>/<user>", with resource-arn added.
  void write(ServerEvent event) const;
  // To the stream "ERRORS", with resource-arn added: AUTH_FAILURE and KEX_FAILURE. Always kAccess.
  void write_error_stream(ServerEvent event) const;

 private:
  EventLog* log_;
  const Clock* clock_;
  std::string group_, server_id_, arn_;
};

}  // namespace sallyport::events
