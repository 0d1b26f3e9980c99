// The reading half of CloudWatch Logs over AWS JSON 1.1 (Logs_20140328): what `aws logs tail`,
// `filter-log-events` and `get-log-events` need.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

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

// Thread-safe.
class LogsService {
 public:
  explicit LogsService(LogsContext context) : context_(std::move(context)) {}
  Task<http::HttpResponse> handle(std::string target, std::string body, const Caller& caller);

 private:
  LogsContext context_;
};

}  // namespace sallyport::api
