// The log of a server in the managed service's shape (AWS Transfer Family user guide, "CloudWatch
// log structure for Transfer Family"): activity types, fields, groups and streams, in JSON and in
// the older text format. The two are "configured and controlled separately" (the guide, "Creating,
// updating, and viewing logging for servers"): StructuredLogDestinations turns JSON on, LoggingRole
// turns text on, and a server may have both. Values may be any bytes: what is not UTF-8 becomes
// U+FFFD, and a value is cut at 8 KiB (ssh-public-key at 64 KiB).
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

// The log groups of a server by format; empty: not written in that format.
struct LogGroups {
  std::string json;  // that of StructuredLogDestinations
  std::string text;  // "/aws/transfer/<server-id>"
};
// A server with neither StructuredLogDestinations nor LoggingRole writes JSON to
// "/aws/transfer/<server-id>", where the managed service would write nothing.
LogGroups log_groups_of(const model::Server& server);

// Writes a server's lines. Cheap to copy; thread-safe.
class ServerLog {
 public:
  ServerLog(EventLog& log, const Clock& clock, const model::Server& server);

  // JSON to the stream "<server-id>/<user>", with resource-arn added; text to the stream
  // "<user>.<session-id>", with the session-id of the event's fields.
  void write(const ServerEvent& event) const;
  // To the stream "ERRORS": AUTH_FAILURE and KEX_FAILURE. Always kAccess.
  void write_error_stream(const ServerEvent& event) const;

 private:
  EventLog* log_;
  const Clock* clock_;
  LogGroups groups_;
  std::string server_id_, arn_;
};

}  // namespace sallyport::events
