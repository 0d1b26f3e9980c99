// The audit log: one event a call in CloudTrail's record shape (AWS CloudTrail user guide,
// "CloudTrail record contents"), to the log group /aws/cloudtrail.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "model/ids.h"

namespace sallyport::events {
class EventLog;
}

namespace sallyport::api {

struct Caller;

inline constexpr std::string_view kAuditLogGroup = "/aws/cloudtrail";
// What stands in the place of a secret in an audit event.
inline constexpr std::string_view kHiddenInAudit = "HIDDEN_DUE_TO_SECURITY_REASONS";

// What a service tells of a call; texts of JSON, without secrets, or empty.
struct AuditNote {
  std::string event_source;  // "transfer.amazonaws.com"
  std::string event_name;    // "CreateServer"; empty: nothing that could be named was asked for
  bool read_only = false;
  bool data_event = false;         // of S3 objects
  std::string request_parameters;  // an object, members in lower camel case
  std::string response_elements;   // an object; of calls that change something
  std::string resources;           // an array of {"type", "ARN", "accountId"}
  std::string error_code;
  std::string error_message;
};

// Bounds of one event's parts, bytes of JSON; what is larger is told as {"omitted": true}.
inline constexpr std::size_t kMaxAuditPart = 100 * 1024;

// Thread-safe.
class AuditLog {
 public:
  // Without `data_events` notes of S3 objects are not written.
  AuditLog(events::EventLog& log, Random& random, model::Place place, bool data_events = true)
      : log_(log), random_(random), place_(std::move(place)), data_events_(data_events) {}

  // Nothing for a note without an event name. Never waits: when the log cannot take what comes in,
  // reads and events of objects are shed first. A caller who is anonymous but for his access key
  // has not proved whose it is.
  void write(const Caller& caller, const AuditNote& note);

 private:
  events::EventLog& log_;
  Random& random_;
  model::Place place_;
  bool data_events_;
};

}  // namespace sallyport::api
