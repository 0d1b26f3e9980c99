// The audit log: one event a call in CloudTrail's record shape (AWS CloudTrail user guide,
// "CloudTrail record contents"), to the log group /aws/cloudtrail.
#pragma once

#include <nlohmann/json_fwd.hpp>
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
  bool data_event = false;  // of S3 objects
  std::string request_parameters;
  std::string response_elements;
  std::string error_code;
  std::string error_message;
};

// Thread-safe.
class AuditLog {
 public:
  AuditLog(events::EventLog& log, Random& random, model::Place place)
      : log_(log), random_(random), place_(std::move(place)) {}
  void write(const Caller& caller, const AuditNote& note);

 private:
  events::EventLog& log_;
  Random& random_;
  model::Place place_;
};

}  // namespace sallyport::api
