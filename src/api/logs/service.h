// The reading half of CloudWatch Logs over AWS JSON 1.1 (Logs_20140328): what `aws logs tail`,
// `filter-log-events` and `get-log-events` need.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "api/caller.h"
#include "api/fault.h"
#include "api/page_token.h"
#include "api/services.h"
#include "base/task.h"
#include "http/message.h"

namespace sallyport::api {

inline constexpr std::string_view kLogsTarget = "Logs_20140328.";

// Outlives every call. Thread-safe.
struct LogsContext {
  events::EventLog& log;
  model::Place place;
  PageTokens tokens;
};

Task<Outcome<nlohmann::json>> describe_log_groups(const LogsContext& context,
                                                  nlohmann::json request);
Task<Outcome<nlohmann::json>> describe_log_streams(const LogsContext& context,
                                                   nlohmann::json request);
Task<Outcome<nlohmann::json>> filter_log_events(const LogsContext& context, nlohmann::json request);
Task<Outcome<nlohmann::json>> get_log_events(const LogsContext& context, nlohmann::json request);

// Whether `name` is an operation of this service that exists.
bool is_logs_operation(std::string_view name);

// Thread-safe.
class LogsService {
 public:
  LogsService(LogsContext context, iam::Authorizer& authorizer)
      : context_(std::move(context)), authorizer_(authorizer) {}
  // `target` is X-Amz-Target; `caller` outlives the task. Asks for logs:<operation> on the log
  // group or stream that the request names (Service Authorization Reference, "Amazon CloudWatch
  // Logs"). Fills `caller.audit`, if there is one.
  Task<http::HttpResponse> handle(std::string target, std::string body, const Caller& caller);

 private:
  LogsContext context_;
  iam::Authorizer& authorizer_;
};

}  // namespace sallyport::api
